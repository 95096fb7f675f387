"""What is wrong with a state machine of steps, as its definition alone tells.

Each function names the states or steps that one rule of ``machines`` is about.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.steps.container import EVENT_LOGS_OUTPUT
from cdk_sagemaker_processing.steps.state.definitions import is_distributed, scopes, states_in

__all__ = [
    "Member",
    "elsewhere",
    "express",
    "misplaced",
    "overwriting",
    "strangers",
    "unassigned",
]

# What is the same in all iterations of a Map, or never twice, though it is no path.
_OF_EXECUTION = ("$$.Execution.", "$states.context.Execution.")
_UNIQUE = ("States.UUID", "States.MathRandom")


@dataclass(frozen=True, slots=True)
class Member:
    """A step of a state machine, as far as the machine's other steps matter.

    Attributes:
        path: The step's path in the app.
        jobs: What the names of its jobs begin with.
        reads: What the names of the jobs begin with whose outputs it reads,
            where these lie under the execution's name.
        variables: The names of the workflow variables that its request holds.
    """

    path: str
    jobs: str
    reads: frozenset[str]
    variables: frozenset[str] = frozenset()


def misplaced(definition: Mapping[str, Any]) -> list[str]:
    """The names of the JSONPath tasks in a JSONata machine's definition."""
    if definition.get("QueryLanguage") != "JSONata":
        return []
    return [
        name
        for name, state in states_in(definition)
        if "Parameters" in state and state.get("QueryLanguage", "JSONata") == "JSONata"
    ]


def unassigned(definition: Mapping[str, Any], members: Iterable[Member]) -> list[tuple[str, str]]:
    """The steps of a machine that hold variables which it does not assign, and these."""
    asking = [one for one in members if one.variables]
    if not asking:
        return []
    found = []
    for states in scopes(definition):
        text = json.dumps(states)
        assigned = {name for state in states for name in _assigned(state)}
        found += [
            (one.path, name)
            for one in asking
            if one.jobs in text
            for name in sorted(one.variables - assigned)
        ]
    return list(dict.fromkeys(found))


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for one in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (name.removesuffix(".$") for name in one.get("Assign", {}))


def elsewhere(definition: Mapping[str, Any], members: Iterable[Member]) -> list[str]:
    """The steps of a machine that read what another of its executions writes."""
    reading = [one for one in members if one.reads]
    if not reading:
        return []
    texts = [json.dumps(states) for states in scopes(definition)]
    return [
        one.path
        for one in reading
        for text in texts
        if one.jobs in text and any(_is_in(others, one.reads, text) for others in texts)
    ]


def _is_in(others: str, jobs: Iterable[str], text: str) -> bool:
    return any(one in others and one not in text for one in jobs)


def express(definition: Mapping[str, Any], kind: str | None = None) -> list[str]:
    """The names of the states that wait for jobs in executions that cannot.

    Args:
        definition: The machine's definition.
        kind: The machine's type; ``STANDARD`` by default.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """
    inside = [
        state["ItemProcessor"]
        for _, state in states_in(definition)
        if is_distributed(state)
        and state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") == "EXPRESS"
    ]
    return [
        name
        for machine in ([definition] if kind == "EXPRESS" else inside)
        for name, state in states_in(machine)
        if state.get("Resource", "").endswith(":sagemaker:createProcessingJob.sync")
    ]


def overwriting(definition: Mapping[str, Any]) -> list[str]:
    """The names of the jobs in a Map of which each iteration writes to the same place."""
    return [
        name
        for _, state in states_in(definition)
        if state["Type"] == "Map" and not is_distributed(state)
        for name, inner in states_in(state.get("ItemProcessor") or state.get("Iterator") or {})
        if any(map(_is_fixed, _destinations(inner)))
    ]


def _destinations(state: Mapping[str, Any]) -> Iterator[str]:
    """Where a job's outputs go; not Spark's event logs, which have names of their own."""
    request = state.get("Parameters") or state.get("Arguments") or {}
    if "createProcessingJob" in state.get("Resource", ""):
        for output in request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            to = output.get("S3Output", {})
            if output.get("OutputName") != EVENT_LOGS_OUTPUT:
                yield to.get("S3Uri") or to.get("S3Uri.$", "")


def _is_fixed(uri: str) -> bool:
    for one in _OF_EXECUTION:
        uri = uri.replace(one, "")
    return "$" not in uri and not any(one in uri for one in _UNIQUE)


def strangers(text: str, members: Iterable[Member]) -> list[str]:
    """The steps of a machine that read what another machine's steps write."""
    return [
        one.path
        for one in members
        if one.jobs in text and not all(jobs in text for jobs in one.reads)
    ]
