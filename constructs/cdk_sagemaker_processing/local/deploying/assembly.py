"""What a CDK app synthesized: its stacks, and the state machines in their templates."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cdk_sagemaker_processing.local.errors import LocalCloudError

_MACHINE = "AWS::StepFunctions::StateMachine"
_LOGICAL_ID = "aws:cdk:logicalId"
_WARNING = "aws:cdk:warning"
_UNKNOWN = ("unknown-account", "unknown-region")


_Named = TypeVar("_Named", "Resource", "Workflow")


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of a cloud assembly.

    Attributes:
        path: The path by which the CDK CLI selects it, such as `Prod/Flights`.
        name: CloudFormation's name of it.
        account: The account that it asks for; None if it leaves that to the deployment.
        region: The region that it asks for; None if it leaves that to the deployment.
        template: The file of its template.
        constructs: The construct paths of its resources by their ids in the template.
        warnings: What its constructs warn of, each with its construct path.
    """

    path: str
    name: str
    account: str | None
    region: str | None
    template: Path
    constructs: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack.

    Attributes:
        stack: The stack that holds it.
        kind: CloudFormation's type of it.
        path: The construct path, such as `Flights/Raw`, of what made it.
        logical_id: Its id in the template.
    """

    stack: Stack
    kind: str
    path: str
    logical_id: str


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


def read_resources(stacks: Sequence[Stack]) -> tuple[Resource, ...]:
    """Return the resources in the stacks' templates, in the templates' order."""
    return tuple(resource for stack in stacks for resource in _resources(stack))


def read_workflows(stacks: Sequence[Stack]) -> tuple[Workflow, ...]:
    """Return the state machines in the stacks' templates, in the templates' order."""
    return tuple(
        Workflow(one.stack, one.path, one.logical_id)
        for one in read_resources(stacks)
        if one.kind == _MACHINE
    )


def choose_workflow(
    workflows: Sequence[Workflow], wanted: str | None, by: str = "by --workflow"
) -> Workflow:
    """Return the one workflow meant by a construct path, a part of one, or a logical id.

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
    meant = find_called(workflows, wanted) if wanted is not None else workflows
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(workflow.path for workflow in (meant or workflows))
    if wanted is None:
        raise LocalCloudError(f"the app has {len(meant)} workflows: choose one {by}: {names}")
    if not meant:
        raise LocalCloudError(f"the app has no workflow {wanted!r}: choose one {by}: {names}")
    raise LocalCloudError(f"{wanted!r} means more than one workflow: choose one {by}: {names}")


def find_called(ones: Sequence[_Named], wanted: str) -> list[_Named]:
    """Return the resources meant by a construct path, a part of one, or a logical id.

    What it names in whole goes before what it is the start of, and this before what only holds it.

    Args:
        ones: Those to choose from.
        wanted: Such as `Flights/Nightly`, or `Nightly`.
    """
    path = wanted.strip("/")
    return (
        [one for one in ones if path in _names(one)]
        or [one for one in ones if one.path.startswith(f"{path}/")]
        or [one for one in ones if f"/{path}/" in f"/{one.path}/"]
    )


def _names(one: Resource | Workflow) -> tuple[str, ...]:
    return one.path, one.logical_id, f"{one.stack.name}/{one.logical_id}"


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
    metadata = list(_metadata(assembly, artifact))
    return Stack(
        path=artifact.get("displayName", identity),
        name=properties.get("stackName", identity),
        account=None if account in _UNKNOWN else account,
        region=None if region in _UNKNOWN else region,
        template=assembly / properties["templateFile"],
        # A template has the paths too, but not where the app was run without the CDK CLI.
        constructs={data: path for path, kind, data in metadata if kind == _LOGICAL_ID},
        warnings=tuple(f"{path}: {data}" for path, kind, data in metadata if kind == _WARNING),
    )


def _metadata(assembly: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield what a stack's constructs say of themselves: their paths, of what kind, and what."""
    metadata = artifact.get("metadata", {})
    if "additionalMetadataFile" in artifact:
        metadata |= json.loads((assembly / artifact["additionalMetadataFile"]).read_text())
    for path, entries in metadata.items():
        for entry in entries:
            yield path.removeprefix("/"), entry["type"], entry.get("data")


def _resources(stack: Stack) -> Iterator[Resource]:
    template = json.loads(stack.template.read_text())
    for logical_id, resource in template.get("Resources", {}).items():
        path = (
            stack.constructs.get(logical_id)
            or resource.get("Metadata", {}).get("aws:cdk:path")
            or f"{stack.name}/{logical_id}"
        )
        yield Resource(stack, resource["Type"], path.removesuffix("/Resource"), logical_id)
