"""When executions of a workflow begin by themselves, by EventBridge Scheduler."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.workflow.trigger_input import wrong_input

if TYPE_CHECKING:
    from aws_cdk import aws_scheduler as scheduler

__all__ = ["WorkflowSchedule", "add_schedules", "wrong_schedules"]

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: of the day of the
# month and that of the week one is left open.
_EXPRESSION = re.compile(
    r"rate\([1-9]\d* (minute|hour|day)s?\)"
    r"|cron\(\S+ \S+ (\? \S+ \S+|\S+ \S+ \?) \S+\)"
    r"|at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)"
)


@dataclass(frozen=True, slots=True)
class WorkflowSchedule:
    """When executions of a workflow begin by themselves.

    An execution that cannot be started is tried again for 24 hours.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

    Attributes:
        expression: ``cron(0 3 * * ? *)``, ``rate(12 hours)``,
            ``at(2026-01-31T03:00:00)``, or a ``ScheduleExpression`` of
            ``aws_cdk.aws_scheduler``.
        time_zone: The time zone that it is read in, such as
            ``Europe/Berlin``; UTC by default, or that of the
            ``ScheduleExpression``.
        input: What the executions are given: the workflow's parameters by
            their names. ``<aws.scheduler.scheduled-time>`` stands for the time
            it was due, such as ``2026-01-31T03:00:00Z``. Nothing by default.
        enabled: Whether it starts any; it does by default.
        description: What it is for; nothing is said by default.
    """

    expression: str | scheduler.ScheduleExpression
    time_zone: str | cdk.TimeZone | None = None
    input: Mapping[str, Any] | None = None
    enabled: bool = True
    description: str | None = None

    @property
    def expression_string(self) -> str:
        """The expression as text."""
        if isinstance(self.expression, str):
            return self.expression
        return str(self.expression.expression_string)

    @property
    def zone(self) -> str:
        """The name of the time zone."""
        chosen = self.time_zone or getattr(self.expression, "time_zone", None)
        return chosen.timezone_name if isinstance(chosen, cdk.TimeZone) else chosen or "Etc/UTC"


def wrong_schedules(schedules: object, parameters: Sequence[WorkflowParameter]) -> list[Problem]:
    """What is wrong with a workflow's schedules."""
    if not isinstance(schedules, list | tuple):
        return [_no_schedule("schedule", schedules)]
    return [
        found
        for at, one in enumerate(schedules)
        for found in _wrong(
            f"schedule[{at}]" if len(schedules) > 1 else "schedule", one, parameters
        )
    ]


def _wrong(name: str, schedule: object, parameters: Sequence[WorkflowParameter]) -> list[Problem]:
    if not isinstance(schedule, WorkflowSchedule):
        return [_no_schedule(name, schedule)]
    found = []
    text = schedule.expression
    if isinstance(text, str) and is_known(text) and not _EXPRESSION.fullmatch(text):
        found.append(
            Problem(
                f"{name}: expression must be 'cron(minutes hours day month weekday year)' "
                "with ? for day or weekday, 'rate(5 hours)' or 'at(2026-01-31T03:00:00)', "
                f"got {text!r}"
            )
        )
    found += _wrong_zone(name, schedule.time_zone)
    return [*found, *wrong_input(f"{name}: input", schedule.input, parameters)]


def _wrong_zone(name: str, zone: object) -> list[Problem]:
    if not isinstance(zone, str) or not is_known(zone):
        return []
    known = available_timezones()
    # A machine without the database cannot tell.
    if zone in known or not known:
        return []
    near = get_close_matches(zone, known, n=1)
    return [
        Problem(
            f"{name}: time_zone must be a name of the IANA database, such as "
            f"{near[0] if near else 'Europe/Berlin'!r}, got {zone!r}: one that this machine does "
            f"not know yet goes as cdk.TimeZone.of({zone!r})"
        )
    ]


def _no_schedule(name: str, value: object) -> Problem:
    return Problem(
        f"{name} must be a WorkflowSchedule or a list of them, got {value!r}: "
        "write WorkflowSchedule('cron(0 3 * * ? *)')"
    )


def add_schedules(
    scope: Construct, schedules: Sequence[WorkflowSchedule], machine: sfn.StateMachine
) -> None:
    """Make the schedules of a machine.

    Args:
        scope: Whose they are.
        schedules: When executions begin; without any nothing is made.
        machine: The machine.
    """
    if not schedules:
        return
    role = _role(scope, machine)
    for at, one in enumerate(schedules):
        _add(scope, "Schedule" if at == 0 else f"Schedule{at + 1}", one, machine, role)


def _role(scope: Construct, machine: sfn.StateMachine) -> iam.Role:
    """A role of the schedules, which this account's default group alone may take.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    group = f"arn:{PARTITION}:scheduler:{REGION}:{ACCOUNT_ID}:schedule-group/default"
    trusted = iam.ServicePrincipal(
        "scheduler.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID, "aws:SourceArn": compact(group)}
        },
    )
    role = iam.Role(scope, "ScheduleRole", assumed_by=trusted)
    machine.grant_start_execution(role)
    return role


def _add(
    scope: Construct,
    name: str,
    schedule: WorkflowSchedule,
    machine: sfn.StateMachine,
    role: iam.Role,
) -> None:
    # It costs time to load, and most workflows have none.
    from aws_cdk import aws_scheduler as scheduler  # noqa: PLC0415

    made = scheduler.CfnSchedule(
        scope,
        name,
        description=schedule.description,
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        schedule_expression=schedule.expression_string,
        schedule_expression_timezone=schedule.zone,
        state="ENABLED" if schedule.enabled else "DISABLED",
        target=scheduler.CfnSchedule.TargetProperty(
            arn=machine.state_machine_arn,
            role_arn=role.role_arn,
            input=cdk.Stack.of(scope).to_json_string(schedule.input or {}),
        ),
    )
    # What it may do comes as a policy of its own, after the role.
    made.node.add_dependency(role.node.find_child("DefaultPolicy"))
