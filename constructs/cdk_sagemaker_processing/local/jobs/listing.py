"""ListProcessingJobs: its filters, its orders and its pages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cdk_sagemaker_processing.local.jobs.errors import ServiceError
from cdk_sagemaker_processing.local.jobs.job import Job
from cdk_sagemaker_processing.local.jobs.validation import validate

_PAGE = 10
_ORDERS: dict[str, Callable[[Job], Any]] = {
    "Name": lambda job: job.name,
    "CreationTime": lambda job: job.created,
    "Status": lambda job: job.status,
}


def listed(jobs: Iterable[Job], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the response of ListProcessingJobs.

    Args:
        jobs: All there are.
        request: Its parameters.

    Raises:
        ServiceError: ValidationException.
    """
    validate("ListProcessingJobs", request)
    found = [job for job in jobs if _matches(job, request)]
    key = _ORDERS[request.get("SortBy", "CreationTime")]
    found.sort(key=key, reverse=request.get("SortOrder") == "Descending")
    first = _first(request.get("NextToken"))
    last = first + request.get("MaxResults", _PAGE)
    page = {"ProcessingJobSummaries": [job.summary() for job in found[first:last]]}
    return page | ({"NextToken": str(last)} if last < len(found) else {})


def _matches(job: Job, request: Mapping[str, Any]) -> bool:
    always = datetime.min.replace(tzinfo=UTC)
    never = datetime.max.replace(tzinfo=UTC)
    return (
        request.get("NameContains", "").lower() in job.name.lower()
        and request.get("StatusEquals", job.status) == job.status
        and _time(request, "CreationTimeAfter", always) <= job.created
        and job.created <= _time(request, "CreationTimeBefore", never)
        and _time(request, "LastModifiedTimeAfter", always) <= job.modified
        and job.modified <= _time(request, "LastModifiedTimeBefore", never)
    )


def _time(request: Mapping[str, Any], name: str, default: datetime) -> datetime:
    value = request.get(name, default)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment: datetime = value
    return moment if moment.tzinfo else moment.astimezone()


def _first(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise ServiceError("ValidationException", f"Invalid NextToken: {token}")
    return int(token)
