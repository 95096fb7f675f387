"""Alarms on a workflow's executions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_sns as sns

__all__ = ["add_alarms"]

_PERIOD_MINUTES = 5


@dataclass(frozen=True, slots=True)
class _Watched:
    """What one alarm is about."""

    name: str
    metric: cloudwatch.Metric
    threshold: float
    told: str


def add_alarms(
    scope: Construct,
    path: str,
    machine: sfn.StateMachine,
    topic: sns.ITopic | None,
    too_long: cdk.Duration | None,
) -> tuple[cloudwatch.Alarm, ...]:
    """Make the alarms of a machine.

    Args:
        scope: Whose they are.
        path: What the workflow is called.
        machine: The machine.
        topic: Who is told; nobody by default.
        too_long: From when on an execution took too long.
    """
    made = tuple(_alarm(scope, path, one) for one in _watched(machine, too_long))
    if topic:
        # They cost time to load, and not every workflow has alarms.
        from aws_cdk import aws_cloudwatch_actions as actions  # noqa: PLC0415

        from cdk_sagemaker_processing.workflow.topics import let_publish  # noqa: PLC0415 # as above

        let_publish(scope, topic, "cloudwatch.amazonaws.com", [one.alarm_arn for one in made])
        for alarm in made:
            alarm.add_alarm_action(actions.SnsAction(topic))
    return made


def _watched(machine: sfn.StateMachine, too_long: cdk.Duration | None) -> Iterator[_Watched]:
    """What is watched; each metric comes with an execution's end, but that of throttling.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
    """
    period = cdk.Duration.minutes(_PERIOD_MINUTES)
    yield _Watched("Failed", machine.metric_failed(period=period), 1, "An execution of {} failed.")
    yield _Watched(
        "TimedOut", machine.metric_timed_out(period=period), 1, "An execution of {} timed out."
    )
    yield _Watched(
        "Throttled",
        machine.metric_throttled(period=period),
        1,
        "Step Functions held back executions or states of {}: too many begin at a time.",
    )
    if too_long:
        yield _Watched(
            "TooLong",
            machine.metric_time(period=period, statistic="Maximum"),
            too_long.to_milliseconds(),
            f"An execution of {{}} took {too_long.to_human_string()} or longer.",
        )


def _alarm(scope: Construct, path: str, watched: _Watched) -> cloudwatch.Alarm:
    from aws_cdk import aws_cloudwatch as cloudwatch  # noqa: PLC0415 # as above

    return watched.metric.create_alarm(
        scope,
        watched.name,
        alarm_description=watched.told.format(path),
        threshold=watched.threshold,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
