"""The buckets that processing jobs write to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import aws_cdk as cdk
from constructs import Construct

from cdk_sagemaker_processing.cdk.argument_types import (
    wrong_construct,
    wrong_encryption_key,
    wrong_flag,
    wrong_removal_policy,
)
from cdk_sagemaker_processing.cdk.tree import bucket_name, stack_of
from cdk_sagemaker_processing.errors import Problem, ValidationError
from cdk_sagemaker_processing.removal import allowed_removal

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_s3 as s3

__all__ = ["EventLogs", "ProcessingStorage"]

_DEFAULT_ID = "ProcessingStorage"
_LOGS_BY_POLICY = "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"
_HINT = "write cdk.Duration.days(90)"
_A_DAY = cdk.Duration.days(1)
_TEN_DAYS = cdk.Duration.days(10)
_A_MONTH = cdk.Duration.days(30)
_A_YEAR = cdk.Duration.days(365)


@dataclass(frozen=True, slots=True)
class EventLogs:
    """Where Spark's event logs lie, all flat in one prefix, as a history server lists them.

    Attributes:
        bucket: The bucket.
        prefix: The key prefix, with a slash at the end.
    """

    bucket: s3.IBucket
    prefix: str = "spark-events/"

    @property
    def s3_uri(self) -> str:
        """The S3 URI of the prefix."""
        return f"s3://{bucket_name(self.bucket)}/{self.prefix}"


class ProcessingStorage(Construct):
    """A bucket for the outputs of processing jobs and one for Spark's event logs.

    Both are encrypted, private, versioned, refuse plain HTTP, log who asks what
    of them, and stay when the stack is deleted. What jobs write stays for ever;
    what would be paid for and never seen goes: versions of objects that were
    overwritten or deleted, uploads that were never completed, old access logs.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope.
        encryption_key: The KMS key that encrypts both buckets; S3's own keys
            (SSE-S3) by default.
        removal_policy: What becomes of the buckets when the stack is deleted or
            they leave it; they stay by default. ``DESTROY``, which empties them
            too, holds only in an app that allows it, by the context key
            ``cdk-sagemaker-processing:allowDestroy``; in others they stay, and
            a warning tells so.
        noncurrent_version_expiration: For how long an object that was
            overwritten or deleted can be brought back, in whole days; 30 days
            by default, None for ever. Of event logs, which are uploaded whole
            again and again while they grow, it is one day.
        server_access_logs: Whether requests to the two buckets are logged; they
            are by default.
        server_access_logs_bucket: The bucket of these logs, in which each
            bucket has a prefix; one of the storage's own by default. S3 takes
            none that is encrypted by a KMS key, has Object Lock on, or is in
            another region or account.
        server_access_logs_expiration: For how long the storage's own bucket
            keeps them, in whole days; a year by default, None for ever.

    Attributes:
        outputs: The bucket for outputs.
        event_logs: The bucket and prefix for Spark's event logs.
        access_logs: The bucket for access logs, None where there are none.
        encryption_key: The KMS key, None where S3's own keys are used.

    Raises:
        ValidationError: A time is not in whole days, or an argument not of the
            CDK's type that it takes.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        encryption_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        noncurrent_version_expiration: cdk.Duration | None = _A_MONTH,
        server_access_logs: bool = True,
        server_access_logs_bucket: s3.IBucket | None = None,
        server_access_logs_expiration: cdk.Duration | None = _A_YEAR,
    ) -> None:
        super().__init__(scope, id)
        wrong = [
            *wrong_encryption_key(encryption_key),
            *wrong_removal_policy(removal_policy),
            *wrong_flag("server_access_logs", server_access_logs),
            *wrong_construct(
                "server_access_logs_bucket",
                server_access_logs_bucket,
                "an s3.IBucket",
                "bucket_arn",
                f"s3.Bucket.from_bucket_name(self, 'Logs', {server_access_logs_bucket!r})",
            ),
            *_wrong_days("noncurrent_version_expiration", noncurrent_version_expiration),
            *_wrong_days("server_access_logs_expiration", server_access_logs_expiration),
        ]
        if wrong:
            raise ValidationError(self.node.path, type(self).__name__, wrong)
        self.encryption_key = encryption_key
        self._removal_policy = allowed_removal(self, removal_policy)
        # Else the CDK gives the log service its way in by an ACL, which S3 advises against.
        self.node.set_context(_LOGS_BY_POLICY, True)
        self.access_logs: s3.IBucket | None = None
        if server_access_logs:
            self.access_logs = server_access_logs_bucket or self._bucket(
                "AccessLogs", _tidy(_A_DAY, server_access_logs_expiration)
            )
        self.outputs: s3.IBucket = self._data_bucket(
            "Outputs", _tidy(noncurrent_version_expiration)
        )
        self.event_logs = EventLogs(
            # An older version of an event log is nothing but its beginning.
            self._data_bucket("EventLogs", _tidy(noncurrent_version_expiration and _A_DAY))
        )
        self._tell()

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The storage of the scope's stack, made on first need."""
        stack = stack_of(scope)
        found = stack.node.try_find_child(_DEFAULT_ID)
        return found if isinstance(found, cls) else cls(stack, _DEFAULT_ID)

    def _data_bucket(self, name: str, tidy: s3.LifecycleRule) -> s3.Bucket:
        key, logs = self.encryption_key, self.access_logs
        return self._bucket(
            name,
            tidy,
            encryption_key=key,
            # Without it every object read is a call to KMS, and is paid as one.
            bucket_key_enabled=True if key else None,
            server_access_logs_bucket=logs,
            server_access_logs_prefix=f"{self.node.path}/{name}/" if logs else None,
        )

    def _bucket(self, name: str, tidy: s3.LifecycleRule, **more: Any) -> s3.Bucket:
        # It costs time to load, which every import of the package would pay.
        from aws_cdk import aws_s3 as s3  # noqa: PLC0415

        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.KMS
            if more.get("encryption_key")
            else s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
            lifecycle_rules=[tidy],
            removal_policy=self._removal_policy,
            auto_delete_objects=True if self._removal_policy == cdk.RemovalPolicy.DESTROY else None,
            **more,
        )

    def _tell(self) -> None:
        for name, value, what in (
            ("OutputsBucket", self.outputs.bucket_name, "Bucket of the outputs of"),
            ("EventLogsUri", self.event_logs.s3_uri, "Spark event logs of"),
        ):
            cdk.CfnOutput(
                self, name, value=value, description=f"{what} processing jobs of {self.node.path}"
            )


def _tidy(versions: cdk.Duration | None, objects: cdk.Duration | None = None) -> s3.LifecycleRule:
    """What goes after a time: versions that are not the current one, and maybe that one too."""
    from aws_cdk import aws_s3 as s3  # noqa: PLC0415 # as above

    return s3.LifecycleRule(
        id="Tidy",
        # Longer than any job lasts, so that none loses an upload.
        abort_incomplete_multipart_upload_after=_TEN_DAYS,
        noncurrent_version_expiration=versions,
        expiration=objects,
        # Where objects expire, S3 removes these by itself, and refuses to be told so.
        expired_object_delete_marker=None if objects else True,
    )


def _wrong_days(name: str, time: object) -> Iterator[Problem]:
    if not _is_whole_days(time):
        yield Problem(f"{name} must be whole days, at least one, got {_told(time)}: {_HINT}")


def _is_whole_days(time: object) -> bool:
    if time is None:
        return True
    if not isinstance(time, cdk.Duration):
        return False
    if time.is_unresolved():
        return True
    days = time.to_days(integral=False)
    return days >= 1 and float(days).is_integer()


def _told(time: object) -> str:
    return time.to_human_string() if isinstance(time, cdk.Duration) else repr(time)
