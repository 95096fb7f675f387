"""Executions that begin when objects come into a bucket, by EventBridge."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IValidation

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.workflow.trigger_input import wrong_input

__all__ = ["NewObject", "add_trigger", "given_by", "pattern_of", "wrong_trigger"]

_NOTIFICATIONS = "Notifications"
_TURNED_OFF = (
    "the bucket's other notifications are added after on_new_objects, and would turn its events "
    "off: add them before it"
)
# Which parameters of a workflow are given by themselves.
_TOLD = ("bucket", "key", "size")


class NewObject:
    """What an execution may be told of the object that began it, in ``on_new_objects``'s input.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    @staticmethod
    def bucket() -> str:
        """The name of its bucket."""
        return _field("$.detail.bucket.name")

    @staticmethod
    def key() -> str:
        """Its key, as it is: not URL-encoded."""
        return _field("$.detail.object.key")

    @staticmethod
    def size() -> str:
        """Its size in bytes, a number where it stands alone."""
        return _field("$.detail.object.size")

    @staticmethod
    def etag() -> str:
        """Its ETag."""
        return _field("$.detail.object.etag")

    @staticmethod
    def time() -> str:
        """When it came, in UTC, such as ``2026-01-31T04:05:06Z``."""
        return _field("$.time")


def given_by(
    given: Mapping[str, Any] | None, parameters: Sequence[WorkflowParameter]
) -> Mapping[str, Any]:
    """What an execution is given: what was asked for, else what of the object it takes."""
    if given is not None:
        return given
    names = [one.name for one in parameters] or _TOLD
    return {name: getattr(NewObject, name)() for name in _TOLD if name in names}


def wrong_trigger(
    given: Mapping[str, Any] | None,
    parameters: Sequence[WorkflowParameter],
    **affixes: object,
) -> list[Problem]:
    """What is wrong with a trigger.

    Args:
        given: What an execution is given.
        parameters: The workflow's parameters.
        affixes: The prefix and the suffix of keys.
    """
    found = [
        Problem(f"on_new_objects: {name} must be a string, got {value!r}")
        for name, value in affixes.items()
        if value is not None and not isinstance(value, str)
    ]
    return [*found, *wrong_input("on_new_objects: input", given, parameters)]


def pattern_of(bucket: s3.IBucket, prefix: str, suffix: str | None) -> dict[str, Any]:
    """Which events begin an execution.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    detail: dict[str, Any] = {"bucket": {"name": [bucket.bucket_name]}}
    if key := _key(prefix, suffix or ""):
        detail["object"] = {"key": [key]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def _key(prefix: str, suffix: str) -> dict[str, str]:
    if prefix and suffix:
        return {"wildcard": f"{_literally(prefix)}*{_literally(suffix)}"}
    if prefix:
        return {"prefix": prefix}
    return {"suffix": suffix} if suffix else {}


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")


def add_trigger(
    scope: Construct,
    bucket: s3.IBucket,
    *,
    path: str,
    pattern: Mapping[str, Any],
    given: Mapping[str, Any],
    machine: sfn.StateMachine,
    role: iam.IRole,
) -> None:
    """Begin an execution for each event of a bucket that fits.

    Args:
        scope: Whose the rule is, of a name of its own.
        bucket: The bucket, which is made to send events.
        path: What the workflow is called.
        pattern: Which events.
        given: What the execution is given.
        machine: The machine.
        role: The role that may start it.
    """
    # They cost time to load, and most workflows have none.
    from aws_cdk import aws_events as events  # noqa: PLC0415

    from cdk_sagemaker_processing.workflow.rules import add_rule  # noqa: PLC0415 # as above

    _send_events(bucket)
    add_rule(
        scope,
        "Rule",
        description=f"Starts {path} on new objects",
        pattern=pattern,
        target_arn=machine.state_machine_arn,
        told=events.RuleTargetInput.from_object(given),
        role=role,
    )


def _send_events(bucket: s3.IBucket) -> None:
    """Have a bucket tell EventBridge of its objects, without the function that the CDK adds."""
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        cdk.Annotations.of(bucket).add_warning_v2(
            "cdk-sagemaker-processing:eventsNotTurnedOn",
            "the bucket is imported, so this app cannot have it send events: turn on its "
            "notifications to Amazon EventBridge where it is made, else no execution begins",
        )
    elif bucket.node.try_find_child(_NOTIFICATIONS):
        # Its function writes all notifications anew, those of the template are gone then.
        bucket.enable_event_bridge_notification()
    else:
        resource.add_property_override(
            "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True
        )
        bucket.node.add_validation(_Overwritten(bucket))


@jsii.implements(IValidation)
class _Overwritten:
    """Refuses notifications by the CDK's function that were added after the trigger."""

    def __init__(self, bucket: s3.IBucket) -> None:
        self._bucket = bucket

    def validate(self) -> list[str]:
        """Whether the function would turn the events off."""
        if not self._bucket.node.try_find_child(_NOTIFICATIONS):
            return []
        return [_TURNED_OFF]


def _field(path: str) -> str:
    from aws_cdk import aws_events as events  # noqa: PLC0415 # as above

    return str(events.EventField.from_path(path))
