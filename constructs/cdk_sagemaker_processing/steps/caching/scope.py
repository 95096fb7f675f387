"""Where in a state machine nobody knows whose outputs of a step with a cache count.

What a branch of a Parallel or an iteration of a Map assigns is not seen outside, and what is
assigned outside is not seen within a distributed Map.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.steps.caching.variables import RUNS

__all__ = ["has_cache", "readers_out_of_scope"]

_INNER = ("Branches", "ItemProcessor", "Iterator")
_KEY = ": key"


def readers_out_of_scope(
    machine: Mapping[str, Any], known: frozenset[str] = frozenset()
) -> Iterator[tuple[str, str]]:
    """The states that read a source run that is not known there, and its variable.

    Args:
        machine: A state machine's definition, or an inner one.
        known: The variables that are known around it.
    """
    states: Mapping[str, Mapping[str, Any]] = machine.get("States", {})
    known |= {
        name.removesuffix(".$") for state in states.values() for name in state.get("Assign", ())
    }
    for name, state in states.items():
        own = json.dumps({key: state[key] for key in state if key not in _INNER})
        for variable in dict.fromkeys(RUNS.findall(own)):
            if variable not in known:
                yield name, variable
        for inner, is_distributed in _inner(state):
            yield from readers_out_of_scope(inner, frozenset() if is_distributed else known)


def has_cache(name: str, definition: Mapping[str, Any]) -> bool:
    """Whether a machine, or one within it, has the state of a step with a cache."""
    states: Mapping[str, Mapping[str, Any]] = definition.get("States", {})
    return f"{name}{_KEY}" in states or any(
        has_cache(name, inner) for state in states.values() for inner, _ in _inner(state)
    )


def _inner(state: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The machines within a state, and whether each of their runs is an execution of its own."""
    for one in state.get("Branches", ()):
        yield one, False
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            mode = state[key].get("ProcessorConfig", {}).get("Mode")
            yield state[key], mode == "DISTRIBUTED"
