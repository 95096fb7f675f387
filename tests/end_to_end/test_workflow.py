"""A workflow's parameters, limits and triggers, run in the local cloud."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cdk_sagemaker_processing.parameters.in_definition import read_parameters
from tests.end_to_end.conftest import Cloud, write_app
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

STACK = r"""
import datetime
from aws_cdk import aws_s3 as s3, aws_sns as sns, aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

day = processing.WorkflowParameter("day", pattern=r"\d{4}-\d{2}-\d{2}", default="2013-01-31")
instances = processing.WorkflowParameter("instances", type="integer", default=1, maximum=2)
full = processing.WorkflowParameter("full", type="boolean", default=False)
words = processing.WorkflowParameter("words", type="strings", default=["one", "two"])
key = processing.WorkflowParameter("key", default="none")
jsonata = sfn.QueryLanguage.JSONATA

def step(name, **more):
    return processing.SKLearnStep(
        stack, name, code="tell.py", outputs=[processing.ProcessingOutput("told")],
        arguments=["--day", day.value, f"<{day}>", f"n={instances}", f"{full}", f"{words}"],
        environment={"DAY": f"on {day}"},
        instance_count=instances.value, enable_network_isolation=full.value, **more)

given = [day, instances, full, words]
each = sfn.Map(stack, "Each", items_path=words.path).item_processor(step("OfEach"))
both = sfn.Parallel(stack, "Both").branch(step("First")).branch(each)
processing.ProcessingWorkflow(stack, "Paths", definition=both, parameters=given)
processing.ProcessingWorkflow(
    stack, "Expressions", definition=step("InJsonata"), parameters=given, query_language=jsonata)

seconds = processing.WorkflowParameter("seconds", type="integer", default=1)
def work(name):
    return sfn.Wait(stack, name, time=sfn.WaitTime.seconds_path(seconds.path))
processing.ProcessingWorkflow(
    stack, "Waits", definition=work("Work"), parameters=[seconds], max_concurrent_executions=1)
processing.ProcessingWorkflow(
    stack, "Skips", definition=work("Labour"), parameters=[seconds],
    max_concurrent_executions=2, when_busy="skip")

soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=5)
bad = sfn.Condition.string_equals(key.path, "bad")
told = sfn.Choice(stack, "Is it bad?").when(
    bad, sfn.Fail(stack, "Bad", error="Oops", cause="it was said so")
).otherwise(sfn.Pass(stack, "Told", parameters={"key": key.value, "day": day.value}))
triggered = processing.ProcessingWorkflow(
    stack, "Triggered", definition=told, parameters=[key, day],
    schedule=processing.WorkflowSchedule(
        soon.strftime("at(%Y-%m-%dT%H:%M:%S)"), input={"day": "2014-02-02"}))
bucket = s3.Bucket(stack, "Raw")
triggered.on_new_objects(bucket, prefix="in/", suffix=".csv")
topic, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")
topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
triggered.notify(topic, on=["failed", "succeeded"])
triggered.add_alarms(topic, too_long=cdk.Duration.hours(1))
triggered.add_dashboard()
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
cdk.CfnOutput(stack, "QueueUrl", value=queue.queue_url)
"""

TELL = """
import json, os, sys
from pathlib import Path
told = {"arguments": sys.argv[1:], "day": os.environ["DAY"]}
Path("/opt/ml/processing/output/told/told.json").write_text(json.dumps(told))
"""


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of a stack of workflows."""
    app = write_app(tmp_path_factory.mktemp("app") / "operated", STACK, tell=TELL)
    return cloud.deploy_all(app)


def start(cloud: Cloud, machine: str, name: str, **given: Any) -> str:
    """Start an execution and return its ARN."""
    found: str = cloud.local.client("stepfunctions").start_execution(
        stateMachineArn=machine, name=name, input=json.dumps(given)
    )["executionArn"]
    return found


def ended(cloud: Cloud, arn: str) -> dict[str, Any]:
    """An execution at its end."""

    def described() -> dict[str, Any] | None:
        states = cloud.local.client("stepfunctions")
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        return None if found["status"] == "RUNNING" else found

    execution: dict[str, Any] = until(described)
    return execution


def states_of(cloud: Cloud, arn: str) -> list[str]:
    """The states that an execution entered."""
    history = cloud.local.client("stepfunctions").get_execution_history(executionArn=arn)
    return [
        one["stateEnteredEventDetails"]["name"]
        for one in history["events"]
        if "stateEnteredEventDetails" in one
    ]


GIVEN = {"day": "2013-02-01", "instances": 2, "full": True, "words": ["it's", '"x"']}
BY_DEFAULT = {"day": "2013-01-31", "instances": 1, "full": False, "words": ["one", "two"]}


@pytest.mark.parametrize("given", [GIVEN, {}], ids=["given", "by default"])
@pytest.mark.parametrize("machine", ["Paths", "Expressions"])
def test_parameters_reach_every_job(
    cloud: Cloud, outputs: dict[str, str], machine: str, given: dict[str, Any]
) -> None:
    """Also those in Parallel and Map, in either query language."""
    name = f"{machine}-{len(given)}"

    run = cloud.run(outputs[machine], name, **given)

    assert run.status == "SUCCEEDED", run.cause
    assert len(run.jobs) == (3 if machine == "Paths" else 1)
    value = {**BY_DEFAULT, **given}
    for job in run.jobs:
        cluster = job["ProcessingResources"]["ClusterConfig"]
        assert cluster["InstanceCount"] == value["instances"]
        assert job["NetworkConfig"]["EnableNetworkIsolation"] is value["full"]
        assert job["Environment"] == {"DAY": f"on {value['day']}"}
        (flag, day, text, count, full, words) = job["AppSpecification"]["ContainerArguments"]
        assert (flag, day, text) == ("--day", value["day"], f"<{value['day']}>")
        assert (count, full) == (f"n={value['instances']}", json.dumps(value["full"]))
        assert json.loads(words) == value["words"]


@pytest.mark.parametrize("machine", ["Paths", "Expressions"])
def test_wrong_parameters_fail_before_anything_runs(
    cloud: Cloud, outputs: dict[str, str], machine: str
) -> None:
    """With all of them in one message."""
    run = cloud.run(outputs[machine], f"{machine}-wrong", day="today", instances=3, dya="x")

    assert run.status == "FAILED"
    assert run.jobs == []
    assert run.cause == (
        r'day must be text that matches \d{4}-\d{2}-\d{2}, got "today"; '
        "instances must be a whole number up to 2, got 3; "
        "dya is no parameter, the parameters are day, instances, full, words"
    )


def test_the_parameters_of_a_deployed_workflow_can_be_read(
    cloud: Cloud, outputs: dict[str, str]
) -> None:
    """By whoever may describe it."""
    described = cloud.local.client("stepfunctions").describe_state_machine(
        stateMachineArn=outputs["Paths"]
    )

    found = read_parameters(described["definition"])

    assert {one.name: one.type for one in found.values()} == {
        "day": "string",
        "instances": "integer",
        "full": "boolean",
        "words": "strings",
    }


def test_executions_go_on_one_after_the_other(cloud: Cloud, outputs: dict[str, str]) -> None:
    """In the order they began; one that is stopped keeps nobody waiting."""
    machine = outputs["Waits"]
    first = start(cloud, machine, "first", seconds=60)
    until(lambda: "Work" in states_of(cloud, first))
    second, third = (start(cloud, machine, one) for one in ("second", "third"))
    until(lambda: "Wait for its turn" in states_of(cloud, second))
    until(lambda: "Wait for its turn" in states_of(cloud, third))

    cloud.local.client("stepfunctions").stop_execution(executionArn=first)

    ends = [ended(cloud, one) for one in (second, third)]
    assert [one["status"] for one in ends] == ["SUCCEEDED", "SUCCEEDED"]
    assert ends[1]["stopDate"] - ends[0]["stopDate"] >= timedelta(seconds=1)
    assert states_of(cloud, second).count("Work") == 1


def test_executions_beyond_the_limit_are_skipped(cloud: Cloud, outputs: dict[str, str]) -> None:
    """They succeed at once and say so."""
    machine = outputs["Skips"]
    running = [start(cloud, machine, f"run-{at}", seconds=60) for at in range(2)]
    until(lambda: all("Labour" in states_of(cloud, one) for one in running))

    skipped = ended(cloud, start(cloud, machine, "late"))

    assert skipped["status"] == "SUCCEEDED"
    assert json.loads(skipped["output"]) == {
        "Skipped": "as many executions run that began before: 2"
    }
    for one in running:
        cloud.local.client("stepfunctions").stop_execution(executionArn=one)


def inputs_of(cloud: Cloud, machine: str) -> list[dict[str, Any]]:
    """The inputs of a workflow's executions."""
    states = cloud.local.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=machine)["executions"]
    described = [states.describe_execution(executionArn=one["executionArn"]) for one in listed]
    return [json.loads(one["input"]) for one in described]


def test_a_schedule_begins_an_execution(cloud: Cloud, outputs: dict[str, str]) -> None:
    """With its input."""
    until(lambda: {"day": "2014-02-02"} in inputs_of(cloud, outputs["Triggered"]))


def test_a_new_object_begins_an_execution(cloud: Cloud, outputs: dict[str, str]) -> None:
    """Only one of the right name, which the execution is told as it is."""
    key = 'in/it\'s "a" fil\u00e9.csv'
    for one in ("out/a.csv", "in/a.txt", key):
        cloud.local.client("s3").put_object(Bucket=outputs["Bucket"], Key=one, Body=b"x")

    until(lambda: {"key": key} in inputs_of(cloud, outputs["Triggered"]))

    keys = [one.get("key", "") for one in inputs_of(cloud, outputs["Triggered"])]
    assert [one for one in keys if one.endswith(("out/a.csv", "in/a.txt"))] == []


def test_a_topic_is_told_how_executions_ended(cloud: Cloud, outputs: dict[str, str]) -> None:
    """In words, with the cause and where to look."""
    arn = start(cloud, outputs["Triggered"], "told", key="bad")
    messages: list[str] = []

    def told() -> str | None:
        received = cloud.local.client("sqs").receive_message(
            QueueUrl=outputs["QueueUrl"], MaxNumberOfMessages=10
        )
        messages.extend(one["Body"] for one in received.get("Messages", ()))
        return next((one for one in messages if "Execution: told" in one), None)

    ended_at = ended(cloud, arn)["stopDate"].astimezone().strftime("%M:%S")
    lines = [one.strip('"') for one in until(told).splitlines()]

    assert lines[:2] == ["Operated/Triggered: FAILED", "Execution: told"]
    assert lines[2].startswith("Ended: 2")
    assert lines[2].removesuffix("Z")[-5:-2] == ended_at[:3]
    assert lines[3:5] == ["Error: Oops", "Cause: it was said so"]
    assert lines[5].endswith(f"states/home?region=us-east-1#/v2/executions/details/{arn}")


def test_alarms_and_dashboard_are_deployed(cloud: Cloud, outputs: dict[str, str]) -> None:
    """CloudWatch's own: nothing feeds their metrics here."""
    cloudwatch = cloud.local.client("cloudwatch")

    alarms = [
        one
        for one in cloudwatch.describe_alarms()["MetricAlarms"]
        if {"Name": "StateMachineArn", "Value": outputs["Triggered"]} in one["Dimensions"]
    ]
    bodies = [
        cloudwatch.get_dashboard(DashboardName=one["DashboardName"])["DashboardBody"]
        for one in cloudwatch.list_dashboards()["DashboardEntries"]
    ]

    assert len(alarms) == 4
    assert [one for one in bodies if outputs["Triggered"] in one]
