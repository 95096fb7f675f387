"""What every way to make a workflow takes beside its states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.workflow.concurrency import WhenBusy
from cdk_sagemaker_processing.workflow.schedule import WorkflowSchedule

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_logs as logs

__all__ = ["WorkflowOptions"]


class WorkflowOptions(TypedDict, total=False):
    """The arguments of ``ProcessingWorkflow`` but ``definition``: see there."""

    parameters: Sequence[WorkflowParameter]
    max_concurrent_executions: int | None
    when_busy: WhenBusy | None
    schedule: WorkflowSchedule | Sequence[WorkflowSchedule]
    query_language: sfn.QueryLanguage | None
    timeout: cdk.Duration | None
    encryption_key: kms.IKey | None
    log_level: sfn.LogLevel
    include_execution_data: bool
    log_retention: logs.RetentionDays | None
    removal_policy: cdk.RemovalPolicy
    comment: str | None
