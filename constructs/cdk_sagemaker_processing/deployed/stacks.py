"""Stacks of an account and region, whose outputs say what is deployed."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.deployed.errors import DeployedError, explained, is_denied

__all__ = ["place_of", "read_stacks"]


def read_stacks(
    cloudformation: Any, stack: str | None, kind: type[DeployedError] = DeployedError
) -> list[Mapping[str, Any]]:
    """Return the stack of a name, or all stacks, as `DescribeStacks` describes them.

    Args:
        cloudformation: A boto3 client of CloudFormation.
        stack: The stack's name; None for all.
        kind: The error to raise.

    Raises:
        DeployedError: If stacks cannot be listed, or there is no such stack.
    """
    with explained(kind):
        try:
            return _stacks(cloudformation, stack)
        except ClientError as error:
            if stack is None and is_denied(error):
                raise kind(
                    "not allowed to list the stacks (cloudformation:DescribeStacks): name the "
                    "stack by --stack"
                ) from error
            if stack and error.response["Error"]["Code"] == "ValidationError":
                raise kind(f"no stack {stack} in this account and region") from error
            raise


def place_of(stack: str | None) -> str:
    """Return where was looked, for a message."""
    return f"stack {stack}" if stack else "the stacks of this account and region"


def _stacks(cloudformation: Any, stack: str | None) -> list[Mapping[str, Any]]:
    if stack:
        return list(cloudformation.describe_stacks(StackName=stack)["Stacks"])
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return [one for page in pages for one in page["Stacks"]]
