"""TestState: MiniStack walks one state outside any execution, with what is mended there."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.conformance.asl import chain

pytestmark = pytest.mark.local_cloud

JOB = "arn:aws:states:::sagemaker:createProcessingJob"
START = "arn:aws:states:::states:startExecution"


@pytest.fixture(scope="module")
def client(cloud: Any) -> Any:
    """A client that does not put `sync-` before the address."""
    return boto3.client(
        "stepfunctions",
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the local AWS takes any
        config=Config(inject_host_prefix=False),
    )


def answer_to(client: Any, state: dict[str, Any], given: Any = None, **more: Any) -> dict[str, Any]:
    """What TestState says of a state."""
    answer: dict[str, Any] = client.test_state(
        definition=json.dumps({"End": True, **state}), input=json.dumps(given or {}), **more
    )
    del answer["ResponseMetadata"]
    return answer


@pytest.mark.parametrize(
    ("state", "output"),
    [
        (
            {"Type": "Pass", "Parameters": {"b.$": "$.a", "c.$": "States.Array($.a)"}},
            {"b": 1, "c": [1]},
        ),
        ({"Type": "Wait", "SecondsPath": "$.seconds"}, {"seconds": 1}),
        (
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a + 1 %}"},
            2,
        ),
    ],
    ids=["Pass", "Wait", "JSONata"],
)
def test_a_state_gives_its_output(client: Any, state: dict[str, Any], output: Any) -> None:
    """With paths, functions and expressions as in an execution."""
    given = {"seconds": 1} if state["Type"] == "Wait" else {"a": 1}
    answer = answer_to(client, state, given)
    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"]) == output


def test_a_choice_tells_where_it_leads(client: Any) -> None:
    """By its rule."""
    rule = {"Variable": "$.a", "NumericEquals": 1, "Next": "Yes"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "No"}
    assert answer_to(client, choice, {"a": 1})["nextState"] == "Yes"
    assert answer_to(client, choice, {"a": 2})["nextState"] == "No"


def test_a_task_s_mock_stands_for_its_service(client: Any) -> None:
    """Its result is selected from, its error retried."""
    task = {
        "Type": "Task",
        "Resource": JOB,
        "Parameters": {"ProcessingJobName.$": "$.name"},
        "ResultSelector": {"arn.$": "$.ProcessingJobArn"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}],
    }
    result = {"result": json.dumps({"ProcessingJobArn": "arn:job"})}
    answer = answer_to(client, task, {"name": "n"}, mock=result)
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"arn": "arn:job"})
    error = {"errorOutput": {"error": "SageMaker.Limit", "cause": "none left"}}
    assert answer_to(client, task, {"name": "n"}, mock=error) == {
        "status": "RETRIABLE",
        "error": "SageMaker.Limit",
        "cause": "none left",
    }


def test_a_job_is_not_run(client: Any) -> None:
    """There is no execution that could wait for it, or end it."""
    answer = answer_to(client, {"Type": "Task", "Resource": JOB, "Parameters": {}})
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")
    assert answer["cause"] == f"TestState cannot call {JOB} here; start an execution"


@pytest.mark.parametrize("pattern", ["", ".sync:2"])
def test_another_machine_is_started(client: Any, machines: Any, pattern: str) -> None:
    """And waited for."""
    machine = machines.create(chain({"Type": "Pass", "Result": {"n": 7}}))
    task = {
        "Type": "Task",
        "Resource": f"{START}{pattern}",
        "Parameters": {"StateMachineArn": machine, "Input": {}},
    }
    answer = answer_to(client, task)
    assert answer["status"] == "SUCCEEDED"
    assert json.loads(answer["output"]).get("Output") == ({"n": 7} if pattern else None)


def test_an_activity_that_is_not_there_is_told(client: Any) -> None:
    """Rather than waited for."""
    gone = "arn:aws:states:us-east-1:000000000000:activity:gone"
    assert answer_to(client, {"Type": "Task", "Resource": gone})["error"] == "ActivityDoesNotExist"


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ({"Type": "Pass", "Parameters": {"b.$": "$.gone"}}, "The JSONPath '$.gone'"),
        ({"Type": "Pass", "InputPath": "gone"}, "Invalid path 'gone'"),
        ({"Type": "Pass", "Parameters": {"b.$": 1}}, "The value for the field 'b.$' must be a"),
        ({"Type": "Pass", "Result": 1, "ResultPath": "$[*]"}, "ResultPath '$[*]' is no path"),
        (
            {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $gone() %}"},
            "The JSONata expression '$gone()'",
        ),
    ],
    ids=["path", "no path", "template", "ResultPath", "JSONata"],
)
def test_what_cannot_be_evaluated_is_told(client: Any, state: dict[str, Any], cause: str) -> None:
    """Without an event that entered the state, as there is none."""
    answer = answer_to(client, state)
    assert answer["status"] == "FAILED"
    assert answer["cause"].startswith(cause)
