"""Jobs that are stopped or killed while their outputs are uploaded: no part is shown as whole."""

import json
from signal import SIGKILL
from typing import Any

import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from tests.faults.conftest import BUCKET, FaultyAws, Job
from tests.local_aws import Machines
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

HELD = "~PUT.HELD.1~b"
WRITE = f"""
import pathlib
out = pathlib.Path("/opt/ml/processing/output/out")
for name in ("a", {HELD!r}, "~c"):
    (out / name).write_text("x" * 9)
"""
GROW = """
import pathlib, time
pathlib.Path("/opt/ml/processing/output/out/half").write_text("half of it")
time.sleep(600)
"""


def ours(aws: FaultyAws, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run one of our commands in the local AWS, and return what it printed."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.cloud.endpoint_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def assert_not_whole(aws: FaultyAws, monkeypatch: pytest.MonkeyPatch, arn: str) -> None:
    """Our commands show no output of a run."""
    name = arn.rpartition(":")[2]
    told = ours(aws, monkeypatch, "outputs", arn)
    assert told == f"No job of {name} has completed with outputs.\n"
    assert json.loads(ours(aws, monkeypatch, "outputs", arn, "--json")) == []
    assert json.loads(ours(aws, monkeypatch, "show", arn, "--json"))["status"] != "SUCCEEDED"


def over(aws: FaultyAws, name: str) -> Any:
    """Return the only job of a name when it is over."""
    (job,) = aws.jobs(name)
    return job if "ProcessingEndTime" in job else None


def test_an_execution_is_stopped_while_its_job_uploads(
    aws: FaultyAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload ends with the object under way, and the job as Stopped."""
    arn = aws.start("stopped-upload", Job(WRITE))
    until(lambda: "a" in aws.objects("stopped-upload/out/"), 60)
    states = aws.cloud.client("stepfunctions")
    states.stop_execution(executionArn=arn)
    assert states.describe_execution(executionArn=arn)["status"] == "ABORTED"
    assert Machines(states).events(arn)[-1]["type"] == "ExecutionAborted"
    (job,) = aws.jobs("stopped-upload")
    assert job["ProcessingJobStatus"] == "Stopping"

    aws.s3.put_object(Bucket=BUCKET, Key="stopped-upload/out/released")
    job = until(lambda: over(aws, "stopped-upload"))

    assert job["ProcessingJobStatus"] == "Stopped"
    assert set(aws.objects("stopped-upload/out/")) == {"a", HELD, "released"}
    assert_not_whole(aws, monkeypatch, arn)


def test_a_job_is_killed_while_it_uploads(aws: FaultyAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a Continuous output has uploaded stays in S3, as on AWS, but of a job that is Failed."""
    arn = aws.start("killed-upload", Job(GROW, mode="Continuous"))
    until(lambda: "half" in aws.objects("killed-upload/out/"), 60)
    script = ProcessIdentity.of(aws.process("/input/code/job.py"))
    assert script
    script.send(SIGKILL)

    run = aws.end("killed-upload", arn)

    assert "exit code: 137." in run.reason
    assert run.outputs == {"half": b"half of it"}
    assert_not_whole(aws, monkeypatch, arn)
