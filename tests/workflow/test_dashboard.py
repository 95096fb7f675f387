"""A dashboard of a workflow."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

from tests.workflow.resources import MACHINE, of_kind, workflow


def widgets_of(stack: cdk.Stack) -> list[dict[str, Any]]:
    """What the stack's only dashboard shows."""
    (dashboard,) = of_kind(stack, "AWS::CloudWatch::Dashboard")
    body = json.loads(dashboard["DashboardBody"])
    assert body["start"] == "-P14D"
    widgets: list[dict[str, Any]] = body["widgets"]
    return widgets


def test_it_shows_how_executions_ended_and_how_long_they_took(stack: cdk.Stack) -> None:
    """By the machine's metrics."""
    workflow(stack).add_dashboard()

    executions, duration, *_ = [one["properties"] for one in widgets_of(stack)]
    assert executions["title"] == "Prod/Nightly: executions"
    assert [one[:4] for one in executions["metrics"]] == [
        ["AWS/States", name, "StateMachineArn", MACHINE]
        for name in (
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsFailed",
            "ExecutionsTimedOut",
            "ExecutionsAborted",
            "ExecutionThrottled",
        )
    ]
    assert duration["title"] == "Prod/Nightly: duration"
    assert duration["metrics"] == [
        ["AWS/States", "ExecutionTime", "StateMachineArn", MACHINE, of]
        for of in (
            {"label": "mean", "period": 3600},
            {"label": "longest", "period": 3600, "stat": "Maximum"},
        )
    ]


def test_it_shows_each_step_and_why_executions_failed(stack: cdk.Stack) -> None:
    """From the workflow's log, as there are no metrics of states."""
    workflow(stack).add_dashboard()

    _, _, steps, failed = [one["properties"] for one in widgets_of(stack)]
    assert steps["query"] == (
        "SOURCE '<NightlyLog3CD6E723>' "
        '| filter type in ["TaskStateEntered", "TaskStateExited"]\n'
        '| fields event_timestamp, details.name as step, strcontains(type, "Exited") as exited\n'
        "| stats (max(event_timestamp) - min(event_timestamp)) / 60000 as minutes, "
        "max(exited) as ended by step, execution_arn\n"
        "| stats count(*) as executions, avg(minutes) as mean_minutes, "
        "max(minutes) as longest_minutes, count(*) - sum(ended) as failed_or_running by step\n"
        "| sort mean_minutes desc"
    )
    assert failed["query"] == (
        "SOURCE '<NightlyLog3CD6E723>' "
        '| filter type in ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"]\n'
        "| fields @timestamp, type, details.error, details.cause, execution_arn\n"
        "| sort @timestamp desc\n"
        "| limit 20"
    )


@pytest.mark.parametrize(
    ("level", "titles"),
    [
        (sfn.LogLevel.ALL, ["executions", "duration", "steps", "not succeeded"]),
        (sfn.LogLevel.ERROR, ["executions", "duration", "not succeeded"]),
        (sfn.LogLevel.OFF, ["executions", "duration"]),
    ],
)
def test_it_shows_no_more_than_the_log_has(
    stack: cdk.Stack, level: sfn.LogLevel, titles: list[str]
) -> None:
    """An empty table would be taken for good news."""
    workflow(stack, log_level=level).add_dashboard()

    found = [one["properties"]["title"] for one in widgets_of(stack)]
    assert found == [f"Prod/Nightly: {one}" for one in titles]
