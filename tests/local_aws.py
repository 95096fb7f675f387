"""The local AWS as a process of its own, and what drives it, for tests."""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.waiting import until

ROOT = Path(__file__).parents[1]
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CREATE = "arn:aws:states:::sagemaker:createProcessingJob"
FAKE_CLOUD = str(Path(__file__).parent / "local" / "ministack" / "fake_cloud.py")
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
            service,  # type: ignore[call-overload] # named at run time
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
    home: Path, *options: str, program: tuple[str, ...] = (FAKE_CLOUD,), **variables: str
) -> Iterator[RunningCloud]:
    port = free_port()
    command = [sys.executable, *program]
    command += ["--port", str(port), "--home", str(home), *options]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "constructs"),
        "AWS_PROFILE": "none",
        **variables,
    }
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
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a cloud as its users do, so that what it ran is measured; kill what does not end."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


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


@dataclass
class Machines:
    """Runs state machines on the local AWS."""

    client: Any

    def create(self, definition: dict[str, Any]) -> str:
        """Create a machine, and return its ARN."""
        created = self.client.create_state_machine(
            name=f"machine-{uuid.uuid4()}",
            roleArn="arn:aws:iam::000000000000:role/machine",
            definition=json.dumps(definition),
        )
        return str(created["stateMachineArn"])

    def start(self, definition: dict[str, Any], given: Any = None) -> str:
        """Create a machine, start it, and return the execution's ARN."""
        return self.start_again(self.create(definition), given)

    def start_again(self, machine: str, given: Any = None) -> str:
        """Start a machine that there is, and return the execution's ARN."""
        started = self.client.start_execution(
            stateMachineArn=machine, input=json.dumps({} if given is None else given)
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

    def error(self, definition: dict[str, Any], given: Any = None) -> str:
        """Run a machine that fails, and return the error's name."""
        described = self.run(definition, given)
        assert described["status"] == "FAILED", described
        return str(described["error"])

    def events(self, arn: str) -> list[dict[str, Any]]:
        """Return the events of an execution."""
        return list(self.client.get_execution_history(executionArn=arn, maxResults=1000)["events"])

    def until(self, arn: str, event: str) -> None:
        """Wait for the first event of a type in an execution."""
        until(lambda: event in [one["type"] for one in self.events(arn)])
