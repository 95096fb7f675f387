"""History Servers in stacks, and what these render to."""

from typing import Any

import aws_cdk as cdk

import cdk_sagemaker_processing as processing
from tests.support import resolved, template_of

__all__ = ["LOGS", "properties", "resources", "server", "told"]

LOGS = "s3://logs/spark-events/"


def server(stack: cdk.Stack, **options: Any) -> processing.SparkHistoryServer:
    """A History Server over event logs that nobody made in the app."""
    return processing.SparkHistoryServer(stack, "History", **{"event_logs": LOGS, **options})


def resources(stack: cdk.Stack, kind: str) -> dict[str, dict[str, Any]]:
    """The stack's resources of a kind, by their logical ids."""
    every = template_of(stack).get("Resources", {})
    return {name: one for name, one in every.items() if one["Type"] == kind}


def properties(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    """The properties of the stack's only resource of a kind, each token as ``<what it names>``."""
    (one,) = resources(stack, kind).values()
    found: dict[str, Any] = resolved(stack, one["Properties"])
    return found


def told(stack: cdk.Stack) -> str:
    """The value of the server's output, each token as ``<what it names>``."""
    (value,) = (
        one["Value"]
        for one in template_of(stack)["Outputs"].values()
        if one.get("Description", "").startswith("History Server ")
    )
    text: str = resolved(stack, value)
    return text
