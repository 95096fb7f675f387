"""Steps that run again, over a cloud that a test writes."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from cdk_sagemaker_processing.cli.local.reruns import Reruns
from cdk_sagemaker_processing.local.watching.changes import Edit
from cdk_sagemaker_processing.local.watching.jobs import StepJob
from tests.local.watching.test_code import Bucket, Iam
from tests.runs.deployed import refusal
from tests.runs.fakes import Logs
from tests.runs.histories import START

DIGEST = "a" * 64
EDIT = Edit(DIGEST, (), (), ("clean.py",), is_deployed=False)


class SageMaker:
    """Jobs that run for one look, and go on until their end if their stop is refused."""

    def __init__(self, refused: str) -> None:
        self.refused = refused
        self.created: list[str] = []
        self.left = ["InProgress", "InProgress", "Completed"]

    def create_processing_job(self, **request: Any) -> None:
        """Make one."""
        self.created.append(request["ProcessingJobName"])

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Tell its next status."""
        status = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        return {
            "ProcessingJobName": ProcessingJobName,
            "ProcessingJobStatus": status,
            "CreationTime": START,
            "LastModifiedTime": START,
        }

    def stop_processing_job(self, **_: str) -> None:
        """Refuse to stop it."""
        raise refusal("StopProcessingJob", self.refused)


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100, highlight=False)


def printed(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def reruns(console: Console, sagemaker: object) -> Reruns:
    """Those of a run of one step."""
    services = {"sagemaker": sagemaker, "logs": Logs(), "s3": Bucket(), "iam": Iam()}
    description = {
        "ProcessingJobName": "run-clean",
        "RoleArn": "arn:aws:iam::000000000000:role/clean",
        "ProcessingInputs": [{"InputName": "c", "S3Input": {"S3Uri": f"s3://b/{DIGEST}.d/c"}}],
    }
    return Reruns(console, services.__getitem__, [StepJob("Clean", description)])


def test_an_edit_that_no_step_runs_is_told(console: Console) -> None:
    """Nothing is due of it; what a step runs is due, for its reason."""
    made = reruns(console, SageMaker("none"))
    made.take([Edit("b" * 64, (), (), ("other.py",), is_deployed=False)])
    assert made.due is None
    assert printed(console) == ["other.py changed, which no step runs that is watched"]
    made.take([EDIT])
    assert made.due == "Clean"


def outdated(made: Reruns) -> Callable[[], bool]:
    """A look that finds the step edited once more."""

    def look() -> bool:
        made.take([EDIT])
        return True

    return look


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFound"])
def test_a_job_that_is_over_when_it_is_to_be_stopped_has_ended(console: Console, code: str) -> None:
    """It is asked to stop once; what it came to is told, and the step is due again."""
    sagemaker = SageMaker(code)
    made = reruns(console, sagemaker)
    made.take([EDIT])
    assert made.run("Clean", outdated(made))
    assert made.is_due("Clean")
    (name,) = sagemaker.created
    assert name.startswith("run-clean")
    first, last = printed(console)
    assert first.split() == ["▸", "Clean", "clean.py", "changed", name]
    assert last.startswith("✓ Clean completed")


def test_a_job_that_may_not_be_stopped_is_an_error(console: Console) -> None:
    """Which says why."""
    made = reruns(console, SageMaker("AccessDeniedException"))
    made.take([EDIT])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        made.run("Clean", outdated(made))
