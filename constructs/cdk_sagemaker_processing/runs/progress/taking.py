"""One event after the other, added to what is known of a run."""

import itertools
from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.runs.progress.fold import Fold, Visit
from cdk_sagemaker_processing.runs.progress.noting import note
from cdk_sagemaker_processing.runs.progress.owners import own, owner
from cdk_sagemaker_processing.runs.progress.values import Status

_RUN_END = {
    "ExecutionSucceeded": Status.SUCCEEDED,
    "ExecutionFailed": Status.FAILED,
    "ExecutionTimedOut": Status.FAILED,
    "ExecutionAborted": Status.STOPPED,
}
_FAILURES = ("Failed", "TimedOut", "StartFailed", "ScheduleFailed", "SubmitFailed")
# An iteration's failure is told by the state in it that failed, and by its Map.
_NOT_OF_A_STATE = ("MapIteration", "Execution", "EvaluationFailed")


def take(fold: Fold, event: Mapping[str, Any]) -> None:
    """Add one event to what is known.

    Args:
        fold: What is known.
        event: The next event of the history, as boto3 returns it.
    """
    kind: str = event["type"]
    details = _details(event)
    if kind == "ExecutionStarted":
        fold.started = event["timestamp"]
    elif kind in _RUN_END:
        fold.status = _RUN_END[kind]
        fold.ended = event["timestamp"]
        fold.error, fold.cause = _error(details, kind)
    elif kind == "ExecutionRedriven":
        _go_again(fold)
    elif kind.endswith("StateEntered"):
        _enter(fold, event, details["name"])
    else:
        _go_on(fold, event, kind, details)


def _enter(fold: Fold, event: Mapping[str, Any], name: str) -> None:
    state = fold.states.get(name)
    if state is None:
        return
    visit = Visit(state, event["timestamp"])
    visits = fold.visits.setdefault(name, [])
    again = next((at for at, one in enumerate(visits) if one.interrupted and not one.exited), None)
    if again is None:
        visits.append(visit)
    else:
        # A redriven state may be entered anew, or just go on.
        visits[again] = visit
    own(fold, event, visit)


def _go_again(fold: Fold) -> None:
    fold.status, fold.ended, fold.error, fold.cause = Status.RUNNING, None, None, None
    for visit in itertools.chain.from_iterable(fold.visits.values()):
        visit.interrupted = visit.exited is None


def _go_on(fold: Fold, event: Mapping[str, Any], kind: str, details: Mapping[str, Any]) -> None:
    visit = owner(fold, event, kind, details)
    if visit is None:
        return
    own(fold, event, visit)
    note(fold, visit, details)
    if kind.endswith("StateExited"):
        visit.exited = event["timestamp"]
    elif kind.endswith("Scheduled"):
        visit.attempts += 1
        visit.failed = False
    elif kind.endswith("Succeeded") and not kind.startswith(_NOT_OF_A_STATE):
        visit.failed = False
    elif kind.endswith(_FAILURES) and not kind.startswith(_NOT_OF_A_STATE):
        visit.failed = True
        visit.error, visit.cause = _error(details, kind)


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(
        (value for name, value in event.items() if name.endswith("EventDetails")),
        {},
    )


def _error(details: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    default = "States.Timeout" if kind.endswith("TimedOut") else None
    return details.get("error") or default, details.get("cause") or None
