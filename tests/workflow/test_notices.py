"""Messages about how executions ended."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

import cdk_sagemaker_processing as processing
from tests.support import new_stack, template_of, warnings_of
from tests.workflow.resources import MACHINE, of_kind, workflow

CONSOLE = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1"


def rules_of(stack: cdk.Stack) -> list[dict[str, Any]]:
    """The stack's rules."""
    return of_kind(stack, "AWS::Events::Rule")


def test_a_topic_is_told_of_what_went_wrong(stack: cdk.Stack) -> None:
    """In words: what, when, why, and where to look."""
    workflow(stack).notify(sns.Topic(stack, "Topic"))

    assert rules_of(stack) == [
        {
            "Description": "Tells how executions of Prod/Nightly ended",
            "EventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [MACHINE],
                },
            },
            "Targets": [
                {
                    "Id": "Target",
                    "Arn": "<TopicBFC7AF6E>",
                    "InputTransformer": {
                        "InputPathsMap": {
                            "detail-status": "$.detail.status",
                            "detail-name": "$.detail.name",
                            "time": "$.time",
                            "detail-error": "$.detail.error",
                            "detail-cause": "$.detail.cause",
                            "detail-executionArn": "$.detail.executionArn",
                        },
                        "InputTemplate": '"Prod/Nightly: <detail-status>"\n'
                        '"Execution: <detail-name>"\n'
                        '"Ended: <time>"\n'
                        '"Error: <detail-error>"\n'
                        '"Cause: <detail-cause>"\n'
                        f'"{CONSOLE}#/v2/executions/details/<detail-executionArn>"',
                    },
                }
            ],
        }
    ]


def test_what_succeeded_has_no_error_in_its_message(stack: cdk.Stack) -> None:
    """So it has a rule of its own."""
    workflow(stack).notify(sns.Topic(stack, "Topic"), on=["failed", "succeeded"])

    failed, succeeded = rules_of(stack)
    assert failed["EventPattern"]["detail"]["status"] == ["FAILED"]
    assert succeeded["EventPattern"]["detail"]["status"] == ["SUCCEEDED"]
    assert succeeded["Targets"][0]["InputTransformer"]["InputTemplate"] == (
        '"Prod/Nightly: <detail-status>"\n'
        '"Execution: <detail-name>"\n'
        '"Ended: <time>"\n'
        f'"{CONSOLE}#/v2/executions/details/<detail-executionArn>"'
    )


def test_the_rules_alone_may_publish(stack: cdk.Stack) -> None:
    """By the topic's policy."""
    workflow(stack).notify(sns.Topic(stack, "Topic"), on=["failed", "succeeded"])

    (policy,) = of_kind(stack, "AWS::SNS::TopicPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    sources = statement.pop("Condition")["ArnEquals"]["aws:SourceArn"]
    assert statement == {
        "Sid": "0",
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": {"Service": "events.amazonaws.com"},
        "Resource": "<TopicBFC7AF6E>",
    }
    rules = [one for one in template_of(stack)["Resources"] if "NightlyNotice" in one]
    assert len(rules) == 2
    assert sources == [f"<{one}>" for one in rules]


def test_the_key_of_a_topic_may_be_used_too(stack: cdk.Stack) -> None:
    """Else the message is lost."""
    key = kms.Key(stack, "Key")
    workflow(stack).notify(sns.Topic(stack, "Topic", master_key=key))

    (written,) = of_kind(stack, "AWS::KMS::Key")
    assert written["KeyPolicy"]["Statement"][1:] == [
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Principal": {"Service": "events.amazonaws.com"},
            "Resource": "*",
        }
    ]


def test_several_topics_may_be_told(stack: cdk.Stack) -> None:
    """Each of other endings."""
    nightly = workflow(stack)
    nightly.notify(sns.Topic(stack, "Bad"))
    nightly.notify(sns.Topic(stack, "Good"), on=["succeeded"])

    assert [one["Targets"][0]["Arn"][1:4] for one in rules_of(stack)] == ["Bad", "Goo"]


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/states"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/states"),
        (None, "https://<AWS::Region>.console.aws.amazon.com/states/home?region=<AWS::Region>#"),
    ],
)
def test_the_console_is_that_of_the_region(
    tmp_path: Path, region: str | None, console: str
) -> None:
    """Other partitions have other ones."""
    environment = cdk.Environment(region=region) if region else None
    stack = new_stack(tmp_path, environment=environment)
    workflow(stack).notify(sns.Topic(stack, "Topic"))

    (rule,) = rules_of(stack)
    assert console in rule["Targets"][0]["InputTransformer"]["InputTemplate"]


def test_an_imported_topic_is_a_warning(stack: cdk.Stack) -> None:
    """Its policy cannot be changed from here."""
    arn = "arn:aws:sns:eu-west-1:111122223333:told"
    workflow(stack).notify(sns.Topic.from_topic_arn(stack, "Topic", arn))

    (warning,) = warnings_of(stack)
    assert "let events.amazonaws.com do sns:Publish on it" in warning


@pytest.mark.parametrize(
    ("on", "problem"),
    [
        (["lost"], "on must hold only failed, timed_out, aborted, succeeded, got 'lost'"),
        ("failed", "on must be a list of .* got 'failed'"),
        ([], "on must be a list of .* got"),
    ],
    ids=str,
)
def test_an_ending_that_is_none_is_refused(stack: cdk.Stack, on: Any, problem: str) -> None:
    """Nobody would ever be told of it."""
    with pytest.raises(processing.ValidationError, match=problem):
        workflow(stack).notify(sns.Topic(stack, "Topic"), on=on)
