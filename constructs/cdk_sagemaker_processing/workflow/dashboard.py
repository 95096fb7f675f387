"""A CloudWatch dashboard of a workflow: how its executions ended, how long they and each step took.

Step Functions has no metrics of single states, so those of steps are read from
the workflow's log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

__all__ = ["add_dashboard"]

_WIDTH = 24
_HEIGHT = 7
_SHOWN_DAYS = 14
_STEP_TIMES = (
    "stats (max(event_timestamp) - min(event_timestamp)) / 60000 as minutes, "
    "max(exited) as ended by step, execution_arn"
)
_STEPS = (
    "stats count(*) as executions, avg(minutes) as mean_minutes, max(minutes) as longest_minutes, "
    "count(*) - sum(ended) as failed_or_running by step"
)
_PER_STEP = (
    'filter type in ["TaskStateEntered", "TaskStateExited"]',
    'fields event_timestamp, details.name as step, strcontains(type, "Exited") as exited',
    _STEP_TIMES,
    _STEPS,
    "sort mean_minutes desc",
)
_NOT_SUCCEEDED = (
    'filter type in ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]',
    "fields @timestamp, type, details.error, details.cause, execution_arn",
    "sort @timestamp desc",
    "limit 20",
)


def add_dashboard(
    scope: Construct,
    path: str,
    machine: sfn.StateMachine,
    log_group: logs.ILogGroup,
    log_level: sfn.LogLevel,
) -> cloudwatch.Dashboard:
    """Make the dashboard of a machine.

    Args:
        scope: Whose it is.
        path: What the workflow is called.
        machine: The machine.
        log_group: Its log.
        log_level: Which events that has: those of steps only if it has all.
    """
    # It costs time to load, and not every workflow has a dashboard.
    from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415

    dashboard = cloudwatch.Dashboard(
        scope, "Dashboard", default_interval=cdk.Duration.days(_SHOWN_DAYS)
    )
    dashboard.add_widgets(*_of_executions(path, machine))
    if log_level == sfn.LogLevel.ALL:
        dashboard.add_widgets(_table(f"{path}: steps", log_group, _PER_STEP))
    if log_level != sfn.LogLevel.OFF:
        dashboard.add_widgets(_table(f"{path}: not succeeded", log_group, _NOT_SUCCEEDED))
    return dashboard


def _of_executions(path: str, machine: sfn.StateMachine) -> list[cloudwatch.IWidget]:
    from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 # as above

    hour, half = cdk.Duration.hours(1), _WIDTH // 2
    ends = (
        machine.metric_started,
        machine.metric_succeeded,
        machine.metric_failed,
        machine.metric_timed_out,
        machine.metric_aborted,
        machine.metric_throttled,
    )
    times = {"Average": "mean", "Maximum": "longest"}
    return [
        cloudwatch.GraphWidget(
            title=f"{path}: executions",
            width=half,
            height=_HEIGHT,
            left=[metric(period=hour) for metric in ends],
        ),
        cloudwatch.GraphWidget(
            title=f"{path}: duration",
            width=half,
            height=_HEIGHT,
            left=[
                machine.metric_time(period=hour, statistic=statistic, label=label)
                for statistic, label in times.items()
            ],
            left_y_axis=cloudwatch.YAxisProps(min=0, label="milliseconds", show_units=False),
        ),
    ]


def _table(title: str, log_group: logs.ILogGroup, lines: tuple[str, ...]) -> cloudwatch.IWidget:
    from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 # as above

    return cloudwatch.LogQueryWidget(
        title=title,
        width=_WIDTH,
        height=_HEIGHT,
        log_group_names=[log_group.log_group_name],
        query_lines=list(lines),
        view=cloudwatch.LogQueryVisualizationType.TABLE,
    )
