"""What a resource of a template became when it was deployed."""

from collections.abc import Callable
from typing import Any

from cdk_sagemaker_processing.local.deploying.assembly import Resource, Workflow

__all__ = ["physical_name"]


def physical_name(client_of: Callable[[str], Any], resource: Resource | Workflow) -> str:
    """Return CloudFormation's physical id of a resource: its name, its ARN, or whatever names it.

    Args:
        client_of: Makes boto3 clients of the stack's account and region.
        resource: The resource.
    """
    answer = client_of("cloudformation").describe_stack_resource(
        StackName=resource.stack.name, LogicalResourceId=resource.logical_id
    )
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])
