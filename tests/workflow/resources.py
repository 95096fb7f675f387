"""What tests of a workflow's surroundings need."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import resolved, template_of

__all__ = ["MACHINE", "of_kind", "workflow"]

MACHINE = "<NightlyStateMachineF28BA435>"


def workflow(stack: cdk.Stack, **options: Any) -> processing.ProcessingWorkflow:
    """A workflow of one state."""
    return processing.ProcessingWorkflow(
        stack, "Nightly", definition=sfn.Pass(stack, "Pass"), **options
    )


def of_kind(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    """The properties of a stack's resources of a kind."""
    return [
        resolved(stack, one.get("Properties", {}))
        for one in template_of(stack)["Resources"].values()
        if one["Type"] == kind
    ]
