"""Executions that begin when objects come."""

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns

import cdk_sagemaker_processing as processing
from tests.support import statements_of, template_of, warnings_of
from tests.workflow.resources import MACHINE, of_kind, workflow

NewObject = processing.NewObject


def rules_of(stack: cdk.Stack) -> list[dict[str, Any]]:
    """The stack's rules."""
    return of_kind(stack, "AWS::Events::Rule")


def key_of(rule: dict[str, Any]) -> Any:
    """Which keys a rule is for."""
    return rule["EventPattern"]["detail"].get("object", {}).get("key")


def test_an_object_that_comes_begins_an_execution(stack: cdk.Stack) -> None:
    """Which is told of it."""
    workflow(stack).on_new_objects(s3.Bucket(stack, "Raw"), prefix="in/")

    assert rules_of(stack) == [
        {
            "Description": "Starts Prod/Nightly on new objects",
            "EventPattern": {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {
                    "bucket": {"name": ["<Raw72517081>"]},
                    "object": {"key": [{"prefix": "in/"}]},
                },
            },
            "Targets": [
                {
                    "Id": "Target",
                    "Arn": MACHINE,
                    "RoleArn": "<NightlyNewObjectsRole22653030>",
                    "InputTransformer": {
                        "InputPathsMap": {
                            "detail-bucket-name": "$.detail.bucket.name",
                            "detail-object-key": "$.detail.object.key",
                            "detail-object-size": "$.detail.object.size",
                        },
                        "InputTemplate": '{"bucket":<detail-bucket-name>,'
                        '"key":<detail-object-key>,"size":<detail-object-size>}',
                    },
                }
            ],
        }
    ]


def test_the_bucket_sends_its_events_without_a_function(stack: cdk.Stack) -> None:
    """By a property of its own."""
    workflow(stack).on_new_objects(s3.Bucket(stack, "Raw"))

    assert of_kind(stack, "AWS::S3::Bucket") == [
        {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}
    ]
    assert of_kind(stack, "AWS::Lambda::Function") == []


def test_its_role_may_start_the_workflow_and_is_the_rules_alone(stack: cdk.Stack) -> None:
    """However many there are."""
    nightly = workflow(stack)
    nightly.on_new_objects(s3.Bucket(stack, "Raw"))
    nightly.on_new_objects(s3.Bucket(stack, "More"))

    (role,) = [
        one
        for one in of_kind(stack, "AWS::IAM::Role")
        if "events.amazonaws" in str(one["AssumeRolePolicyDocument"])
    ]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                "ArnLike": {
                    "aws:SourceArn": "arn:<AWS::Partition>:events:<AWS::Region>:"
                    "<AWS::AccountId>:rule/*"
                },
            },
        }
    ]
    assert statements_of(stack, "NewObjectsRoleDefaultPolicy") == [
        {"Effect": "Allow", "Action": "states:StartExecution", "Resource": MACHINE}
    ]
    assert len(rules_of(stack)) == 2


@pytest.mark.parametrize(
    ("affixes", "key"),
    [
        ({}, None),
        ({"prefix": "in/"}, [{"prefix": "in/"}]),
        ({"suffix": ".csv"}, [{"suffix": ".csv"}]),
        ({"prefix": "in/", "suffix": ".csv"}, [{"wildcard": "in/*.csv"}]),
        ({"prefix": "a*b\\", "suffix": "*"}, [{"wildcard": r"a\*b\\*\*"}]),
    ],
    ids=str,
)
def test_only_keys_that_fit_begin_one(stack: cdk.Stack, affixes: Any, key: Any) -> None:
    """By what they begin and end with."""
    workflow(stack).on_new_objects(s3.Bucket(stack, "Raw"), **affixes)

    (rule,) = rules_of(stack)
    assert key_of(rule) == key


def test_of_an_object_it_is_given_what_its_parameters_take(stack: cdk.Stack) -> None:
    """And no more, as that would be refused."""
    parameters = [
        processing.WorkflowParameter("key"),
        processing.WorkflowParameter("x", default=""),
    ]
    workflow(stack, parameters=parameters).on_new_objects(s3.Bucket(stack, "Raw"))

    (rule,) = rules_of(stack)
    assert rule["Targets"][0]["InputTransformer"]["InputTemplate"] == '{"key":<detail-object-key>}'


def test_what_it_is_given_may_be_chosen(stack: cdk.Stack) -> None:
    """Of the object, of the event and of one's own."""
    workflow(stack).on_new_objects(
        s3.Bucket(stack, "Raw"),
        input={
            "uri": f"s3://{NewObject.bucket()}/{NewObject.key()}",
            "of": [NewObject.size(), NewObject.etag(), NewObject.time()],
            "who": events.EventField.from_path("$.detail.requester"),
            "full": True,
        },
    )

    (rule,) = rules_of(stack)
    assert rule["Targets"][0]["InputTransformer"] == {
        "InputPathsMap": {
            "detail-bucket-name": "$.detail.bucket.name",
            "detail-object-key": "$.detail.object.key",
            "detail-object-size": "$.detail.object.size",
            "detail-object-etag": "$.detail.object.etag",
            "time": "$.time",
            "detail-requester": "$.detail.requester",
        },
        "InputTemplate": '{"uri":"s3://<detail-bucket-name>/<detail-object-key>",'
        '"of":[<detail-object-size>,<detail-object-etag>,<time>],'
        '"who":<detail-requester>,"full":true}',
    }


def test_an_input_without_the_object_is_given_as_it_is(stack: cdk.Stack) -> None:
    """No transformer is needed."""
    workflow(stack).on_new_objects(s3.Bucket(stack, "Raw"), input={"full": True})

    (rule,) = rules_of(stack)
    assert rule["Targets"][0]["Input"] == '{"full":true}'
    assert "InputTransformer" not in rule["Targets"][0]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"input": {"day": "2013", "dya": 1}}, "on_new_objects: input: dya is no parameter"),
        ({"input": {}}, "on_new_objects: input: day is missing"),
        ({}, "on_new_objects: input: day is missing"),
        ({"input": "x"}, "input must be a mapping of names to values, got 'x'"),
        ({"prefix": 5, "input": {"day": "x"}}, "prefix must be a string, got 5"),
    ],
    ids=str,
)
def test_a_trigger_whose_executions_would_fail_is_refused(
    stack: cdk.Stack, given: dict[str, Any], problem: str
) -> None:
    """Its input is held against the workflow's parameters."""
    nightly = workflow(stack, parameters=[processing.WorkflowParameter("day")])

    with pytest.raises(processing.ValidationError, match=re.escape(problem)):
        nightly.on_new_objects(s3.Bucket(stack, "Raw"), **given)


def test_an_imported_bucket_is_a_warning(stack: cdk.Stack) -> None:
    """This app cannot change it."""
    workflow(stack).on_new_objects(s3.Bucket.from_bucket_name(stack, "Raw", "raw"))

    (warning,) = warnings_of(stack)
    assert "turn on its notifications to Amazon EventBridge" in warning
    (rule,) = rules_of(stack)
    assert rule["EventPattern"]["detail"]["bucket"] == {"name": ["raw"]}


def test_a_bucket_with_notifications_of_the_cdks_has_events_among_them(stack: cdk.Stack) -> None:
    """They are written by a function, which would take away what the template says."""
    bucket = s3.Bucket(stack, "Raw")
    topic = notifications.SnsDestination(sns.Topic(stack, "Topic"))
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, topic)

    workflow(stack).on_new_objects(bucket)

    (written,) = of_kind(stack, "Custom::S3BucketNotifications")
    assert written["NotificationConfiguration"]["EventBridgeConfiguration"] == {}
    assert of_kind(stack, "AWS::S3::Bucket") == [{}]


def test_notifications_that_are_added_later_are_refused(stack: cdk.Stack) -> None:
    """They would turn the events off in silence."""
    bucket = s3.Bucket(stack, "Raw")
    workflow(stack).on_new_objects(bucket)
    topic = notifications.SnsDestination(sns.Topic(stack, "Topic"))
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, topic)

    with pytest.raises(RuntimeError, match="other notifications are added after on_new_objects"):
        template_of(stack)
