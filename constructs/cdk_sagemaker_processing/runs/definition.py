"""The states of a workflow, read from its definition in the Amazon States Language."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

_PROCESSING_RESOURCE = ":sagemaker:createProcessingJob"
_NESTED = "states:startExecution"
_SKLEARN = "sagemaker-scikit-learn:"
_SPARK = "sagemaker-spark-processing:"


@dataclass(frozen=True, slots=True)
class State:
    """One state of a workflow.

    Attributes:
        name: Its name, of which a definition has only one.
        kind: What it runs: `SKLearn`, `PySpark`, `SparkJar`, `Processing` for a job of another
            image, `service:action` for another task, else the state's type.
        parents: The `Parallel` and `Map` states that it is in, outermost first.
        image_uri: The image of its processing job, where the definition says it.
        helps: The step whose cache it keeps, if it is a state of one.
        items_of: The distributed Maps that it is in, outermost first: each of their items is an
            execution of its own, in whose history the state is.
    """

    name: str
    kind: str
    parents: tuple[str, ...] = ()
    image_uri: str | None = None
    helps: str | None = None
    items_of: tuple[str, ...] = ()

    @property
    def starts_workflow(self) -> bool:
        """Whether it starts an execution of another workflow."""
        return self.kind == _NESTED

    @property
    def is_job(self) -> bool:
        """Whether it runs a processing job."""
        return self.kind in {"SKLearn", "PySpark", "SparkJar", "Processing"}


def read_states(definition: str) -> tuple[State, ...]:
    """Return every state of a definition, in the order in which a run may come to them.

    Args:
        definition: A definition in JSON, as `DescribeStateMachine` returns it.
    """
    return tuple(_states(json.loads(definition), (), ()))


def states_from(states: Sequence[State], first: str) -> tuple[State, ...]:
    """Return the states of an execution that began with one of them.

    That of a distributed Map's item begins with a state in the Map.

    Args:
        states: The states of the definition.
        first: The state that the execution began with.
    """
    outer = next((state.parents for state in states if state.name == first), ())
    return tuple(
        replace(
            state,
            parents=state.parents[len(outer) :],
            items_of=tuple(name for name in state.items_of if name not in outer),
        )
        for state in states
        if state.parents[: len(outer)] == outer
    )


def _states(
    machine: Mapping[str, Any], parents: tuple[str, ...], items_of: tuple[str, ...]
) -> Iterator[State]:
    states: Mapping[str, Any] = machine.get("States", {})
    for name in _in_order(machine.get("StartAt", ""), states):
        state = states[name]
        image_uri = _image_uri(state)
        helps = _helps(name, state)
        yield State(name, _kind(state, image_uri), parents, image_uri, helps, items_of)
        inside = (*items_of, name) if _is_distributed(state) else items_of
        for inner in inner_machines(state):
            yield from _states(inner, (*parents, name), inside)


def _in_order(start: str, states: Mapping[str, Any]) -> Iterator[str]:
    """Walk breadth first from the start; what no transition leads to comes last."""
    waiting = [start, *states]
    seen: set[str] = set()
    ahead = [start]
    while ahead or waiting:
        name = ahead.pop(0) if ahead else waiting.pop(0)
        if name in seen or name not in states:
            continue
        seen.add(name)
        yield name
        ahead.extend(_targets(states[name]))


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    choices = state.get("Choices", ())
    catches = state.get("Catch", ())
    for holder in (state, *choices):
        if "Next" in holder:
            yield holder["Next"]
    if "Default" in state:
        yield state["Default"]
    for catch in catches:
        yield catch["Next"]


def is_job(state: Mapping[str, Any]) -> bool:
    """Return whether a state makes a processing job."""
    return _PROCESSING_RESOURCE in str(state.get("Resource", ""))


def inner_machines(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the machines in a `Parallel` or `Map` state, none of any other."""
    yield from state.get("Branches", ())
    for member in ("ItemProcessor", "Iterator"):
        if member in state:
            yield state[member]


def _is_distributed(state: Mapping[str, Any]) -> bool:
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return bool(config.get("Mode") == "DISTRIBUTED")


def _kind(state: Mapping[str, Any], image_uri: str | None) -> str:
    resource = str(state.get("Resource", ""))
    if is_job(state):
        return _job_kind(image_uri or "", request_of(state).get("AppSpecification", {}))
    if state.get("Type") != "Task":
        return str(state.get("Type", ""))
    if ":states:::" in resource:
        return resource.partition(":states:::")[2].partition(".")[0].removeprefix("aws-sdk:")
    return "lambda:invoke" if ":lambda:" in resource else "Task"


def _job_kind(image_uri: str, application: Any) -> str:
    if _SKLEARN in image_uri:
        return "SKLearn"
    if _SPARK not in image_uri:
        return "Processing"
    # An entrypoint with a run-time value in it is one intrinsic function's text.
    return "SparkJar" if "--class" in json.dumps(application) else "PySpark"


def _helps(name: str, state: Mapping[str, Any]) -> str | None:
    """Return the step whose cache a state keeps, as its name and its comment tell."""
    step, between, _ = name.rpartition(": ")
    is_helper = between and str(state.get("Comment", "")).startswith(f"Cache of {step}: ")
    return step if is_helper else None


def _image_uri(state: Mapping[str, Any]) -> str | None:
    application = request_of(state).get("AppSpecification", {})
    value = application.get("ImageUri") if isinstance(application, Mapping) else None
    return value if isinstance(value, str) and not value.startswith("{%") else None


def request_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a task's request: its `Parameters`, or its `Arguments` in JSONata."""
    request = state.get("Parameters", state.get("Arguments", {}))
    return request if isinstance(request, Mapping) else {}
