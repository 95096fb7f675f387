"""What stands in for images."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.environments import Environment, Environments
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.report import Report, silent
from cdk_sagemaker_processing.local.tasks import ImageError, StandIns


class NoEnvironments(Environments):
    """Environments that are asked for, and not made."""

    def __init__(self, problem: str | None = None) -> None:
        self.asked: list[str] = []
        self._problem = problem

    def prepare(
        self, image_uri: str, report: Report, _stop: threading.Event | None = None
    ) -> Environment:
        """Note what is asked for."""
        self.asked.append(image_uri)
        report("making it")
        if self._problem:
            raise JobError(self._problem)
        variables = {"PATH": "/bin", "SPARK_HOME": "/spark", "PYTHONUNBUFFERED": "1"}
        return Environment(Path("/python"), variables, commands={"smspark-submit": ("python",)})


@pytest.mark.parametrize(
    ("uri", "asked"),
    [
        (
            "public.ecr.aws/docker/library/spark:3.5.8-scala2.12-java17-ubuntu",
            "sagemaker-spark-processing:3.5-cpu",
        ),
        ("docker.io/apache/spark:3.5.1", "sagemaker-spark-processing:3.5-cpu"),
        (
            "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.3-cpu-py39-v1.0",
            "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.3-cpu-py39-v1.0",
        ),
    ],
)
def test_spark_images_are_the_environments_of_jobs(uri: str, asked: str) -> None:
    """The same line; without what only jobs see; nothing listens but on this machine's own."""
    environments, told = NoEnvironments(), list[str]()
    image = StandIns(environments).pull(uri, told.append, threading.Event())
    assert environments.asked == [asked]
    assert told == ["making it"]
    assert image.variables == {
        "PATH": "/bin",
        "SPARK_HOME": "/spark",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
    }
    assert image.commands == {"smspark-submit": ("python",)}


def test_lambda_s_python_is_this_python() -> None:
    """With boto3, by the names python3 and python, and no more variables than an image has."""
    image = StandIns(NoEnvironments()).pull(
        "public.ecr.aws/lambda/python:3.13", silent, threading.Event()
    )
    assert set(image.variables) == {"PATH", "LANG"}
    assert image.commands == {"python3": (sys.executable,), "python": (sys.executable,)}
    command = [*image.commands["python3"], "-c", "import boto3; print(boto3.__version__)"]
    subprocess.run(command, env=dict(image.variables), check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "uri",
    [
        "nginx",
        "public.ecr.aws/docker/library/spark:4.0.0",
        "public.ecr.aws/lambda/nodejs:20",
        "example.com/public.ecr.aws/lambda/python:3.13",
    ],
)
def test_others_have_nothing(uri: str) -> None:
    """The error says what there is."""
    with pytest.raises(ImageError, match=r"stands in for public\.ecr\.aws/") as caught:
        StandIns(NoEnvironments()).pull(uri, silent, threading.Event())
    assert str(caught.value).endswith(f", not for {uri}")


def test_an_environment_that_cannot_be_made_is_an_image_s_problem() -> None:
    """With its reason."""
    images = StandIns(NoEnvironments("no room"))
    with pytest.raises(ImageError, match="no room"):
        images.pull("apache/spark:3.5.1", silent, threading.Event())


def test_an_image_is_given_up_when_the_task_stops() -> None:
    """Even when it is there."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        StandIns(NoEnvironments()).pull("apache/spark:3.5.1", silent, stop)
