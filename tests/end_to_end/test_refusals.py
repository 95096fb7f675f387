"""What becomes of a job that the service refuses: other instance types, further attempts."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.clouds import starting
from tests.end_to_end.conftest import Cloud, Execution, write_app

pytestmark = pytest.mark.local_cloud

ROOT = Path(__file__).parents[2]
SERVER = "tests.end_to_end.throttling_cloud"
REFUSED = "SageMaker.ResourceLimitExceededException"

STACK = """
jsonata = sfn.QueryLanguage.JSONATA
fewest = sfn.RetryProps(max_attempts=1, interval=cdk.Duration.seconds(1))
first, second, third = "ml.r5.24xlarge", "ml.c5.18xlarge", "ml.m5.large"

def flow(name, step, **more):
    processing.ProcessingWorkflow(stack, name, definition=step, **more)

def step(name, code="work.py", **more):
    return processing.SKLearnStep(stack, name, code=code, **more)

def work(name, **more):
    return step(name, instance_type=first, fallback_instance_types=[second, third],
                arguments=[processing.StateInput.text("word")], result_name="worked", **more)

flow("Paths", work("Work").next(sfn.Pass(stack, "After")))
flow("Expressions", work("Work in JSONata").next(sfn.Pass.jsonata(stack, "After in JSONata")),
     query_language=jsonata)

both = sfn.Parallel(stack, "Both")
both.branch(work("Work in a branch"), sfn.Pass(stack, "Beside it"))
flow("Branch", both)
both = sfn.Parallel.jsonata(stack, "Both in JSONata")
both.branch(work("Work in a branch in JSONata", query_language=jsonata))
flow("BranchExpressions", both, query_language=jsonata)

failing = step("Fail", "fail.py", instance_type=first, fallback_instance_types=[second, third])
failing.add_catch(sfn.Pass(stack, "Handle"), errors=["States.TaskFailed"], result_path="$.error")
flow("Caught", failing)

flow("Refused", step("Want", instance_type=first, fallback_instance_types=[second]))
flow("RefusedSoon", step("Want soon", instance_type=first, fallback_instance_types=[second],
                         retry_on_service_errors=fewest))
flow("Throttled", step("Throttle", environment={"THROTTLED": "yes"}))
flow("ThrottledUnretried", step("Throttle once", environment={"THROTTLED": "yes"},
                                retry_on_service_errors=False))
flow("Failed", step("Fail alone", "fail.py"))
"""

WORK = """
import sys
from pathlib import Path
Path("/opt/ml/output/message").write_text("".join(sys.argv[1:]))
"""
MACHINES = (
    "Paths",
    "Expressions",
    "Branch",
    "BranchExpressions",
    "Caught",
    "Refused",
    "RefusedSoon",
    "Throttled",
    "ThrottledUnretried",
    "Failed",
)
GIVEN = {"word": "a word", "more": {"deep": [1, 2]}}


@pytest.fixture(scope="module")
def strained() -> Iterator[Cloud]:
    """A local cloud whose account may run two types of instances not at all; it waits briefly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starting, "_SERVER", SERVER)
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        patch.setenv("SFN_WAIT_SCALE", "0.001")
        with LocalCloud.start(quotas={"ml.r5.24xlarge": 0, "ml.c5.18xlarge": 0}) as local:
            yield Cloud(local)


@pytest.fixture(scope="module")
def runs(strained: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Execution]:
    """One execution of each machine, with the same input."""
    folder = tmp_path_factory.mktemp("app") / "refusals"
    app = write_app(folder, STACK, work=WORK, fail='raise ValueError("no such day")\n')
    outputs = strained.deploy_all(app)
    return strained.run_all({name: (outputs[name], GIVEN) for name in MACHINES})


def test_a_job_runs_on_the_first_type_that_is_to_be_had(
    runs: dict[str, Execution],
) -> None:
    """In both languages; the fallback and the states after it have the step's own input."""
    for language in ("Paths", "Expressions"):
        run = runs[language]
        assert run.status == "SUCCEEDED", run.cause
        (job,) = run.jobs
        assert job["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"
        assert job["ExitMessage"] == "a word"
        after = json.loads(run.description["output"])
        assert after.pop("worked")["Job"]["ProcessingJobArn"] == job["ProcessingJobArn"]
        assert after == GIVEN


def test_a_fallback_is_in_the_branch_of_its_step(runs: dict[str, Execution]) -> None:
    """What it hands on is the branch's output."""
    for name in ("Branch", "BranchExpressions"):
        run = runs[name]
        assert run.status == "SUCCEEDED", run.cause
        (job,) = run.jobs
        assert job["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"
        branch, *_ = json.loads(run.description["output"])
        assert branch["worked"]["Job"]["ExitMessage"] == "a word"


def test_a_users_catcher_catches_a_failure_on_a_fallback_too(runs: dict[str, Execution]) -> None:
    """The script's own failure is no reason for the next type, and goes where the user said."""
    run = runs["Caught"]
    assert run.status == "SUCCEEDED", run.cause
    (job,) = run.jobs
    assert job["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"
    after = json.loads(run.description["output"])
    error = after.pop("error")
    assert after == GIVEN
    assert error["Error"] == "States.TaskFailed"
    cause = json.loads(error["Cause"])
    assert cause["ProcessingJobName"] == job["ProcessingJobName"]
    assert "ValueError: no such day" in cause["FailureReason"]


def test_when_no_type_is_to_be_had_the_quota_is_the_cause(
    runs: dict[str, Execution], strained: Cloud
) -> None:
    """Only the last type is waited for, as often as chosen; the first gives way at once."""
    for name, attempts in (("Refused", 7), ("RefusedSoon", 2)):
        run = runs[name]
        assert run.status == "FAILED"
        assert run.description["error"] == REFUSED
        assert run.cause.startswith(
            "The account-level service limit 'ml.c5.18xlarge for processing job usage' is 0 "
            "Instances, with current utilization of 0 Instances and a request delta of 1 "
        )
        assert run.jobs == []
        refused = refused_types(strained, run)
        assert refused == ["ml.r5.24xlarge", *["ml.c5.18xlarge"] * attempts]


def test_a_throttled_request_is_made_again(runs: dict[str, Execution]) -> None:
    """The second attempt has another name, and one job runs."""
    run = runs["Throttled"]
    assert run.status == "SUCCEEDED", run.cause
    (job,) = run.jobs
    assert job["ProcessingJobName"].endswith("-1")


def test_a_throttled_request_is_not_made_again_where_the_user_said_so(
    runs: dict[str, Execution],
) -> None:
    """The execution fails with the service's words."""
    run = runs["ThrottledUnretried"]
    assert run.status == "FAILED"
    assert run.description["error"] == "SageMaker.AmazonSageMakerException"
    assert run.cause.startswith("Rate exceeded (Service: AmazonSageMaker; Status Code: 400; ")
    assert run.jobs == []


def test_a_failing_script_runs_once(runs: dict[str, Execution]) -> None:
    """It is no fault of the service."""
    run = runs["Failed"]
    assert run.description["error"] == "States.TaskFailed"
    (job,) = run.jobs
    assert job["ProcessingJobName"].endswith("-0")


def refused_types(cloud: Cloud, run: Execution) -> list[str]:
    """The instance types of an execution's refused requests, in order."""
    history: dict[str, Any] = cloud.local.client("stepfunctions").get_execution_history(
        executionArn=run.description["executionArn"], maxResults=1000
    )
    found, asked = [], ""
    for event in history["events"]:
        if event["type"] == "TaskScheduled":
            parameters = json.loads(event["taskScheduledEventDetails"]["parameters"])
            asked = parameters["ProcessingResources"]["ClusterConfig"]["InstanceType"]
        elif event["type"] == "TaskSubmitFailed":
            assert event["taskSubmitFailedEventDetails"]["error"] == REFUSED
            found.append(asked)
    return found
