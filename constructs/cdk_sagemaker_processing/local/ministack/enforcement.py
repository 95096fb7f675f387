"""IAM's enforcement, where MiniStack's lets through what AWS refuses, or does not say what.

- SageMaker, which MiniStack does not know, is asked for like its own services.
- Whoever writes or reads an object that a customer's key encrypts must be allowed to use the key.
- CloudWatch Logs' resources are log streams, in the form that AWS's refusals show.
- What ECS acts on is named as AWS names it, and the cluster is a condition key.
- Every refusal names the resource.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from cdk_sagemaker_processing.local.ministack import permissions, seams
from cdk_sagemaker_processing.local.ministack.ecs import resources

_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_JOB = "ProcessingJobName"

_Response = tuple[int, dict[str, str], bytes]


def install(service: str) -> None:
    """Mend the enforcement.

    Args:
        service: The name of the service behind SageMaker's API.
    """
    iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    seams.mend(
        iam_actions,
        {
            "extract_resource_arn": _extract_resource_arn,
            "access_denied_response": _access_denied_response,
            "request_tag_context": _request_tag_context,
        },
    )
    seams.mend(
        s3,
        {
            "_resolve_sse_write_headers": _resolve_sse_write_headers,
            "_create_multipart_upload": _create_multipart_upload,
            "_get_object": _get_object,
        },
    )


def _extract_resource_arn(  # noqa: PLR0917 - MiniStack calls it so
    original: Callable[..., str],
    service: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query_params: Mapping[str, Any],
    region: str,
    account_id: str,
) -> str:
    if service == "sagemaker":
        return _sagemaker_arn(_members(body), f"arn:aws:sagemaker:{region}:{account_id}")
    if service == "ecs":
        action = headers.get("x-amz-target", "").removeprefix(resources.TARGET_PREFIX)
        found = resources.resource(action, _members(body), f"arn:aws:ecs:{region}:{account_id}")
        if found:
            return found
    arn = original(service, method, path, headers, body, query_params, region, account_id)
    members = _members(body) if service == "logs" else {}
    if members.get("logGroupName"):
        return f"{arn}:log-stream:{members.get('logStreamName', '')}"
    return arn


def _request_tag_context(
    original: Callable[..., dict[str, Any]], service: str, action: str, body: bytes, params: Any
) -> dict[str, Any]:
    found = original(service, action, body, params)
    if service != "ecs":
        return found
    here = f"arn:aws:ecs:{get_region()}:{get_account_id()}"
    return {**found, **resources.context(_members(body), here)}


def _sagemaker_arn(members: Mapping[str, Any], here: str) -> str:
    if name := members.get(_JOB):
        return f"{here}:processing-job/{name}"
    return str(members.get("ResourceArn", "*"))


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _access_denied_response(
    original: Callable[..., _Response],
    service: str,
    action: str,
    principal_arn: str,
    request_id: str,
    **others: Any,
) -> _Response:
    told = any(others.get(name) for name in ("message", "error_code", "resource_policy_arn"))
    if not told:
        resource = others.get("resource_arn", "*")
        others["message"] = iam_actions.identity_denial_message(
            action,
            principal_arn,
            f'"{resource}"' if service == "s3" else resource,
            others.get("explicit_deny", False),
        )
    return original(service, action, principal_arn, request_id, **others)


def _resolve_sse_write_headers(
    original: Callable[..., Any], headers: Mapping[str, str], bucket_name: str
) -> Any:
    found, error = original(headers, bucket_name)
    if error is None and (refused := _refused("kms:GenerateDataKey", found, bucket_name)):
        return None, refused
    return found, error


def _create_multipart_upload(
    original: Callable[..., _Response], bucket_name: str, key: str, headers: Mapping[str, str]
) -> _Response:
    # To join the parts S3 must read them: Amazon S3 user guide, "Multipart upload API and
    # permissions".
    response = original(bucket_name, key, headers)
    return _refused("kms:Decrypt", response[1], f"{bucket_name}/{key}") or response


def _get_object(
    original: Callable[..., _Response],
    bucket_name: str,
    key: str,
    headers: Mapping[str, str],
    query_params: Any = None,
) -> _Response:
    response = original(bucket_name, key, headers, query_params)
    return _refused("kms:Decrypt", response[1], f"{bucket_name}/{key}") or response


def _refused(action: str, encryption: Mapping[str, str], place: str) -> _Response | None:
    key = encryption.get(_KEY)
    if not key:
        return None
    reason = permissions.refusal_of_key(
        iam_evaluator.caller_arn(), action, key, f"arn:aws:s3:::{place}"
    )
    response: _Response | None = s3._error("AccessDenied", reason, 403) if reason else None
    return response
