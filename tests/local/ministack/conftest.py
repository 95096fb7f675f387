"""The local AWS as a process, and what drives it."""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[3]
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CREATE = "arn:aws:states:::sagemaker:createProcessingJob"
FAKE_CLOUD = str(Path(__file__).parent / "fake_cloud.py")
REAL_CLOUD = ("-m", "cdk_sagemaker_processing.local.ministack")
OVER = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})


@dataclass
class RunningCloud:
    """A local AWS that runs.

    Attributes:
        process: Its process.
        endpoint_url: Where it answers.
        home: Its folder.
    """

    process: subprocess.Popen[bytes]
    endpoint_url: str
    home: Path

    @property
    def secure(self) -> bool:
        """Whether it speaks HTTPS."""
        return self.endpoint_url.startswith("https")

    def client(self, service: str, account: str = "test", region: str = "us-east-1") -> Any:
        """Return a boto3 client of it, for an account and a region."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint_url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - the local AWS takes any
            verify=str(self.home / "certificate.pem") if self.secure else None,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Return the first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return value


def trusting(home: Path) -> ssl.SSLContext:
    certificate = home / "certificate.pem"
    return ssl.create_default_context(cafile=certificate if certificate.exists() else None)


def ready(running: RunningCloud) -> bool:
    assert running.process.poll() is None, (running.home / "log.txt").read_text()
    scheme, _, address = running.endpoint_url.partition("://")
    connection = (
        http.client.HTTPConnection(address)
        if scheme == "http"
        else http.client.HTTPSConnection(address, context=trusting(running.home))
    )
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def started(
    home: Path, *options: str, program: tuple[str, ...] = (FAKE_CLOUD,)
) -> Iterator[RunningCloud]:
    port = free_port()
    command = [sys.executable, *program]
    command += ["--port", str(port), "--home", str(home), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "constructs"), "AWS_PROFILE": "none"}
    with (
        (home / "log.txt").open("w") as log,
        subprocess.Popen(command, env=environment, stderr=log) as process,
    ):
        try:
            scheme = "https" if "--enforce-iam" in options else "http"
            running = RunningCloud(process, f"{scheme}://127.0.0.1:{port}", home)
            until(lambda: ready(running), seconds=60)
            yield running
        finally:
            process.kill()


@pytest.fixture
def start() -> Callable[..., Any]:
    """Start a local AWS of one's own."""
    return started


@pytest.fixture
def start_real() -> Callable[..., Any]:
    """Start a local AWS of one's own that runs real jobs."""
    return partial(started, program=REAL_CLOUD)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """The local AWS that the tests of a worker share."""
    with started(tmp_path_factory.mktemp("cloud"), "--parent", str(os.getpid())) as running:
        yield running


@pytest.fixture(scope="session")
def states(cloud: RunningCloud) -> Any:
    return cloud.client("stepfunctions")


@pytest.fixture(scope="session")
def sagemaker(cloud: RunningCloud) -> Any:
    return cloud.client("sagemaker")


@pytest.fixture(scope="session")
def job_role(cloud: RunningCloud) -> str:
    """A role that SageMaker may assume."""
    return role(cloud, "sagemaker.amazonaws.com")


def role(cloud: RunningCloud, service: str, account: str = "test") -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    created = cloud.client("iam", account).create_role(
        RoleName=f"role-{uuid.uuid4()}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return str(created["Role"]["Arn"])


@pytest.fixture(scope="session")
def request_for(job_role: str) -> Callable[..., dict[str, Any]]:
    """A CreateProcessingJob request; its keywords go into the job's environment."""

    def build(name: str | None = None, **environment: str) -> dict[str, Any]:
        return {
            "ProcessingJobName": name or f"job-{uuid.uuid4()}",
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": {"ImageUri": IMAGE},
            "RoleArn": job_role,
            "Environment": environment,
        }

    return build


@dataclass
class Machines:
    """Runs state machines on the local AWS."""

    client: Any

    def start(self, definition: dict[str, Any], given: Any = None) -> str:
        """Create a machine, start it, and return the execution's ARN."""
        machine = self.client.create_state_machine(
            name=f"machine-{uuid.uuid4()}",
            roleArn="arn:aws:iam::000000000000:role/machine",
            definition=json.dumps(definition),
        )
        started = self.client.start_execution(
            stateMachineArn=machine["stateMachineArn"], input=json.dumps(given or {})
        )
        return str(started["executionArn"])

    def run(self, definition: dict[str, Any], given: Any = None) -> dict[str, Any]:
        """Run a machine to its end, and describe the execution."""
        return self.end(self.start(definition, given))

    def end(self, arn: str) -> dict[str, Any]:
        """Wait for the end of an execution, and describe it."""

        def described() -> Any:
            found = self.client.describe_execution(executionArn=arn)
            return found if found["status"] in OVER else None

        return dict(until(described))

    def output(self, definition: dict[str, Any], given: Any = None) -> Any:
        """Run a machine that succeeds, and return its output."""
        described = self.run(definition, given)
        assert described["status"] == "SUCCEEDED", described
        return json.loads(described["output"])

    def events(self, arn: str) -> list[dict[str, Any]]:
        """Return the events of an execution."""
        return list(self.client.get_execution_history(executionArn=arn, maxResults=1000)["events"])


@pytest.fixture(scope="session")
def machines(states: Any) -> Machines:
    return Machines(states)


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., Any]:
    return until


@pytest.fixture(scope="session")
def new_role(cloud: RunningCloud) -> Callable[..., str]:
    return partial(role, cloud)


@pytest.fixture
def new_role_in() -> Callable[..., str]:
    return role
