"""A state machine as a graph."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.graph.conditions import describe
from cdk_sagemaker_processing.runs.definition import inner_machines, is_job, read_states

__all__ = ["Edge", "Graph", "Node", "read_graph"]


@dataclass(frozen=True, slots=True)
class Node:
    """A state.

    Attributes:
        name: Its name.
        kind: What it runs, such as `PySpark`, `sns:publish` or `Choice`.
        is_job: Whether it makes a processing job.
        inner: The machines in it: a `Parallel`'s branches, what a `Map` does with each item.
    """

    name: str
    kind: str
    is_job: bool = False
    inner: tuple["Graph", ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from a state to another.

    Attributes:
        source: The state's name.
        target: The other one's.
        label: When it is taken: a choice's rule, a catch's errors; empty if always.
        is_catch: Whether it is taken after an error.
    """

    source: str
    target: str
    label: str = ""
    is_catch: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """A machine, or one that is in a state.

    Attributes:
        start: The state it begins with.
        nodes: Its states, in the order in which a run may come to them.
        edges: The ways between them.
        ends: The states that may be its last.
    """

    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    ends: tuple[str, ...]


def read_graph(machine: Mapping[str, Any]) -> Graph:
    """Return the graph of a state machine.

    Args:
        machine: Its definition, in the Amazon States Language.
    """
    kinds = {state.name: state.kind for state in read_states(json.dumps(machine))}
    return _graph(machine, kinds)


def _graph(machine: Mapping[str, Any], kinds: Mapping[str, str]) -> Graph:
    states: Mapping[str, Any] = machine.get("States", {})
    # `kinds` is in the order of a run, the definition in that of its constructs.
    names = [name for name in kinds if name in states]
    return Graph(
        start=machine.get("StartAt", ""),
        nodes=tuple(_node(name, states[name], kinds) for name in names),
        edges=tuple(edge for name in names for edge in _edges(name, states[name])),
        ends=tuple(name for name in names if _is_end(states[name])),
    )


def _node(name: str, state: Mapping[str, Any], kinds: Mapping[str, str]) -> Node:
    inner = tuple(_graph(machine, kinds) for machine in inner_machines(state))
    return Node(name, kinds[name], is_job(state), inner)


def _edges(name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    if "Next" in state:
        yield Edge(name, state["Next"])
    for choice in state.get("Choices", ()):
        yield Edge(name, choice["Next"], describe(choice))
    if "Default" in state:
        yield Edge(name, state["Default"], "otherwise")
    for catch in state.get("Catch", ()):
        yield Edge(name, catch["Next"], ", ".join(catch.get("ErrorEquals", ())), is_catch=True)


def _is_end(state: Mapping[str, Any]) -> bool:
    return bool(state.get("End")) or state.get("Type") in {"Succeed", "Fail"}
