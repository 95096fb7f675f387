"""A state machine's definition as data: how it is read and walked through."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["is_distributed", "plain", "read", "scopes", "states_in"]

_INNER = ("Branches", "ItemProcessor", "Iterator")


def scopes(machine: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The states of a machine, each without those in it, and likewise of each distributed Map."""
    states: list[dict[str, Any]] = []
    waiting = list(machine.get("States", {}).values())
    while waiting:
        state = waiting.pop()
        states.append({name: one for name, one in state.items() if name not in _INNER})
        if is_distributed(state):
            yield from scopes(state["ItemProcessor"])
            continue
        for one in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            waiting += (one or {}).get("States", {}).values()
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
        inner = [*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")]
        for one in inner:
            if one:
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
