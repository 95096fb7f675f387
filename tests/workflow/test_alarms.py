"""Alarms on a workflow's executions."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from tests.workflow.resources import MACHINE, of_kind, workflow


def alarms_of(stack: cdk.Stack) -> list[dict[str, Any]]:
    """The stack's alarms."""
    return of_kind(stack, "AWS::CloudWatch::Alarm")


def alarm(metric: str, told: str, **more: Any) -> dict[str, Any]:
    """An alarm of the workflow."""
    return {
        "AlarmDescription": told,
        "Namespace": "AWS/States",
        "MetricName": metric,
        "Dimensions": [{"Name": "StateMachineArn", "Value": MACHINE}],
        "Period": 300,
        "Statistic": "Sum",
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        **more,
    }


def test_it_alarms_when_executions_go_wrong(stack: cdk.Stack) -> None:
    """Each alarm says in words what happened."""
    made = workflow(stack).add_alarms(too_long=cdk.Duration.hours(2))

    assert len(made) == 4
    assert alarms_of(stack) == [
        alarm("ExecutionsFailed", "An execution of Prod/Nightly failed."),
        alarm("ExecutionsTimedOut", "An execution of Prod/Nightly timed out."),
        alarm(
            "ExecutionThrottled",
            "Step Functions held back executions or states of Prod/Nightly: "
            "too many begin at a time.",
        ),
        alarm(
            "ExecutionTime",
            "An execution of Prod/Nightly took 2 hours or longer.",
            Statistic="Maximum",
            Threshold=7_200_000,
        ),
    ]


def test_nothing_takes_too_long_unless_it_is_said(stack: cdk.Stack) -> None:
    """How long that is nobody else knows."""
    workflow(stack).add_alarms()

    assert "ExecutionTime" not in [one["MetricName"] for one in alarms_of(stack)]


def test_a_topic_is_told_and_lets_the_alarms_publish(stack: cdk.Stack) -> None:
    """Also where its policy is no more the one that topics come with, as after notify."""
    nightly, topic = workflow(stack), sns.Topic(stack, "Topic")
    nightly.notify(topic)
    nightly.add_alarms(topic)

    assert [one["AlarmActions"] for one in alarms_of(stack)] == [["<TopicBFC7AF6E>"]] * 3
    (policy,) = of_kind(stack, "AWS::SNS::TopicPolicy")
    rules, alarms = policy["PolicyDocument"]["Statement"]
    assert rules["Principal"] == {"Service": "events.amazonaws.com"}
    assert alarms == {
        "Sid": "1",
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Resource": "<TopicBFC7AF6E>",
        "Condition": {
            "ArnEquals": {
                "aws:SourceArn": [
                    "<NightlyAlarmsFailed732ACD81>",
                    "<NightlyAlarmsTimedOut3B7E0722>",
                    "<NightlyAlarmsThrottled5857CB3D>",
                ]
            }
        },
    }
