"""Whether what users gave a workflow is of the CDK's type that each argument takes."""

from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.cdk.argument_types import (
    wrong_construct,
    wrong_duration,
    wrong_encryption_key,
    wrong_flag,
    wrong_member,
    wrong_removal_policy,
    wrong_retention,
    wrong_text,
    wrong_topic,
)
from cdk_sagemaker_processing.errors import Problem

__all__ = ["wrong_alarms", "wrong_bucket", "wrong_kinds", "wrong_told"]


def wrong_kinds(
    *,
    definition: Any,
    query_language: Any,
    timeout: Any,
    encryption_key: Any,
    log_level: Any,
    include_execution_data: Any,
    log_retention: Any,
    removal_policy: Any,
    comment: Any,
) -> Iterator[Problem]:
    """The workflow's arguments that are of another kind than they take."""
    if not hasattr(definition, "start_state"):
        yield Problem(
            f"definition must be a step, a chain or another sfn.IChainable, got {definition!r}: of "
            "several steps write first.next(second), or ProcessingWorkflow.from_steps(...)"
        )
    if query_language is not None:
        yield from wrong_member(
            "query_language", query_language, sfn.QueryLanguage, "sfn.QueryLanguage", "JSONATA"
        )
    yield from wrong_duration("timeout", timeout)
    yield from wrong_encryption_key(encryption_key)
    yield from wrong_member("log_level", log_level, sfn.LogLevel, "sfn.LogLevel", "ERROR")
    yield from wrong_flag("include_execution_data", include_execution_data)
    if log_retention is not None:
        yield from wrong_retention(log_retention)
    yield from wrong_removal_policy(removal_policy)
    yield from wrong_text("comment", comment)


def wrong_bucket(bucket: Any) -> Iterator[Problem]:
    """What is wrong with the bucket of a trigger."""
    name = "on_new_objects: bucket"
    if bucket is None:
        yield Problem(f"{name} must be an s3.IBucket, got None")
    write = f"s3.Bucket.from_bucket_name(self, 'Bucket', {bucket!r})"
    yield from wrong_construct(name, bucket, "an s3.IBucket", "bucket_arn", write)


def wrong_told(topic: Any) -> Iterator[Problem]:
    """What is wrong with the topic of a notice."""
    if topic is None:
        yield Problem("notify: topic must be an sns.ITopic, got None")
    yield from wrong_topic("notify: topic", topic)


def wrong_alarms(topic: Any, too_long: Any) -> Iterator[Problem]:
    """What is wrong with what alarms are given."""
    yield from wrong_topic("add_alarms: topic", topic)
    yield from wrong_duration("add_alarms: too_long", too_long)
