"""Messages to an SNS topic about how executions ended, by EventBridge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.workflow.topics import let_publish

__all__ = ["Ending", "add_notice", "wrong_endings"]

Ending = Literal["failed", "timed_out", "aborted", "succeeded"]

_SUCCEEDED = "succeeded"
_ENDINGS = ("failed", "timed_out", "aborted", "succeeded")
_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_CONSOLE = "console.aws.amazon.com"


def wrong_endings(on: object) -> list[Problem]:
    """What is wrong with the endings of which to tell."""
    if isinstance(on, str) or not isinstance(on, Sequence) or not on:
        return [Problem(f"notify: on must be a list of {_ENDINGS}, got {on!r}")]
    return [
        Problem(f"notify: on must hold only {', '.join(_ENDINGS)}, got {one!r}")
        for one in on
        if one not in _ENDINGS
    ]


def add_notice(
    scope: Construct, path: str, topic: sns.ITopic, on: Sequence[Ending], machine: sfn.StateMachine
) -> None:
    """Tell a topic of executions that end so.

    Args:
        scope: Whose the rules are, of a name of its own.
        path: What the workflow is called.
        topic: The topic, whose policy lets the rules publish.
        on: Of which endings.
        machine: The machine.
    """
    telling = _Telling(scope, path, topic, machine)
    troubles = [one for one in on if one != _SUCCEEDED]
    rules = [
        *([telling.rule("Rule", troubles, ("Error", "Cause"))] if troubles else []),
        *([telling.rule("SucceededRule", [_SUCCEEDED], ())] if _SUCCEEDED in on else []),
    ]
    let_publish(scope, topic, "events.amazonaws.com", rules)


@dataclass(frozen=True, slots=True)
class _Telling:
    scope: Construct
    path: str
    topic: sns.ITopic
    machine: sfn.StateMachine

    def rule(self, name: str, on: Sequence[str], also: Sequence[str]) -> str:
        """Make a rule and return its ARN."""
        # They cost time to load, and not every workflow tells anybody.
        from aws_cdk import aws_events as events  # noqa: PLC0415

        from cdk_sagemaker_processing.workflow.rules import add_rule  # noqa: PLC0415 # as above

        rule = add_rule(
            self.scope,
            name,
            description=f"Tells how executions of {self.path} ended",
            pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {
                    "status": [one.upper() for one in on],
                    "stateMachineArn": [self.machine.state_machine_arn],
                },
            },
            target_arn=self.topic.topic_arn,
            told=events.RuleTargetInput.from_multiline_text(_message(self.scope, self.path, also)),
        )
        return str(rule.attr_arn)


def _message(scope: Construct, path: str, also: Sequence[str]) -> str:
    from aws_cdk import aws_events as events  # noqa: PLC0415 # as above

    def field(name: str) -> str:
        return str(events.EventField.from_path(f"$.detail.{name}"))

    lines = [
        f"{path}: {field('status')}",
        f"Execution: {field('name')}",
        f"Ended: {events.EventField.time}",
        *(f"{one}: {field(one.lower())}" for one in also),
        f"{_console(scope)}{field('executionArn')}",
    ]
    return "\n".join(lines)


def _console(scope: Construct) -> str:
    region = cdk.Stack.of(scope).region
    known = [host for prefix, host in _CONSOLES.items() if region.startswith(prefix)]
    host = known[0] if known else _CONSOLE
    return f"https://{region}.{host}/states/home?region={region}#/v2/executions/details/"
