"""A day with a local cloud: the CDK CLI, boto3 and our commands beside it, and a crash."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.clouds.named import Clouds
from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.ports import choose_port
from cdk_sagemaker_processing.local.report import silent
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

APP = Path(__file__).parents[2] / "local" / "app"
COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    """The clouds of a user who has none yet; they end with the test."""
    monkeypatch.setenv("CDK_SAGEMAKER_PROCESSING_STATE", str(tmp_path / "state"))
    found = Clouds()
    yield found
    for cloud in found.all():
        found.down(cloud.name, forget=True)


def ours(*arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run one of our commands, and return what it printed."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=variables or os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pointed(lines: str) -> dict[str, str]:
    """Return the variables of a shell that evaluated what `up` printed."""
    script = 'eval "$0"; exec env -0'
    shown = subprocess.run(["/bin/sh", "-c", script, lines], capture_output=True, check=True).stdout
    return dict(pair.split("=", 1) for pair in shown.decode().split("\0") if pair)


def cdk(*arguments: str, variables: Mapping[str, str], folder: Path) -> None:
    """Run the CDK CLI on the small app, as a user would."""
    app = f"{sys.executable} {APP / 'app.py'}"
    done = subprocess.run(
        [*toolchain.cdk_command(silent), *arguments, "--app", app, "--output", folder / "cdk.out"],
        env=toolchain.node_environment(variables),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def processes_of(text: str) -> list[ProcessIdentity]:
    """Return the processes whose command line holds a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in command and (process := ProcessIdentity.of(int(folder.name))):
            found.append(process)
    return found


def test_a_day_with_a_local_cloud(clouds: Clouds, tmp_path: Path) -> None:
    """Deployed by the CDK CLI, crashed while a job ran, started again, deployed to again, ended."""
    variables = pointed(ours("local", "up", "--keep", "--port", str(choose_port(None))))
    cloud = clouds.running("default")
    cdk("bootstrap", "aws://000000000000/us-east-1", variables=variables, folder=tmp_path)
    cdk("deploy", "--require-approval", "never", variables=variables, folder=tmp_path)

    states = cloud.api.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    arn = machine["stateMachineArn"]
    run = states.start_execution(stateMachineArn=arn, input='{"words": "slow"}')["executionArn"]
    job = until(lambda: job_of(cloud.api.client("sagemaker")), seconds=60)
    with subprocess.Popen(
        [*COMMAND, "local", "logs", job, "--follow"], stdout=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout
        until(lambda: next(following.stdout or iter(())) == "counting\n", seconds=60)
        (status,) = json.loads(ours("local", "status", "--json"))
        assert status["running"] == {"executions": 1, "jobs": 1}
        job_processes = processes_of(str(cloud.home / "000000000000"))
        until(lambda: "TaskSubmitted" in (cloud.home / "state/stepfunctions.json").read_text())
        assert cloud.process
        cloud.process.send(signal.SIGKILL)
        assert following.wait(20) == 0
    until(lambda: not [each for each in job_processes if each.is_running])

    again = pointed(ours("local", "up"))
    assert again["AWS_ENDPOINT_URL"] == variables["AWS_ENDPOINT_URL"]
    shown = ours("show", run, variables=again)
    assert "The local cloud ended while the execution ran" in shown
    assert job_of(cloud.api.client("sagemaker"), "Failed") == job
    cdk("deploy", "--force", "--require-approval", "never", variables=again, folder=tmp_path)
    good = states.start_execution(stateMachineArn=arn, input='{"words": "good"}')["executionArn"]
    ended = until(lambda: over(states.describe_execution(executionArn=good)), seconds=60)
    assert ended["status"] == "SUCCEEDED"

    ours("local", "down", "--forget")
    assert processes_of(str(tmp_path)) == []
    assert list((tmp_path / "state" / "clouds").iterdir()) == []


def job_of(client: Any, status: str = "InProgress") -> str | None:
    """Return the name of the one job of a status, if there is one."""
    found = client.list_processing_jobs(StatusEquals=status)["ProcessingJobSummaries"]
    return found[0]["ProcessingJobName"] if found else None


def over(described: dict[str, str]) -> dict[str, str] | None:
    """Return an execution that does not run any more."""
    return described if described["status"] != "RUNNING" else None
