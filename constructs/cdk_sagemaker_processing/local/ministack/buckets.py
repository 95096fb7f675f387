"""AWS::S3::Bucket's encryption and lifecycle, which MiniStack's CloudFormation drops.

Its provisioner keeps a table of properties, each with what makes S3's request of it; here are two
more rows. The CDK's bootstrap bucket is encrypted by KMS, so that the CDK CLI then uploads with
KMS and names no key: AWS takes the account's own key for S3, which MiniStack has not.

And the CDK's resource that empties a bucket before it goes (``auto_delete_objects``), whose
function needs the AWS SDK for Node: MiniStack deletes a bucket with all that is in it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import botocore.serialize
import botocore.session
from ministack.core.responses import get_account_id, get_region
from ministack.services import s3
from ministack.services.cloudformation import provisioners

from cdk_sagemaker_processing.local.ministack import seams

_Properties = Mapping[str, Any]

_ENCRYPTION = "x-amz-server-side-encryption"
_KEY = f"{_ENCRYPTION}-aws-kms-key-id"
_WITHIN = {
    "ExpirationInDays": ("Expiration", "Days"),
    "ExpirationDate": ("Expiration", "Date"),
    "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
    "NoncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
}
_NAMES = {
    "Id": "ID",
    "Status": "Status",
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
}
_EMPTIED = "Custom::S3AutoDeleteObjects"
_FILTERS = frozenset({"Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"})


def install() -> None:
    """Let stacks set the encryption and the lifecycle of their buckets, and empty them."""
    seams.mend(s3, {"_resolve_sse_write_headers": _resolve_sse_write_headers})
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("BucketEncryption", _encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        (
            "LifecycleConfiguration",
            _lifecycle,
            s3._put_bucket_lifecycle,
            s3._delete_bucket_lifecycle,
        ),
    )
    provisioners._RESOURCE_HANDLERS[_EMPTIED] = {
        "create": lambda _logical_id, props, _stack_name: (f"emptied-{props['BucketName']}", {}),
        "update": lambda identity, *_: (identity, {}),
        "delete": lambda *_: None,
    }


def _resolve_sse_write_headers(
    original: Callable[..., Any], headers: Mapping[str, str], bucket_name: str
) -> Any:
    if headers.get(_ENCRYPTION) == "aws:kms" and not headers.get(_KEY):
        key = f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"
        headers = {**headers, _KEY: key}
    return original(headers, bucket_name)


def _encryption(properties: _Properties) -> bytes:
    rules = [
        {
            ("ApplyServerSideEncryptionByDefault" if name.startswith("Server") else name): value
            for name, value in rule.items()
        }
        for rule in properties["ServerSideEncryptionConfiguration"]
    ]
    return _body("PutBucketEncryption", "ServerSideEncryptionConfiguration", {"Rules": rules})


def _lifecycle(properties: _Properties) -> bytes:
    rules = [lifecycle_rule(rule) for rule in properties["Rules"]]
    return _body("PutBucketLifecycleConfiguration", "LifecycleConfiguration", {"Rules": rules})


def lifecycle_rule(rule: _Properties) -> dict[str, Any]:
    """Return a template's lifecycle rule as S3's API writes it."""
    api: dict[str, Any] = {"Filter": _filter(rule)}
    for name, value in rule.items():
        if name in _WITHIN:
            member, inner = _WITHIN[name]
            api.setdefault(member, {})[inner] = value
        elif name in _NAMES:
            api[_NAMES[name]] = value
    for name, days in (("Transition", "Days"), ("NoncurrentVersionTransition", "NoncurrentDays")):
        if found := [*rule.get(f"{name}s", []), *([rule[name]] if name in rule else [])]:
            api[f"{name}s"] = [_transition(transition, days) for transition in found]
    return api


def _filter(rule: _Properties) -> dict[str, Any]:
    found = {name: rule[name] for name in sorted(_FILTERS & rule.keys())}
    tags = found.pop("TagFilters", [])
    if not tags:
        return found if len(found) < 2 else {"And": found}  # noqa: PLR2004 - And joins two or more
    if len(tags) == 1 and not found:
        return {"Tag": tags[0]}
    return {"And": {**found, "Tags": tags}}


def _transition(transition: _Properties, days: str) -> dict[str, Any]:
    names = {"TransitionInDays": days, "TransitionDate": "Date"}
    return {names.get(name, name): value for name, value in transition.items()}


def _body(operation: str, member: str, value: Any) -> bytes:
    model = botocore.session.get_session().get_service_model("s3").operation_model(operation)
    serializer = botocore.serialize.create_serializer("rest-xml", include_validation=False)
    parameters = {"Bucket": "bucket", member: value}
    body: bytes = serializer.serialize_to_request(parameters, model)["body"]
    return body
