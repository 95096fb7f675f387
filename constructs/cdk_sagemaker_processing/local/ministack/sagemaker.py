"""SageMaker's API: the operations on processing jobs, in its JSON 1.1 protocol."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cdk_sagemaker_processing.local.jobs import ProcessingService, ServiceError

TARGET_PREFIX = "SageMaker."

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, Any]], Awaitable[Response]]

Operation = Callable[[ProcessingService, dict[str, Any]], Any]

_NAME = "ProcessingJobName"
_ARN = "ResourceArn"
_TIMES = (
    "CreationTimeAfter",
    "CreationTimeBefore",
    "LastModifiedTimeAfter",
    "LastModifiedTimeBefore",
)
_LOGGER = logging.getLogger(__name__)


_OPERATIONS: dict[str, Operation] = {
    "CreateProcessingJob": lambda service, request: service.create(request),
    "DescribeProcessingJob": lambda service, request: service.describe(_member(request, _NAME)),
    "ListProcessingJobs": lambda service, request: service.list(_with_times(request)),
    "StopProcessingJob": lambda service, request: service.stop(_member(request, _NAME)),
    "AddTags": lambda service, request: service.add_tags(
        _member(request, _ARN), request.get("Tags", [])
    ),
    "DeleteProcessingJob": lambda service, request: service.delete(_member(request, _NAME)),
    "DeleteTags": lambda service, request: service.delete_tags(
        _member(request, _ARN), request.get("TagKeys", [])
    ),
    "ListTags": lambda service, request: service.list_tags(_member(request, _ARN)),
}


def handler(service: Callable[[], ProcessingService]) -> Handler:
    """Return the function that answers requests to SageMaker.

    Args:
        service: Returns the service of the account and region that a request acts in.
    """

    async def handle_request(
        _method: str,
        _path: str,
        headers: Mapping[str, str],
        body: bytes,
        _query_params: Mapping[str, Any],
    ) -> Response:
        """Answer one request."""
        name = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        operation = _OPERATIONS.get(name)
        if operation is None:
            return _error("UnknownOperationException", _unknown(name), 400)
        return await asyncio.to_thread(_answer, operation, service, body)

    return handle_request


def _unknown(name: str) -> str:
    return (
        f"The local cloud has no SageMaker operation {name or '(none given)'}; "
        f"it has {', '.join(sorted(_OPERATIONS))}"
    )


def _answer(
    operation: Operation, service: Callable[[], ProcessingService], body: bytes
) -> Response:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        return _error("SerializationException", f"The request is no JSON: {error}", 400)
    try:
        return _response(200, operation(service(), request) or {})
    except ServiceError as error:
        return _error(error.code, error.message, 400)
    except Exception as error:
        _LOGGER.exception("A SageMaker operation failed")
        return _error("InternalFailure", f"{type(error).__name__}: {error}", 500)


def _member(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str):
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value null at '{name[0].lower()}{name[1:]}' failed to "
            "satisfy constraint: Member must not be null",
        )
    return value


def _with_times(request: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromtimestamp(request[name], UTC) for name in _TIMES if name in request}
    return {**request, **times}


def _error(code: str, message: str, status: int) -> Response:
    return _response(status, {"__type": code, "message": message})


def _response(status: int, body: Any) -> Response:
    text = json.dumps(body, default=_plain)
    return status, {"Content-Type": "application/x-amz-json-1.1"}, text.encode()


def _plain(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} is no part of a SageMaker response")
