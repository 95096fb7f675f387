"""What a workflow says to a value of the wrong kind, which the CDK would meet deep inside."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import cdk_sagemaker_processing as processing
from tests.workflow.resources import workflow

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"


def problems(error: processing.ValidationError) -> list[str]:
    """What it says is wrong with the workflow ``Nightly``."""
    assert error.path == "Prod/Nightly"
    assert error.kind == "ProcessingWorkflow"
    return [str(one) for one in error.problems]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"encryption_key": KEY},
            (
                f"encryption_key must be a kms.IKey, got {KEY!r}: write "
                f"kms.Key.from_key_arn(self, 'Key', {KEY!r})"
            ),
        ),
        (
            {"log_retention": 30},
            (
                "log_retention must be a logs.RetentionDays, got 30: write "
                "logs.RetentionDays.ONE_MONTH"
            ),
        ),
        (
            {"removal_policy": "destroy"},
            (
                "removal_policy must be a cdk.RemovalPolicy, got 'destroy': write "
                "cdk.RemovalPolicy.DESTROY"
            ),
        ),
        (
            {"removal_policy": "retain"},
            (
                "removal_policy must be a cdk.RemovalPolicy, got 'retain': write "
                "cdk.RemovalPolicy.RETAIN"
            ),
        ),
        (
            {"log_level": "error"},
            "log_level must be a sfn.LogLevel, got 'error': write sfn.LogLevel.ERROR",
        ),
        (
            {"query_language": "JSONPath"},
            (
                "query_language must be a sfn.QueryLanguage, got 'JSONPath': write "
                "sfn.QueryLanguage.JSONATA"
            ),
        ),
        (
            {"timeout": 3600},
            "timeout must be a cdk.Duration, got 3600: write cdk.Duration.hours(1)",
        ),
        (
            {"include_execution_data": "no"},
            "include_execution_data must be True or False, got 'no'",
        ),
        ({"comment": 7}, "comment must be a string, got 7"),
        (
            {"parameters": "day"},
            "parameters must be a list of WorkflowParameters, got 'day': write [...]",
        ),
    ],
)
def test_another_kind_is_refused_by_its_name(
    stack: cdk.Stack, options: dict[str, Any], words: str
) -> None:
    """And what to write instead."""
    with pytest.raises(processing.ValidationError) as error:
        workflow(stack, **options)

    assert problems(error.value) == [words]


def test_all_of_them_are_told_at_once(stack: cdk.Stack) -> None:
    """In one error, with what else is wrong."""
    with pytest.raises(processing.ValidationError) as error:
        workflow(
            stack,
            encryption_key=KEY,
            log_retention=30,
            removal_policy="destroy",
            max_concurrent_executions=0,
        )

    assert [one.split(" ")[0] for one in problems(error.value)] == [
        "max_concurrent_executions",
        "encryption_key",
        "log_retention",
        "removal_policy",
    ]


def test_a_list_of_states_is_no_definition(stack: cdk.Stack) -> None:
    """It would be unclear in which order."""
    steps: Any = ["first", "second"]

    with pytest.raises(processing.ValidationError) as error:
        processing.ProcessingWorkflow(stack, "Nightly", definition=steps)

    (told,) = problems(error.value)
    assert told == (
        "definition must be a step, a chain or another sfn.IChainable, got ['first', 'second']: of "
        "several steps write first.next(second), or ProcessingWorkflow.from_steps(...)"
    )


def test_a_trigger_takes_a_bucket(stack: cdk.Stack) -> None:
    """Not its name."""
    made = workflow(stack)
    name: Any = "raw-data"

    with pytest.raises(processing.ValidationError) as error:
        made.on_new_objects(name)

    (told,) = problems(error.value)
    assert told == (
        "on_new_objects: bucket must be an s3.IBucket, got 'raw-data': write "
        "s3.Bucket.from_bucket_name(self, 'Bucket', 'raw-data')"
    )


@pytest.mark.parametrize(
    ("method", "options"), [("notify", {}), ("add_alarms", {"too_long": cdk.Duration.hours(2)})]
)
def test_who_is_told_is_a_topic(stack: cdk.Stack, method: str, options: dict[str, Any]) -> None:
    """Not its ARN; and nothing is left behind in the stack."""
    made = workflow(stack)
    before = len(made.node.find_all())

    with pytest.raises(processing.ValidationError) as error:
        getattr(made, method)(TOPIC, **options)

    (told,) = problems(error.value)
    assert told == (
        f"{method}: topic must be an sns.ITopic, got {TOPIC!r}: write "
        f"sns.Topic.from_topic_arn(self, 'Topic', {TOPIC!r})"
    )
    assert len(made.node.find_all()) == before


def test_none_is_neither_a_bucket_nor_whom_a_notice_goes_to(stack: cdk.Stack) -> None:
    """It is what a lookup that found nothing gives."""
    made = workflow(stack)
    nothing: Any = None

    with pytest.raises(processing.ValidationError) as error:
        made.on_new_objects(nothing)
    assert problems(error.value) == ["on_new_objects: bucket must be an s3.IBucket, got None"]

    with pytest.raises(processing.ValidationError) as error:
        made.notify(nothing)
    assert problems(error.value) == ["notify: topic must be an sns.ITopic, got None"]


def test_too_long_is_a_duration(stack: cdk.Stack) -> None:
    """Seconds or minutes would be a guess."""
    made = workflow(stack)
    too_long: Any = 60

    with pytest.raises(processing.ValidationError) as error:
        made.add_alarms(too_long=too_long)

    assert problems(error.value) == [
        "add_alarms: too_long must be a cdk.Duration, got 60: write cdk.Duration.hours(1)"
    ]


def test_imported_constructs_are_taken(stack: cdk.Stack) -> None:
    """They are interfaces of jsii's, of which Python knows no class."""
    made = workflow(stack)

    made.notify(sns.Topic.from_topic_arn(stack, "Topic", TOPIC))
    made.on_new_objects(s3.Bucket(stack, "Raw"))
