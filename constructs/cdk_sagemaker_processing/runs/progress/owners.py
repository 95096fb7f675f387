"""Which visit of which state an event belongs to."""

from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.runs.progress.fold import Fold, Visit

_CONTAINER_FAILURES = ("ParallelStateFailed", "MapStateFailed", "MapRunFailed")


def own(fold: Fold, event: Mapping[str, Any], visit: Visit) -> None:
    """Note that an event belongs to a visit, for those that follow it."""
    fold.owners[event["id"]] = visit
    fold.last = visit


def owner(
    fold: Fold,
    event: Mapping[str, Any],
    kind: str,
    details: Mapping[str, Any],
) -> Visit | None:
    """Return the visit that an event belongs to."""
    if kind.endswith("StateExited"):
        return _open_visit(fold, details["name"], _before(fold, event))
    before = _before(fold, event)
    if kind in _CONTAINER_FAILURES or kind.startswith(("Parallel", "Map")):
        return _container(fold, before, kind)
    return before


def _before(fold: Fold, event: Mapping[str, Any]) -> Visit | None:
    """Return the visit of the event that this one follows.

    A history without these links, as some emulators write it, is taken to be one thread.
    """
    return fold.owners.get(event.get("previousEventId") or 0, fold.last)


def _open_visit(fold: Fold, name: str, before: Visit | None) -> Visit | None:
    if before is not None and before.state.name == name:
        return before
    visits = fold.visits.get(name, [])
    return next((visit for visit in reversed(visits) if visit.exited is None), None)


def _container(fold: Fold, before: Visit | None, kind: str) -> Visit | None:
    """Return the visit of the nearest Parallel or Map that an inner event is in."""
    if before is None:
        return None
    wanted = "Parallel" if kind.startswith("Parallel") else "Map"
    for name in (before.state.name, *reversed(before.state.parents)):
        state = fold.states.get(name)
        if state is not None and state.kind == wanted:
            return _open_visit(fold, name, before)
    return before
