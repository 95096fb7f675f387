"""The requests of the processing jobs of a cloud assembly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.local.deploying.assembly import Workflow
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.runs.definition import inner_machines, is_job, request_of
from cdk_sagemaker_processing.synthesized.expressions import plain
from cdk_sagemaker_processing.synthesized.machines import read_machine

__all__ = ["JobStep", "choose_step", "read_steps"]


@dataclass(frozen=True, slots=True)
class JobStep:
    """A state that makes a processing job.

    Attributes:
        workflow: Its state machine.
        name: Its name.
        request: The `CreateProcessingJob` request: expressions of the query language in braces,
            what CloudFormation fills in as its intrinsic functions.
    """

    workflow: Workflow
    name: str
    request: Mapping[str, Any]


def read_steps(workflows: Sequence[Workflow]) -> tuple[JobStep, ...]:
    """Return the states of some state machines that make processing jobs.

    Args:
        workflows: The state machines.

    Raises:
        LocalCloudError: If a definition cannot be read.
    """
    return tuple(step for workflow in workflows for step in _steps(workflow))


def choose_step(steps: Sequence[JobStep], name: str) -> JobStep:
    """Return the one step of a name.

    Args:
        steps: Those there are.
        name: The state's name.

    Raises:
        LocalCloudError: If there is none, or several; the error lists what there is.
    """
    meant = [step for step in steps if step.name == name]
    if len(meant) == 1:
        return meant[0]
    if meant:
        paths = ", ".join(step.workflow.path for step in meant)
        raise LocalCloudError(
            f"several state machines have a step {name!r}: choose one by --workflow: {paths}"
        )
    if not steps:
        raise LocalCloudError("the app has no state that makes a processing job")
    there = ", ".join(dict.fromkeys(step.name for step in steps))
    raise LocalCloudError(f"no step {name!r} makes a processing job; those that do: {there}")


def _steps(workflow: Workflow) -> Iterator[JobStep]:
    machine = read_machine(workflow)
    for name, state in _job_states(machine.value):
        yield JobStep(workflow, name, machine.restore(plain(request_of(state))))


def _job_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in machine.get("States", {}).items():
        if is_job(state):
            yield name, state
        for inner in inner_machines(state):
            yield from _job_states(inner)
