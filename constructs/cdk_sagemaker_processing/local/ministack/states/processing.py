"""`arn:aws:states:::sagemaker:createProcessingJob`, request-response and `.sync`.

The errors' names are AWS's: `SageMaker.<Error>Exception` for the errors that SageMaker's API models
(`SageMaker.ResourceLimitExceededException` is in the developer guide's example of this
integration), `SageMaker.AmazonSageMakerException` for all others. A job of a `.sync` task that does
not complete fails it with `States.TaskFailed`, and the cause is the job's description. What the
local cloud alone refuses is `States.Runtime`.
"""

import contextlib
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import NotHereError, ServiceError
from cdk_sagemaker_processing.local.ministack.states import history
from cdk_sagemaker_processing.local.ministack.states.paths import runtime_error
from cdk_sagemaker_processing.local.ministack.states.place import current, here

RESOURCE = "arn:aws:states:::sagemaker:createProcessingJob"
SYNC_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}

_MODELLED = frozenset({"ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"})
_LOGGER = logging.getLogger(__name__)


class Jobs(Protocol):
    """The processing service, as far as tasks use it; every method may raise `ServiceError`."""

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Start a job."""

    def wait(self, name: str) -> dict[str, Any]:
        """Wait for a job's end, and describe it."""

    def stop(self, name: str) -> None:
        """Stop a job."""


def integration(
    service: Callable[[], Jobs],
) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Return the function that runs a task of this integration.

    Args:
        service: Returns the service of the account and region that an execution runs in.
    """

    def run(resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if current() is None:
            raise sfn._ExecutionError(
                "States.Runtime", f"TestState cannot call {resource} here; start an execution"
            )
        history.started(resource)
        if resource.endswith(".sync"):
            return _run_job(service(), resource, parameters)
        return _create(service(), parameters)

    return run


def _create(service: Jobs, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return service.create(request)
    except NotHereError as error:
        # AWS would run the job: no retry helps, and no catcher may go on as if it had failed.
        raise runtime_error(f"It cannot run here: {error.message}.") from error
    except ServiceError as error:
        raise _task_error(error.code, error.message, 400) from error
    except Exception as error:
        _LOGGER.exception("CreateProcessingJob failed")
        raise _task_error("InternalFailure", str(error), 500) from error


def _task_error(code: str, message: str, status: int) -> Exception:
    name = f"{code}Exception" if code in _MODELLED else "AmazonSageMakerException"
    error: Exception = sfn._ExecutionError(
        f"SageMaker.{name}",
        f"{message} (Service: AmazonSageMaker; Status Code: {status}; Error Code: {code}; "
        f"Request ID: {uuid.uuid4()}; Proxy: null)",
    )
    return error


def _run_job(service: Jobs, resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
    scope = here().scope
    tags = [tag for tag in parameters.get("Tags", []) if tag.get("Key") != SYNC_TAG["Key"]]
    created = _create(service, {**parameters, "Tags": [*tags, SYNC_TAG]})
    name = created["ProcessingJobArn"].rpartition("/")[2]
    with scope.on_end(lambda _: _stop(service, name)):
        history.submitted(resource, created)
        described = _wait(service, name)
    scope.check()
    return _result(described)


def _wait(service: Jobs, name: str) -> dict[str, Any]:
    try:
        return service.wait(name)
    except ServiceError as error:
        raise _task_error(error.code, error.message, 400) from error


def _stop(service: Jobs, name: str) -> None:
    # It may have ended by itself in the meantime, which SageMaker refuses to stop.
    with contextlib.suppress(ServiceError):
        service.stop(name)


def _result(described: Mapping[str, Any]) -> dict[str, Any]:
    output: dict[str, Any] = milliseconds(described)
    if output["ProcessingJobStatus"] != "Completed":
        cause = json.dumps(output, separators=(",", ":"))
        raise sfn._ExecutionError("States.TaskFailed", cause)
    return output


def milliseconds(value: Any) -> Any:
    """Return a response with its times as Step Functions writes them: epoch milliseconds."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, Mapping):
        return {name: milliseconds(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [milliseconds(item) for item in value]
    return value
