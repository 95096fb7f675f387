"""Whether each step of a state machine runs after those whose outputs it reads."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.steps.state.definitions import inner, states_in
from cdk_sagemaker_processing.steps.state.machine_rules import Member

__all__ = ["too_early"]


def too_early(
    definition: Mapping[str, Any], members: Collection[Member]
) -> Iterator[tuple[str, str]]:
    """The steps of a machine that no way leads to from one that they read, and that one.

    Args:
        definition: The machine's definition.
        members: The steps that may stand in it.
    """
    paths = {one.jobs: one.path for one in members}
    reading = [one for one in members if one.reads]
    names = _job_names(definition) if reading else {}
    following = dict(_following(definition, frozenset())) if reading else {}
    for one in reading:
        readers = _states_of(one.jobs, names)
        for jobs in sorted(one.reads & paths.keys()):
            writers = _states_of(jobs, names)
            if readers and writers and not readers & _reached(writers, following):
                yield one.path, paths[jobs]


def _job_names(definition: Mapping[str, Any]) -> dict[str, str]:
    """What each state calls its jobs."""
    found = {}
    for name, state in states_in(definition):
        request = state.get("Parameters") or state.get("Arguments") or {}
        if isinstance(request, Mapping):
            job = request.get("ProcessingJobName.$") or request.get("ProcessingJobName")
            found[name] = str(job or "")
    return found


def _states_of(jobs: str, names: Mapping[str, str]) -> set[str]:
    return {state for state, job in names.items() if jobs in job}


def _following(
    machine: Mapping[str, Any], after: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """What may come right after each state; after one within another, what comes after that."""
    for name, state in machine.get("States", {}).items():
        outside = after | frozenset(_targets(state))
        machines = list(inner(state))
        yield name, outside | {one["StartAt"] for one in machines if "StartAt" in one}
        for one in machines:
            yield from _following(one, outside)


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for one in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (one[name] for name in ("Next", "Default") if name in one)


def _reached(states: Iterable[str], following: Mapping[str, frozenset[str]]) -> set[str]:
    """All states that come after one of some states."""
    found: set[str] = set()
    waiting = list(states)
    while waiting:
        new = following.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return found
