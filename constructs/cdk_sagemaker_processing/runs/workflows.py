"""Workflows that are deployed, found by the outputs of their stacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.deployed.stacks import place_of, read_stacks
from cdk_sagemaker_processing.runs.follower import ClientOf

__all__ = ["Workflow", "choose_workflow", "find_workflow", "find_workflows", "is_named"]

# What ProcessingWorkflow writes in the description of its output.
_DESCRIBED = "Step Functions state machine of workflow "
_MACHINE = ":stateMachine:"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A deployed workflow.

    Attributes:
        path: Its construct path, such as `Flights/Nightly`; the machine's name where the workflow
            was named by its ARN.
        stack: The stack's name; empty where it was named by its ARN.
        machine_arn: The ARN of its state machine.
    """

    path: str
    stack: str
    machine_arn: str

    def execution_arn(self, name: str) -> str:
        """Return the ARN of its execution of a name."""
        return f"{self.machine_arn.replace(_MACHINE, ':execution:')}:{name}"


def find_workflows(client_of: ClientOf, stack: str | None = None) -> tuple[Workflow, ...]:
    """Return the workflows of a stack, or of all stacks of the account in the region.

    Args:
        client_of: Makes boto3 clients.
        stack: The stack's name; all stacks by default.

    Raises:
        DeployedError: If stacks cannot be listed, or there is no such stack.
    """
    stacks = read_stacks(client_of("cloudformation"), stack)
    return tuple(workflow for one in stacks for workflow in _workflows(one))


def find_workflow(client_of: ClientOf, name: str, stack: str | None = None) -> Workflow:
    """Return the workflow that a name means.

    Args:
        client_of: Makes boto3 clients.
        name: Its construct path, an end of that path that no other has, or its state machine's
            ARN.
        stack: The stack's name; all stacks by default.

    Raises:
        DeployedError: If none is meant, or several; the error lists those there are.
    """
    if _MACHINE in name:
        return Workflow(name.rpartition(":")[2], "", name)
    return choose_workflow(find_workflows(client_of, stack), name, stack)


def choose_workflow(workflows: Sequence[Workflow], name: str, stack: str | None = None) -> Workflow:
    """Return the one of some workflows that a name means.

    Args:
        workflows: Those there are.
        name: A construct path, or its end.
        stack: The stack that was looked at, None for all.

    Raises:
        DeployedError: If none is meant, or several.
    """
    meant = [workflow for workflow in workflows if is_named(workflow, name)]
    whole = [workflow for workflow in meant if workflow.path == name]
    if len(whole or meant) == 1:
        return (whole or meant)[0]
    if not workflows:
        raise DeployedError(
            f"no workflow in {place_of(stack)}: deploy a stack that has a "
            "processing.ProcessingWorkflow, or look elsewhere by --profile and --region"
        )
    there = ", ".join(f"{one.path} (stack {one.stack})" for one in meant or workflows)
    if not meant:
        raise DeployedError(f"no workflow {name} in {place_of(stack)}; there are: {there}")
    raise DeployedError(
        f"{name} is the end of several workflows' paths, name more of it or --stack: {there}"
    )


def is_named(workflow: Workflow, name: str) -> bool:
    """Whether a name is a workflow's path, or the end of it."""
    wanted = name.strip("/")
    return f"/{workflow.path}".endswith(f"/{wanted}") and bool(wanted)


def _workflows(stack: Mapping[str, Any]) -> Iterator[Workflow]:
    for output in stack.get("Outputs", ()):
        path = output.get("Description", "").partition(_DESCRIBED)[2]
        value = output.get("OutputValue", "")
        if path and _MACHINE in value:
            yield Workflow(path, stack["StackName"], value)
