"""The events of an execution, as GetExecutionHistory shows them on AWS.

MiniStack writes most of them. Added here: which event each one follows, so that a reader can tell
whose task it is; the service and the action of a task in place of its ARN; its parameters; that the
data is whole; the events `TaskStarted`, `TaskSubmitted`, `TaskSubmitFailed`, `TaskTimedOut` and
`TaskStateAborted`; and those of activities.
"""

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_region
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states.place import Place, current, here

_Details = dict[str, Any]

_INTEGRATION = "arn:aws:states:::"
_ACTIVITY = ":activity:"
_RUNNING = "RUNNING"
_TIMEOUTS = frozenset({"States.Timeout", "States.HeartbeatTimeout"})
_DATA = ("input", "output")
_LOCK = threading.Lock()


def started(resource: str) -> None:
    """Write that a task's service is being called."""
    details = {"taskStartedEventDetails": {"resource": resource}}
    sfn._add_event(here().execution, "TaskStarted", details)


def submitted(resource: str, output: dict[str, Any]) -> None:
    """Write that a task's job was accepted, with the service's answer."""
    place = here()
    place.submitted = True
    details = {"resource": resource, "output": json.dumps(output)}
    sfn._add_event(place.execution, "TaskSubmitted", {"taskSubmittedEventDetails": details})


def _add_event(
    original: Callable[..., _Details],
    execution: _Details,
    event_type: str,
    details: _Details | None = None,
) -> _Details:
    place = current()
    if place is not None and place.execution is not execution:
        place = None
    if execution["status"] != _RUNNING and not event_type.startswith("Execution"):
        return {}
    if place is not None and event_type.startswith("Task"):
        event_type, details = _task_event(place, event_type, details or {})
    if place is not None and event_type == "TaskFailed" and place.scope.ending:
        # It did not fail: another branch did, or an iteration.
        event_type, details = "TaskStateAborted", None
    details = {key: _whole(about) for key, about in (details or {}).items()}
    with _LOCK:
        previous = place.last_event if place else len(execution["events"])
        event = original(execution, event_type, {**details, "previousEventId": previous})
    if place is not None:
        _follow(place, event)
    return event


def _whole(about: _Details) -> _Details:
    """Details without members that say nothing, and with word that their data is whole."""
    said = {name: value for name, value in about.items() if value is not None and value != ""}
    whole = {f"{name}Details": {"truncated": False} for name in _DATA if name in said}
    return {**said, **whole}


def _follow(place: Place, event: _Details) -> None:
    place.last_event = event["id"]
    if entered := event.get("stateEnteredEventDetails"):
        place.state, place.entered, place.input = entered["name"], event["id"], entered["input"]
        place.branches, place.left = {}, {}


def _details_key(event_type: str) -> str:
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"


def _task_event(place: Place, event_type: str, details: _Details) -> tuple[str, _Details]:
    inner = dict(details.get(_details_key(event_type), {}))
    resource = str(inner.get("resource", ""))
    if _ACTIVITY in resource:
        return _activity_event(place, event_type, inner)
    if not resource.startswith(_INTEGRATION):
        return event_type, details
    event_type = _outcome(place, event_type, inner)
    service, _, action = resource.removeprefix(_INTEGRATION).rpartition(":")
    inner |= {"resourceType": service, "resource": action}
    if event_type == "TaskScheduled":
        place.submitted = False
        inner |= {"region": get_region(), "parameters": json.dumps(place.parameters)}
    return event_type, {_details_key(event_type): inner}


def _activity_event(place: Place, event_type: str, inner: _Details) -> tuple[str, _Details]:
    event_type = _outcome(place, event_type, inner).replace("Task", "Activity", 1)
    if event_type == "ActivityScheduled":
        about = {"resource": inner["resource"], "input": json.dumps(place.parameters)}
    else:
        about = {name: value for name, value in inner.items() if name != "resource"}
    return event_type, {_details_key(event_type): about}


def _outcome(place: Place, event_type: str, inner: _Details) -> str:
    if event_type != "TaskFailed":
        return event_type
    if inner["error"] in _TIMEOUTS:
        return "TaskTimedOut"
    if inner["resource"].endswith(".sync") and not place.submitted:
        return "TaskSubmitFailed"
    return event_type


MENDS = {"_add_event": _add_event}
