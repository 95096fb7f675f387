"""Executions that begin by themselves."""

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_scheduler as scheduler

import cdk_sagemaker_processing as processing
from tests.support import statements_of, template_of
from tests.workflow.resources import MACHINE, of_kind, workflow

Schedule = processing.WorkflowSchedule
DAY = processing.WorkflowParameter("day", pattern=r"\d{4}")


def schedules(stack: cdk.Stack, *given: processing.WorkflowSchedule, **options: Any) -> Any:
    """The schedules of a workflow."""
    workflow(stack, schedule=given, **options)
    return of_kind(stack, "AWS::Scheduler::Schedule")


def test_a_schedule_starts_the_workflow(stack: cdk.Stack) -> None:
    """At its times, in its time zone, with its input."""
    workflow(
        stack,
        schedule=Schedule(
            "cron(0 3 * * ? *)",
            time_zone="Europe/Berlin",
            input={"day": "2013"},
            description="every night",
        ),
        parameters=[DAY],
    )

    assert of_kind(stack, "AWS::Scheduler::Schedule") == [
        {
            "Description": "every night",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "ScheduleExpressionTimezone": "Europe/Berlin",
            "State": "ENABLED",
            "Target": {
                "Arn": MACHINE,
                "Input": '{"day":"2013"}',
                "RoleArn": "<NightlyScheduleRole65F3D923>",
            },
        }
    ]


def test_its_role_may_start_the_workflow_and_is_the_schedulers_alone(stack: cdk.Stack) -> None:
    """Of this account, and it is there before the schedule."""
    schedules(stack, Schedule("rate(1 day)"))

    (role,) = [
        one
        for one in of_kind(stack, "AWS::IAM::Role")
        if "scheduler" in str(one["AssumeRolePolicyDocument"])
    ]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": "<AWS::AccountId>",
                    "aws:SourceArn": "arn:<AWS::Partition>:scheduler:<AWS::Region>:"
                    "<AWS::AccountId>:schedule-group/default",
                }
            },
        }
    ]
    assert statements_of(stack, "ScheduleRoleDefaultPolicy") == [
        {"Effect": "Allow", "Action": "states:StartExecution", "Resource": MACHINE}
    ]
    schedule = template_of(stack)["Resources"]["NightlySchedule16C29F04"]
    assert "NightlyScheduleRoleDefaultPolicyCD08DD4E" in schedule["DependsOn"]


def test_it_takes_the_cdks_own_expressions(stack: cdk.Stack) -> None:
    """Which know their time zone."""
    cron = scheduler.ScheduleExpression.cron(
        minute="0", hour="3", time_zone=cdk.TimeZone.EUROPE_BERLIN
    )
    rate = scheduler.ScheduleExpression.rate(cdk.Duration.hours(12))

    first, second = schedules(stack, Schedule(cron), Schedule(rate, enabled=False))

    assert first["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert first["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert second["ScheduleExpression"] == "rate(12 hours)"
    assert second["ScheduleExpressionTimezone"] == "Etc/UTC"
    assert second["State"] == "DISABLED"


def test_a_time_zone_may_be_the_cdks(stack: cdk.Stack) -> None:
    """It goes before that of the expression."""
    (found,) = schedules(
        stack, Schedule("at(2026-01-31T03:00:00)", time_zone=cdk.TimeZone.ASIA_TOKYO)
    )

    assert found["ScheduleExpressionTimezone"] == "Asia/Tokyo"


def test_several_schedules_share_a_role(stack: cdk.Stack) -> None:
    """Each has its own input; without one it is empty."""
    found = schedules(
        stack, Schedule("rate(1 day)"), Schedule("rate(2 days)", input={"full": True})
    )

    assert [one["Target"]["Input"] for one in found] == ["{}", '{"full":true}']
    assert len({one["Target"]["RoleArn"] for one in found}) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (Schedule("0 3 * * *"), "schedule: expression must be 'cron(minutes hours"),
        (Schedule("cron(0 3 * * ?)"), "got 'cron(0 3 * * ?)'"),
        (Schedule("cron(0 3 * * * *)"), "with ? for day or weekday"),
        (Schedule("rate(0 days)"), "got 'rate(0 days)'"),
        (Schedule("rate(1 day)"), "schedule: input: day is missing, it must be text that matches"),
        (
            Schedule("rate(1 day)", input={"day": "x", "dya": 1}),
            r'schedule: input: day must be text that matches \d{4}, got "x"',
        ),
        (
            Schedule("rate(1 day)", input={"day": "2013", "dya": 1}),
            "schedule: input: dya is no parameter, the parameters are day",
        ),
        (Schedule("rate(1 day)", input=["2013"]), "input must be a mapping of names to values"),  # type: ignore[arg-type] # the point of the test
        ("rate(1 day)", "must be a WorkflowSchedule or a list of them, got 'rate(1 day)'"),
        (
            [Schedule("rate(1 day)", input={"day": "2013"}), 5],
            "schedule[1] must be a WorkflowSchedule",
        ),
    ],
    ids=str,
)
def test_a_schedule_that_would_start_nothing_is_refused(
    stack: cdk.Stack, given: Any, problem: str
) -> None:
    """Its input is held against the workflow's parameters."""
    with pytest.raises(processing.ValidationError, match=re.escape(problem)):
        workflow(stack, schedule=given, parameters=[DAY])


def test_what_is_filled_in_later_is_not_checked(stack: cdk.Stack) -> None:
    """By the scheduler or by CloudFormation."""
    found = schedules(
        stack,
        Schedule("rate(1 day)", input={"day": "<aws.scheduler.scheduled-time>"}),
        Schedule("rate(1 day)", input={"day": cdk.Aws.REGION}),
        parameters=[DAY],
    )

    assert [one["Target"]["Input"] for one in found] == [
        '{"day":"<aws.scheduler.scheduled-time>"}',
        '{"day":"<AWS::Region>"}',
    ]


def test_a_time_zone_that_nobody_knows_is_refused(stack: cdk.Stack) -> None:
    """EventBridge Scheduler would refuse it at the deploy; the nearest name is told."""
    with pytest.raises(processing.ValidationError) as caught:
        workflow(stack, schedule=[Schedule("rate(1 day)", time_zone="Europe/Berln")])

    assert str(caught.value).endswith(
        "schedule: time_zone must be a name of the IANA database, such as 'Europe/Berlin', got "
        "'Europe/Berln': one that this machine does not know yet goes as "
        "cdk.TimeZone.of('Europe/Berln')"
    )


def test_a_time_zone_newer_than_the_machines_goes_as_the_cdks(stack: cdk.Stack) -> None:
    """Which names are the newest, no machine knows."""
    (found,) = schedules(
        stack, Schedule("rate(1 day)", time_zone=cdk.TimeZone.of("Mars/Olympus_Mons"))
    )

    assert found["ScheduleExpressionTimezone"] == "Mars/Olympus_Mons"
