"""How executions end: stopped, out of time, failed.

MiniStack marks a stopped execution and lets its states run on, knows no TimeoutSeconds of a state
machine, gives a failed execution an output, and an error if it has none, lets wildcards catch what
AWS never retries, and knows neither the longest delay of a retrier nor its jitter.
"""

import contextvars
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states.place import Place, current, standing
from cdk_sagemaker_processing.local.ministack.states.scope import Ending, Scope

_Execution = dict[str, Any]

_RUNNING = "RUNNING"
# "Will always cause the execution to fail":
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_FATAL = "States.Runtime"
_BEYOND_WILDCARDS = frozenset({"States.DataLimitExceeded"})
_TIMEOUT = "States.Timeout"
# A kind of States.Timeout: https://states-language.net/spec.html#appendix-a
_SILENT = "States.HeartbeatTimeout"
_SCOPES: dict[str, Scope] = {}
_OVER: dict[str, threading.Event] = {}
_ENDS: dict[str, Place] = {}
# A job that is stopped may take two minutes.
_LONGEST_END_SECONDS = 150


def end_all() -> None:
    """End every execution that runs; for the end of the process."""
    for scope in list(_SCOPES.values()):
        scope.end(Ending("States.Aborted", "The local cloud is ending"))


@contextmanager
def running(execution: _Execution) -> Iterator[Place]:
    """Be in an execution while the block runs; where it ends then unwell is kept.

    Args:
        execution: MiniStack's record of it.
    """
    arn = execution["executionArn"]
    outer = current()
    with (outer.scope if outer else Scope()).child() as scope:
        _SCOPES[arn] = scope
        _OVER[arn] = threading.Event()
        begun, *others = execution["events"]
        begun.setdefault("previousEventId", 0)
        begun["executionStartedEventDetails"].setdefault("inputDetails", {"truncated": False})
        # On AWS the first state follows nothing, not the start of the execution.
        place = Place(execution, scope, others[-1]["id"] if others else 0)
        aborting = scope.on_end(lambda ending: _abort(execution, ending))
        try:
            with standing(place), aborting, _time_limit(execution):
                yield place
        finally:
            del _SCOPES[arn]
            _ENDS.pop(arn, None)
            if execution["status"] != "SUCCEEDED":
                _ENDS[arn] = place
            _OVER.pop(arn).set()


def end_of(arn: str) -> Place | None:
    """Return where an execution ended that did not end well, once all of it has ended.

    Args:
        arn: The execution's ARN.
    """
    if over := _OVER.get(arn):
        over.wait(_LONGEST_END_SECONDS)
    return _ENDS.get(arn)


def _abort(execution: _Execution, ending: Ending) -> None:
    if execution["status"] != _RUNNING:
        return
    details = {"error": ending.error, "cause": ending.cause}
    execution |= {"status": "ABORTED", "stopDate": now_iso(), **details}
    sfn._add_event(execution, "ExecutionAborted", {"executionAbortedEventDetails": details})


@contextmanager
def _time_limit(execution: _Execution) -> Iterator[None]:
    seconds = json.loads(execution["definition"]).get("TimeoutSeconds")
    if seconds is None:
        yield
        return
    context = contextvars.copy_context()
    timer = threading.Timer(seconds, context.run, [_time_out, execution])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _time_out(execution: _Execution) -> None:
    if execution["status"] != _RUNNING:
        return
    execution |= {"status": "TIMED_OUT", "stopDate": now_iso(), "error": _TIMEOUT}
    details = {"executionTimedOutEventDetails": {"error": _TIMEOUT}}
    sfn._add_event(execution, "ExecutionTimedOut", details)
    sfn._emit_execution_status_event(execution)
    if scope := _SCOPES.get(execution["executionArn"]):
        scope.end(Ending(_TIMEOUT, "The execution timed out"))


def _stop_execution(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    response = original(data)
    scope = _SCOPES.get(str(data.get("executionArn")))
    if scope is not None:
        ending = Ending(data.get("error") or "", data.get("cause") or "")
        threading.Thread(target=scope.end, args=(ending,), daemon=True).start()
    return response


def _fail_execution(
    original: Callable[..., None], execution: _Execution, error: str, cause: str
) -> None:
    if execution["status"] != _RUNNING:
        return
    original(execution, error, cause)
    execution["output"] = None


def _fail_state_error(
    original: Callable[..., tuple[str, str]], state_def: _Execution, raw_input: Any, ctx: Any = None
) -> tuple[str, str]:
    error, cause = original(state_def, raw_input, ctx)
    named = "Error" in state_def or "ErrorPath" in state_def
    return (error if named else ""), cause


def _scaled_sleep(original: Callable[..., None], seconds: float) -> None:
    place = current()
    if place is None:
        original(seconds)
        return
    if place.delay is not None:
        # MiniStack waits for no more than a minute before an attempt.
        seconds, place.delay = place.delay, None
    place.scope.sleep(seconds * sfn._SFN_WAIT_SCALE)


def _error_matches(original: Callable[..., bool], error_equals: list[str], error: str) -> bool:
    place = current()
    if error == _FATAL or (place is not None and place.scope.ending is not None):
        return False
    if error == _SILENT and _TIMEOUT in error_equals:
        return True
    if error in _BEYOND_WILDCARDS:
        return error in error_equals
    return original(error_equals, error)


def _find_matching_retrier(
    original: Callable[..., tuple[dict[str, Any] | None, int]],
    retriers: list[dict[str, Any]],
    error: str,
    retry_counts: dict[int, int],
) -> tuple[dict[str, Any] | None, int]:
    retrier, index = original(retriers, error, retry_counts)
    if retrier is None:
        return None, index
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** retry_counts.get(
        index, 0
    )
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    if retrier.get("JitterStrategy") == "FULL":
        delay = random.uniform(0, delay)  # noqa: S311 - spreads retries, guards nothing
    if place := current():
        place.delay = delay
    return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1}, index


MENDS = {
    "_find_matching_retrier": _find_matching_retrier,
    "_stop_execution": _stop_execution,
    "_fail_execution": _fail_execution,
    "_fail_state_error": _fail_state_error,
    "_scaled_sleep": _scaled_sleep,
    "_error_matches": _error_matches,
}
