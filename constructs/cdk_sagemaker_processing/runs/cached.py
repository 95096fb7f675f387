"""Steps that keep a cache, told as the one state that a person wrote."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cdk_sagemaker_processing.runs.progress import StateProgress, Status

__all__ = ["as_written"]

_HIT = "cached"
_UNDER_WAY = (Status.RUNNING, Status.RETRYING)
_AT_FAULT = (Status.FAILED, Status.STOPPED)


def as_written(states: Sequence[StateProgress]) -> tuple[StateProgress, ...]:
    """Return the states that a person looks for in a run.

    Left out are those around a step that keep its cache, and those of a distributed Map's items,
    which are in the histories of other executions.

    The step itself is `CACHED` where they left its job out, and `RUNNING` while they look. Such a
    state that failed, or was stopped, is told.

    Args:
        states: A run's states.
    """
    helpers: dict[str, list[StateProgress]] = {}
    for one in states:
        if one.state.helps is not None:
            helpers.setdefault(one.state.helps, []).append(one)
    return tuple(
        _told(one, helpers.get(one.state.name, ()))
        for one in states
        if not one.state.items_of and (one.state.helps is None or one.status in _AT_FAULT)
    )


def _told(step: StateProgress, helpers: Iterable[StateProgress]) -> StateProgress:
    if step.visits:
        return step
    visited = [one for one in helpers if one.visits and one.entered]
    entered = min((one.entered for one in visited if one.entered), default=None)
    if any(one.status in _UNDER_WAY for one in visited):
        return replace(step, status=Status.RUNNING, entered=entered)
    hits = [one for one in visited if one.state.name == f"{step.state.name}: {_HIT}"]
    if not hits:
        return step
    return replace(
        step,
        status=Status.CACHED,
        entered=entered,
        exited=hits[-1].exited,
        visits=hits[-1].visits,
        done=hits[-1].done,
        cached_from=tuple(arn for one in visited for arn in one.cached_from),
    )
