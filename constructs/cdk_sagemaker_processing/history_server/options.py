"""What a user asks of a History Server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs
    from aws_cdk import aws_sns as sns

    from cdk_sagemaker_processing.history_server.chosen_images import Architecture
    from cdk_sagemaker_processing.history_server.load_balancer import HistoryLoadBalancer
    from cdk_sagemaker_processing.storage import EventLogs

__all__ = ["Options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The arguments of a ``SparkHistoryServer``, which says what each means."""

    event_logs: EventLogs | str | Sequence[EventLogs | str]
    vpc: ec2.IVpc | None
    subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup]
    cpu: float
    memory: cdk.Size
    ephemeral_storage: cdk.Size | None
    architecture: Architecture | None
    spark_conf: Mapping[str, str] | None
    framework_version: str | None
    image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None
    mirror_image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None
    idle_timeout: cdk.Duration | None
    max_lifetime: cdk.Duration | None
    log_retention: logs.RetentionDays
    encryption_key: kms.IKey | None
    removal_policy: cdk.RemovalPolicy
    always_on: bool
    load_balancer: HistoryLoadBalancer | None
    alarms_topic: sns.ITopic | None
