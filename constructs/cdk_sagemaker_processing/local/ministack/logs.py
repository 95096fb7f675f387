"""What CloudWatch Logs lacks for reading jobs' logs: pages, prefixes, and room in memory.

FilterLogEvents, by which `aws logs tail` reads, takes a prefix of streams and goes on where a page
ended. And MiniStack keeps each event twice, the second time as Logs Insights shows it: that record
is made again whenever Insights asks, so it need not wait there for every line of every job.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from cdk_sagemaker_processing.local.ministack import seams

_Response = tuple[int, Mapping[str, str], Any]

_MOST_EVENTS = 10_000


def install() -> None:
    """Mend CloudWatch Logs."""
    seams.mend(cloudwatch_logs, MENDS)


def _append_log_events(
    original: Callable[..., None], stream: dict[str, Any], events: Sequence[Mapping[str, Any]]
) -> None:
    for event in events:
        cloudwatch_logs._log_records.pop(event["eventId"], None)
    original(stream, events)


def _filter_log_events(original: Callable[..., _Response], request: Mapping[str, Any]) -> _Response:
    if request.get("logStreamNamePrefix") and request.get("logStreamNames"):
        return _refusal("Cannot specify both logStreamNames and logStreamNamePrefix.")
    try:
        since, seen = _position(request)
    except ValueError:
        return _refusal("The specified nextToken is invalid.")
    limit = min(request.get("limit", _MOST_EVENTS), _MOST_EVENTS)
    streams = _streams(request)
    if streams == []:
        return _page([], None)
    asked = {**request, "limit": min(seen + limit, _MOST_EVENTS)}
    asked |= {"logStreamNames": streams} if streams else {}
    asked |= {"startTime": since} if since is not None else {}
    status, headers, body = original(asked)
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        return status, headers, body
    events = json.loads(body)["events"]
    full = len(events) == asked["limit"]
    return _page(events[seen:], _token(events) if full else None)


def _position(request: Mapping[str, Any]) -> tuple[int | None, int]:
    """From when on events are looked at, and how many of that moment went before."""
    token = request.get("nextToken")
    if token is None:
        return request.get("startTime"), 0
    since, seen = token.split("/")
    return int(since), int(seen)


def _token(events: Sequence[Mapping[str, Any]]) -> str:
    last = events[-1]["timestamp"]
    return f"{last}/{sum(event['timestamp'] == last for event in events)}"


def _streams(request: Mapping[str, Any]) -> list[str] | None:
    prefix = request.get("logStreamNamePrefix")
    if not prefix:
        return None
    group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(request))
    # A group that is missing is the original's to refuse.
    names = group["streams"] if group else [prefix]
    return [name for name in names if name.startswith(prefix)]


def _page(events: Sequence[Mapping[str, Any]], token: str | None) -> _Response:
    content: dict[str, Any] = {"events": list(events), "searchedLogStreams": []}
    content |= {"nextToken": token} if token else {}
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()


def _refusal(message: str) -> _Response:
    response: _Response = error_response_json("InvalidParameterException", message, 400)
    return response


MENDS: Mapping[str, Callable[..., Any]] = {
    "_append_log_events": _append_log_events,
    "_filter_log_events": _filter_log_events,
}
