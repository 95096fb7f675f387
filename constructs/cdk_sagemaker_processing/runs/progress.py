"""How far a run is: an execution's history, folded into the state of each of its states.

Nothing here calls a service. `read_progress` is given the definition's states and the events that
`GetExecutionHistory` returned so far, and can be given more of them at any time.
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cdk_sagemaker_processing.runs.definition import State


class Status(StrEnum):
    """Where a state, or a whole run, is."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    """The last attempt failed; another may follow."""
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    """It failed, and the workflow went on by one of its catches."""
    FAILED = "failed"
    STOPPED = "stopped"
    """It was running when the run ended for another reason."""
    CACHED = "cached"
    """It was not run: what an earlier run made of the same still stands."""
    SKIPPED = "skipped"
    """The run ended and never came to it."""


@dataclass(frozen=True, slots=True)
class Items:
    """How far the items of a distributed Map are.

    Attributes:
        total: How many there are.
        succeeded: How many of them succeeded.
        failed: How many failed or timed out.
        running: How many run.
        aborted: How many were stopped, or never begun.
        executions: How many executions they are in: fewer, where these take several each.
    """

    total: int
    succeeded: int = 0
    failed: int = 0
    running: int = 0
    aborted: int = 0
    executions: int = 0

    @property
    def done(self) -> int:
        """How many are over."""
        return self.succeeded + self.failed + self.aborted


@dataclass(frozen=True, slots=True)
class StateProgress:
    """How far one state is.

    Attributes:
        state: The state.
        status: Where it is; of several visits, in a Map or a loop, what matters most.
        entered: When a run first came to it.
        exited: When its last visit ended; None as long as one goes on.
        visits: How often a run came to it.
        done: How many of these visits are over.
        attempts: How many attempts its last visit has made, for a task.
        job_names: The processing jobs of all its attempts, oldest first.
        error: The name of its last error.
        cause: What the service said of that error.
        map_runs: The ARNs of a distributed Map's Map Runs, oldest first.
        executions: The ARNs of the executions of other workflows that it started, oldest first.
        cached_from: The ARNs of the runs whose success stands for this state's, of one that is
            `CACHED`.
        items: How far a distributed Map's items are, where the service was asked.
    """

    state: State
    status: Status = Status.WAITING
    entered: datetime | None = None
    exited: datetime | None = None
    visits: int = 0
    done: int = 0
    attempts: int = 0
    job_names: tuple[str, ...] = ()
    error: str | None = None
    cause: str | None = None
    map_runs: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    cached_from: tuple[str, ...] = ()
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is.

    Attributes:
        status: `RUNNING`, `SUCCEEDED`, `FAILED`, or `STOPPED` for an aborted run.
        states: Every state of the definition, in its order.
        started: When the run started.
        ended: When it ended.
        error: The run's error.
        cause: What is said of that error.
    """

    status: Status
    states: tuple[StateProgress, ...]
    started: datetime | None = None
    ended: datetime | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def failed_states(self) -> tuple[StateProgress, ...]:
        """The states that made the run fail, innermost first."""
        failed = [state for state in self.states if state.status is Status.FAILED]
        return tuple(sorted(failed, key=lambda each: -len(each.state.parents)))

    @property
    def blamed_states(self) -> tuple[StateProgress, ...]:
        """The states that failed by themselves, not for a state in them."""
        failed = self.failed_states
        outer = {name for state in failed for name in state.state.parents}
        return tuple(state for state in failed if state.state.name not in outer)


_RUN_END = {
    "ExecutionSucceeded": Status.SUCCEEDED,
    "ExecutionFailed": Status.FAILED,
    "ExecutionTimedOut": Status.FAILED,
    "ExecutionAborted": Status.STOPPED,
}
_FAILURES = ("Failed", "TimedOut", "StartFailed", "ScheduleFailed", "SubmitFailed")
_CONTAINER_FAILURES = ("ParallelStateFailed", "MapStateFailed", "MapRunFailed")
# An iteration's failure is told by the state in it that failed, and by its Map.
_NOT_OF_A_STATE = ("MapIteration", "Execution", "EvaluationFailed")


@dataclass(slots=True)
class _Visit:
    """One time that a run came to a state."""

    state: State
    entered: datetime
    exited: datetime | None = None
    failed: bool = False
    interrupted: bool = False
    attempts: int = 0
    error: str | None = None
    cause: str | None = None


@dataclass(slots=True)
class _Fold:
    """What is known after some of the events."""

    states: Mapping[str, State]
    visits: dict[str, list[_Visit]] = field(default_factory=dict)
    owners: dict[int, _Visit] = field(default_factory=dict)
    jobs: dict[str, list[str]] = field(default_factory=dict)
    map_runs: dict[str, list[str]] = field(default_factory=dict)
    executions: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    last: _Visit | None = None
    status: Status = Status.RUNNING
    started: datetime | None = None
    ended: datetime | None = None
    error: str | None = None
    cause: str | None = None


def read_progress(
    states: Sequence[State],
    events: Iterable[Mapping[str, Any]],
) -> RunProgress:
    """Return how far a run is after the given events.

    Args:
        states: Every state of its definition.
        events: The history so far, oldest first, as boto3 returns it.
    """
    fold = _Fold({state.name: state for state in states})
    for event in events:
        _take(fold, event)
    return RunProgress(
        status=fold.status,
        states=tuple(_state_progress(fold, state) for state in states),
        started=fold.started,
        ended=fold.ended,
        error=fold.error,
        cause=fold.cause,
    )


def _take(fold: _Fold, event: Mapping[str, Any]) -> None:
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


def _enter(fold: _Fold, event: Mapping[str, Any], name: str) -> None:
    state = fold.states.get(name)
    if state is None:
        return
    visit = _Visit(state, event["timestamp"])
    visits = fold.visits.setdefault(name, [])
    again = next((at for at, one in enumerate(visits) if one.interrupted and not one.exited), None)
    if again is None:
        visits.append(visit)
    else:
        # A redriven state may be entered anew, or just go on.
        visits[again] = visit
    _own(fold, event, visit)


def _go_again(fold: _Fold) -> None:
    fold.status, fold.ended, fold.error, fold.cause = Status.RUNNING, None, None, None
    for visit in itertools.chain.from_iterable(fold.visits.values()):
        visit.interrupted = visit.exited is None


def _go_on(fold: _Fold, event: Mapping[str, Any], kind: str, details: Mapping[str, Any]) -> None:
    visit = _owner(fold, event, kind, details)
    if visit is None:
        return
    _own(fold, event, visit)
    _note_job(fold, visit, details)
    _note_children(fold, visit, details)
    _note_source(fold, visit, details)
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


def _own(fold: _Fold, event: Mapping[str, Any], visit: _Visit) -> None:
    fold.owners[event["id"]] = visit
    fold.last = visit


def _owner(
    fold: _Fold,
    event: Mapping[str, Any],
    kind: str,
    details: Mapping[str, Any],
) -> _Visit | None:
    """Return the visit that an event belongs to."""
    if kind.endswith("StateExited"):
        return _open_visit(fold, details["name"], _before(fold, event))
    before = _before(fold, event)
    if kind in _CONTAINER_FAILURES or kind.startswith(("Parallel", "Map")):
        return _container(fold, before, kind)
    return before


def _before(fold: _Fold, event: Mapping[str, Any]) -> _Visit | None:
    """Return the visit of the event that this one follows.

    A history without these links, as some emulators write it, is taken to be one thread.
    """
    return fold.owners.get(event.get("previousEventId") or 0, fold.last)


def _open_visit(fold: _Fold, name: str, before: _Visit | None) -> _Visit | None:
    if before is not None and before.state.name == name:
        return before
    visits = fold.visits.get(name, [])
    return next((visit for visit in reversed(visits) if visit.exited is None), None)


def _container(fold: _Fold, before: _Visit | None, kind: str) -> _Visit | None:
    """Return the visit of the nearest Parallel or Map that an inner event is in."""
    if before is None:
        return None
    wanted = "Parallel" if kind.startswith("Parallel") else "Map"
    for name in (before.state.name, *reversed(before.state.parents)):
        state = fold.states.get(name)
        if state is not None and state.kind == wanted:
            return _open_visit(fold, name, before)
    return before


def _note_job(fold: _Fold, visit: _Visit, details: Mapping[str, Any]) -> None:
    name = _job_name(details) if visit.state.is_job else None
    names = fold.jobs.setdefault(visit.state.name, [])
    if name and name not in names:
        names.append(name)


def _note_children(fold: _Fold, visit: _Visit, details: Mapping[str, Any]) -> None:
    name = visit.state.name
    if "mapRunArn" in details:
        _note(fold.map_runs, name, details["mapRunArn"])
    for member in ("output", "cause") if visit.state.starts_workflow else ():
        told = _json(details.get(member))
        if isinstance(told, Mapping) and told.get("ExecutionArn"):
            _note(fold.executions, name, told["ExecutionArn"])


def _note_source(fold: _Fold, visit: _Visit, details: Mapping[str, Any]) -> None:
    """Note the run that the record of an earlier success is of."""
    if visit.state.helps is None:
        return
    told = _json(details.get("output"))
    record = _json(told.get("Body")) if isinstance(told, Mapping) else None
    # S3 may have the text of the record, or the text of that text.
    record = _json(record) if isinstance(record, str) else record
    if isinstance(record, Mapping) and record.get("Run"):
        _note(fold.sources, visit.state.name, str(record["Run"]))


def _note(noted: dict[str, list[str]], name: str, arn: str) -> None:
    arns = noted.setdefault(name, [])
    if arn not in arns:
        arns.append(arn)


def _job_name(details: Mapping[str, Any]) -> str | None:
    """Return the processing job that an event's request, answer or failure tells of."""
    for member in ("parameters", "output", "cause"):
        told = _json(details.get(member))
        if isinstance(told, Mapping):
            name = told.get("ProcessingJobName")
            arn = told.get("ProcessingJobArn")
            if name or arn:
                return str(name or str(arn).rsplit("/", 1)[-1])
    return None


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(
        (value for name, value in event.items() if name.endswith("EventDetails")),
        {},
    )


def _error(details: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    default = "States.Timeout" if kind.endswith("TimedOut") else None
    return details.get("error") or default, details.get("cause") or None


def _state_progress(fold: _Fold, state: State) -> StateProgress:
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


def _status(fold: _Fold, visit: _Visit) -> Status:
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


def _left_behind(fold: _Fold, visit: _Visit) -> bool:
    """Whether the Parallel or Map that it is in was left while it went on or had failed."""
    return any(
        outer.exited is not None and outer.exited >= visit.entered
        for name in visit.state.parents
        for outer in fold.visits.get(name, ())[-1:]
    )


def _holds_failure(fold: _Fold, outer: _Visit) -> bool:
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
