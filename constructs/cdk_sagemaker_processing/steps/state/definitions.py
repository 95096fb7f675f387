"""A state machine's definition as data: how it is read and walked through."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["inner", "is_distributed", "plain", "read", "scopes", "states_in", "without_inner"]

# Of a Map, and as older definitions have it.
_ITERATED = ("ItemProcessor", "Iterator")


def inner(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The machines within a state: the branches of a Parallel, the iterations of a Map."""
    yield from state.get("Branches", ())
    for name in _ITERATED:
        if state.get(name):
            yield state[name]


def without_inner(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state without the machines within it."""
    return {name: one for name, one in state.items() if name not in {"Branches", *_ITERATED}}


def scopes(machine: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The states of a machine, each without those in it, and likewise of each distributed Map."""
    states: list[dict[str, Any]] = []
    waiting = list(machine.get("States", {}).values())
    while waiting:
        state = waiting.pop()
        states.append(without_inner(state))
        if is_distributed(state):
            yield from scopes(state["ItemProcessor"])
            continue
        for one in inner(state):
            waiting += one.get("States", {}).values()
    yield states


def is_distributed(state: Mapping[str, Any]) -> bool:
    """Whether a state is a distributed Map."""
    # Each iteration is an execution then, with a name of its own.
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return bool(config.get("Mode") == "DISTRIBUTED")


def states_in(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every state of a machine, those of branches and iterations too."""
    for name, state in machine.get("States", {}).items():
        yield name, state
        for one in inner(state):
            yield from states_in(one)


def read(text: str) -> dict[str, Any]:
    """A definition; an empty one where it is none yet, as one with substitutions outside text."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def plain(resolved: Any) -> str:
    """A resolved definition with something plain for each intrinsic function."""
    if isinstance(resolved, str):
        return resolved
    pieces = resolved["Fn::Join"][1] if resolved and "Fn::Join" in resolved else ()
    # A digit is JSON inside a string and, for a number that CloudFormation fills in, outside.
    return "".join(piece if isinstance(piece, str) else "0" for piece in pieces)
