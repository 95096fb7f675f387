"""The buckets and the state machine around steps written by hand, as `ours.py` has them."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn


@dataclass(frozen=True, slots=True)
class Buckets:
    """The stack's buckets."""

    raw: s3.Bucket
    outputs: s3.Bucket
    event_logs: s3.Bucket


def make_buckets(stack: cdk.Stack) -> Buckets:
    """The buckets, with the access logs of those that jobs write to."""
    stack.node.set_context("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy", True)
    access = _bucket(stack, "AccessLogs", expiration=cdk.Duration.days(365))
    return Buckets(
        s3.Bucket(stack, "Raw"),
        _bucket(stack, "Outputs", access, noncurrent_version_expiration=cdk.Duration.days(30)),
        _bucket(stack, "EventLogs", access, noncurrent_version_expiration=cdk.Duration.days(1)),
    )


def _bucket(stack: cdk.Stack, name: str, access: s3.Bucket | None = None, **tidy: Any) -> s3.Bucket:
    rule = s3.LifecycleRule(
        id="Tidy", abort_incomplete_multipart_upload_after=cdk.Duration.days(10), **tidy
    )
    return s3.Bucket(
        stack,
        name,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        versioned=True,
        lifecycle_rules=[rule],
        removal_policy=cdk.RemovalPolicy.RETAIN,
        server_access_logs_bucket=access,
        server_access_logs_prefix=f"{name}/" if access else None,
    )


def machine(stack: cdk.Stack, chain: Any) -> sfn.StateMachine:
    """The state machine with its log."""
    log = logs.LogGroup(stack, "Log", retention=logs.RetentionDays.ONE_YEAR)
    made = sfn.StateMachine(
        stack,
        "StateMachine",
        definition_body=sfn.DefinitionBody.from_chainable(chain),
        tracing_enabled=True,
        logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=False),
    )
    cdk.CfnOutput(stack, "StateMachineArn", value=made.state_machine_arn)
    return made
