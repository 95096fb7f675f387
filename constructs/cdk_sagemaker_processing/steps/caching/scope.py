"""Where in a state machine nobody knows whose outputs of a step with a cache count.

What a branch of a Parallel or an iteration of a Map assigns is not seen outside, and what is
assigned outside is not seen within a distributed Map.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.steps.caching.variables import RUNS
from cdk_sagemaker_processing.steps.state.definitions import inner, is_distributed, without_inner

__all__ = ["has_cache", "readers_out_of_scope"]

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
        own = json.dumps(without_inner(state))
        for variable in dict.fromkeys(RUNS.findall(own)):
            if variable not in known:
                yield name, variable
        known_inside = frozenset() if is_distributed(state) else known
        for one in inner(state):
            yield from readers_out_of_scope(one, known_inside)


def has_cache(name: str, definition: Mapping[str, Any]) -> bool:
    """Whether a machine, or one within it, has the state of a step with a cache."""
    states: Mapping[str, Mapping[str, Any]] = definition.get("States", {})
    return f"{name}{_KEY}" in states or any(
        has_cache(name, one) for state in states.values() for one in inner(state)
    )
