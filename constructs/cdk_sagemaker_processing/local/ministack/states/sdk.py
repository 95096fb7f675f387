"""`arn:aws:states:::aws-sdk:...`: S3 and SageMaker, called as by any client, in the machine's name.

MiniStack's own reads and writes no bodies of objects, has no SageMaker, knows no role of a state
machine, and any size of a result is right to it.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import Credentials
from cdk_sagemaker_processing.local.ministack import roles
from cdk_sagemaker_processing.local.ministack.states import history
from cdk_sagemaker_processing.local.ministack.states.place import current, here, role_arn

_TITLES = {"s3": "S3", "sagemaker": "SageMaker"}
_TASK = re.compile(rf"arn:aws:states:::aws-sdk:(?P<service>{'|'.join(_TITLES)}):(?P<action>\w+)")
_TOO_LARGE = "States.DataLimitExceeded"
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_LARGEST_RESULT = 262_144


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where tasks reach AWS's services.

    Attributes:
        url: Its URL.
        ca_bundle: Whom to trust there; None where it speaks no TLS.
        enforce_iam: Whether machines may do no more than their roles.
    """

    url: str
    ca_bundle: Path | None = None
    enforce_iam: bool = False

    def client(self, service: str) -> Any:
        """A client of a service for the execution that the current thread runs."""
        given = self._credentials()
        return boto3.client(
            service,  # type: ignore[call-overload]  # the name is known at run time only
            endpoint_url=self.url,
            region_name=get_region(),
            aws_access_key_id=given.access_key_id,
            aws_secret_access_key=given.secret_access_key,
            aws_session_token=given.session_token,
            verify=str(self.ca_bundle) if self.ca_bundle else None,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def _credentials(self) -> Credentials:
        if not self.enforce_iam:
            return Credentials(get_account_id(), "local")
        execution = here().execution
        return roles.machine_credentials(role_arn(execution), execution["stateMachineArn"])


def mends(endpoint: Endpoint) -> dict[str, Callable[..., Any]]:
    """What is put around MiniStack's own integration with AWS's SDK.

    Args:
        endpoint: Where the services are.
    """

    def invoke(original: Callable[..., Any], resource: str, parameters: Any) -> Any:
        found = _TASK.fullmatch(resource)
        if found is None or current() is None:
            return original(resource, parameters)
        history.started(resource)
        return _limited(
            resource, _call(endpoint.client(found["service"]), found["action"], parameters or {})
        )

    return {"_invoke_aws_sdk_integration": invoke}


def _call(client: Any, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    method = getattr(client, xform_name(action), None)
    if method is None:
        raise sfn._ExecutionError("States.Runtime", f"{_title(client)} has no action {action}")
    try:
        response = method(**_with_body(parameters))
    except ClientError as error:
        raise _error(client, error) from error
    except BotoCoreError as error:
        raise sfn._ExecutionError(f"{_title(client)}.SdkClientException", str(error)) from error
    found: dict[str, Any] = _plain(
        {name: value for name, value in response.items() if name != "ResponseMetadata"}
    )
    return found


def _title(client: Any) -> str:
    """What errors call a service."""
    return _TITLES[client.meta.service_model.service_name]


def _with_body(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters whose body is what is written: JSON is, as its text."""
    body = parameters.get("Body")
    if body is None or isinstance(body, str):
        return dict(parameters)
    return {**parameters, "Body": json.dumps(body, separators=(",", ":")).encode()}


def _error(client: Any, error: ClientError) -> Exception:
    """An error by the name of the SDK's class: one of its own only for errors of the model."""
    told, title = error.response["Error"], _title(client)
    modelled = [shape.name for shape in client.meta.service_model.error_shapes]
    code = told["Code"] if told["Code"] in modelled else title
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    found: Exception = sfn._ExecutionError(
        f"{title}.{code}Exception", f"{told['Message']} (Service: {title}, Status Code: {status})"
    )
    return found


def _plain(value: Any) -> Any:
    """A response as JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.read().decode() if hasattr(value, "read") else value


def _limited(resource: str, result: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(result, separators=(",", ":")).encode()) > _LARGEST_RESULT:
        raise sfn._ExecutionError(
            _TOO_LARGE,
            f"The state/task '{resource}' returned a result with a size exceeding the maximum "
            "number of bytes service limit.",
        )
    return result
