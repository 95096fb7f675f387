"""From what is known of a run to how far it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.progress.fold import Fold, Visit
from cdk_sagemaker_processing.runs.progress.taking import take
from cdk_sagemaker_processing.runs.progress.values import RunProgress, StateProgress, Status


def read_progress(
    states: Sequence[State],
    events: Iterable[Mapping[str, Any]],
) -> RunProgress:
    """Return how far a run is after the given events.

    Args:
        states: Every state of its definition.
        events: The history so far, oldest first, as boto3 returns it.
    """
    fold = Fold({state.name: state for state in states})
    for event in events:
        take(fold, event)
    return RunProgress(
        status=fold.status,
        states=tuple(_state_progress(fold, state) for state in states),
        started=fold.started,
        ended=fold.ended,
        error=fold.error,
        cause=fold.cause,
    )


def _state_progress(fold: Fold, state: State) -> StateProgress:
    visits = fold.visits.get(state.name)
    ended = fold.status is not Status.RUNNING
    if not visits:
        return StateProgress(state, Status.SKIPPED if ended else Status.WAITING)
    last = visits[-1]
    troubled = next((visit for visit in reversed(visits) if visit.error), last)
    open_visits = [visit for visit in visits if visit.exited is None]
    exited = fold.ended if open_visits else last.exited
    return StateProgress(
        state=state,
        status=_most_telling([_status(fold, visit) for visit in visits]),
        entered=visits[0].entered,
        exited=exited,
        visits=len(visits),
        done=len(visits) - len(open_visits),
        attempts=last.attempts,
        job_names=tuple(fold.jobs.get(state.name, ())),
        error=troubled.error,
        cause=troubled.cause,
        map_runs=tuple(fold.map_runs.get(state.name, ())),
        executions=tuple(fold.executions.get(state.name, ())),
        cached_from=tuple(fold.sources.get(state.name, ())),
    )


def _status(fold: Fold, visit: Visit) -> Status:
    ended = fold.status is not Status.RUNNING
    if visit.exited is not None:
        return Status.CAUGHT if visit.failed else Status.SUCCEEDED
    if _left_behind(fold, visit):
        return Status.CAUGHT if visit.failed else Status.STOPPED
    if visit.failed or visit.state.kind == "Fail":
        return Status.FAILED if ended else Status.RETRYING
    if not ended:
        return Status.RUNNING
    return Status.FAILED if _holds_failure(fold, visit) else Status.STOPPED


def _left_behind(fold: Fold, visit: Visit) -> bool:
    """Whether the Parallel or Map that it is in was left while it went on or had failed."""
    return any(
        outer.exited is not None and outer.exited >= visit.entered
        for name in visit.state.parents
        for outer in fold.visits.get(name, ())[-1:]
    )


def _holds_failure(fold: Fold, outer: Visit) -> bool:
    return any(
        visit.failed and visit.exited is None
        for visits in fold.visits.values()
        for visit in visits
        if outer.state.name in visit.state.parents
    )


def _most_telling(statuses: list[Status]) -> Status:
    for status in (Status.FAILED, Status.RUNNING, Status.RETRYING, Status.STOPPED):
        if status in statuses:
            return status
    return statuses[-1]
