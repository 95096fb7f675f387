"""What a CDK app synthesized: its stacks, and the state machines in their templates."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.errors import LocalCloudError

_UNKNOWN = ("unknown-account", "unknown-region")


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of a cloud assembly.

    Attributes:
        path: The path by which the CDK CLI selects it, such as `Prod/Flights`.
        name: CloudFormation's name of it.
        account: The account that it asks for; None if it leaves that to the deployment.
        region: The region that it asks for; None if it leaves that to the deployment.
        template: The file of its template.
    """

    path: str
    name: str
    account: str | None
    region: str | None
    template: Path


@dataclass(frozen=True, slots=True)
class Workflow:
    """One state machine of a stack.

    Attributes:
        stack: The stack that holds it.
        path: Its construct path, such as `Flights/Nightly/StateMachine`.
        logical_id: Its id in the template.
    """

    stack: Stack
    path: str
    logical_id: str


def read_stacks(assembly: Path) -> tuple[Stack, ...]:
    """Return the stacks of a cloud assembly, those of its stages included.

    Args:
        assembly: The folder that the app synthesized into.
    """
    return tuple(_stacks(assembly))


def read_workflows(stacks: Sequence[Stack]) -> tuple[Workflow, ...]:
    """Return the state machines in the stacks' templates, in the templates' order."""
    return tuple(workflow for stack in stacks for workflow in _workflows(stack))


def choose_workflow(
    workflows: Sequence[Workflow], wanted: str | None, by: str = "by --workflow"
) -> Workflow:
    """Return the one workflow meant by a construct path, the start of one, or a logical id.

    Args:
        workflows: Those to choose from.
        wanted: Such as `Flights/Nightly`; None if there is only one.
        by: How a person chooses one, for messages.

    Raises:
        LocalCloudError: If none is meant or more than one.
    """
    if not workflows:
        raise LocalCloudError(
            "the app has no state machine: add a ProcessingWorkflow, or a StateMachine, to a stack",
        )
    meant = [workflow for workflow in workflows if wanted is None or _is(workflow, wanted)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(workflow.path for workflow in (meant or workflows))
    if wanted is None:
        raise LocalCloudError(f"the app has {len(meant)} workflows: choose one {by}: {names}")
    if not meant:
        raise LocalCloudError(f"the app has no workflow {wanted!r}: choose one {by}: {names}")
    raise LocalCloudError(f"{wanted!r} means more than one workflow: choose one {by}: {names}")


def _is(workflow: Workflow, wanted: str) -> bool:
    path = wanted.strip("/")
    names = (workflow.path, workflow.logical_id, f"{workflow.stack.name}/{workflow.logical_id}")
    return path in names or workflow.path.startswith(f"{path}/")


def _stacks(assembly: Path) -> Iterator[Stack]:
    manifest = json.loads((assembly / "manifest.json").read_text())
    for identity, artifact in manifest.get("artifacts", {}).items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "aws:cloudformation:stack":
            yield _stack(assembly, identity, artifact, properties)
        elif artifact["type"] == "cdk:cloud-assembly":
            yield from _stacks(assembly / properties["directoryName"])


def _stack(
    assembly: Path,
    identity: str,
    artifact: dict[str, Any],
    properties: dict[str, Any],
) -> Stack:
    account, region = artifact["environment"].removeprefix("aws://").split("/")
    return Stack(
        path=artifact.get("displayName", identity),
        name=properties.get("stackName", identity),
        account=None if account in _UNKNOWN else account,
        region=None if region in _UNKNOWN else region,
        template=assembly / properties["templateFile"],
    )


def _workflows(stack: Stack) -> Iterator[Workflow]:
    template = json.loads(stack.template.read_text())
    for logical_id, resource in template.get("Resources", {}).items():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            path = resource.get("Metadata", {}).get("aws:cdk:path", f"{stack.name}/{logical_id}")
            yield Workflow(stack, path.removesuffix("/Resource"), logical_id)
