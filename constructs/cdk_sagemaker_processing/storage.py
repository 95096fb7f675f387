"""The buckets that processing jobs write to."""

from dataclasses import dataclass
from typing import Self

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

__all__ = ["EventLogs", "ProcessingStorage"]

_DEFAULT_ID = "ProcessingStorage"


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
        return f"s3://{self.bucket.bucket_name}/{self.prefix}"


class ProcessingStorage(Construct):
    """A bucket for the outputs of processing jobs and one for Spark's event logs.

    Both are encrypted, private, versioned, refuse plain HTTP, and stay when the
    stack is deleted.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope.
        encryption_key: The KMS key that encrypts both buckets; S3's own keys
            (SSE-S3) by default.
        removal_policy: What becomes of the buckets when the stack is deleted or
            they leave it; they stay by default.

    Attributes:
        outputs: The bucket for outputs.
        event_logs: The bucket and prefix for Spark's event logs.
        encryption_key: The KMS key, None where S3's own keys are used.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        encryption_key: kms.IKey | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        self.encryption_key = encryption_key
        self.outputs: s3.IBucket = self._bucket("Outputs", removal_policy)
        self.event_logs = EventLogs(self._bucket("EventLogs", removal_policy))
        self._tell()

    @classmethod
    def of(cls, scope: Construct) -> Self:
        """The storage of the scope's stack, made on first need."""
        stack = cdk.Stack.of(scope)
        found = stack.node.try_find_child(_DEFAULT_ID)
        return found if isinstance(found, cls) else cls(stack, _DEFAULT_ID)

    def _bucket(self, name: str, removal_policy: cdk.RemovalPolicy) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption_key=self.encryption_key,
            encryption=s3.BucketEncryption.KMS
            if self.encryption_key
            else s3.BucketEncryption.S3_MANAGED,
            # Without it every object read is a call to KMS, and is paid as one.
            bucket_key_enabled=True if self.encryption_key else None,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
            removal_policy=removal_policy,
        )

    def _tell(self) -> None:
        for name, value, what in (
            ("OutputsBucket", self.outputs.bucket_name, "Bucket of the outputs of"),
            ("EventLogsUri", self.event_logs.s3_uri, "Spark event logs of"),
        ):
            cdk.CfnOutput(
                self, name, value=value, description=f"{what} processing jobs of {self.node.path}"
            )
