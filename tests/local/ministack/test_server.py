"""The process of the local AWS."""

import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.ministack import server
from cdk_sagemaker_processing.local.ministack.settings import Settings

ROOT = Path(__file__).parents[3]


def listening(process: int) -> set[str]:
    """Return the local addresses, in /proc's notation, on which a process listens."""
    inodes = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        target = str(descriptor.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    rows = [
        line.split()
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[9] in inodes and row[3] in {"0A", "07"}}


def test_a_port_that_is_taken_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which port, and what to do; nothing is started or written."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        home = tmp_path / "home"
        assert server.main(["--port", str(port), "--home", str(home)]) == server.PORT_TAKEN
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"127.0.0.1:{port} cannot be used: Address already in use.")
    assert not home.exists()


def test_the_environment_keeps_the_users_aws_out() -> None:
    """Neither credentials nor profiles nor endpoints of the user reach MiniStack."""
    inherited = {
        "PATH": "/bin",
        "AWS_PROFILE": "prod",
        "AWS_SESSION_TOKEN": "x",
        "AWS_ENDPOINT_URL_S3": "x",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "MINISTACK_HOST": "elsewhere",
    }
    found = Settings(4566, Path("/home/x")).environment(inherited)
    assert found["PATH"] == "/bin"
    assert found["AWS_ACCESS_KEY_ID"] == "test"
    assert not found.keys() & {
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_S3",
        "MINISTACK_HOST",
    }
    assert (found["BIND_HOST"], found["GATEWAY_PORT"]) == ("127.0.0.1", "4566")
    assert (found["AUTH"], found["USE_SSL"]) == ("false", "0")


@pytest.mark.local_cloud
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_its_jobs(
    start: Any, tmp_path: Path, number: signal.Signals, wait_until: Callable[..., Any]
) -> None:
    """It listens on one port of 127.0.0.1, ends in seconds with its jobs, and leaves nothing."""
    with start(tmp_path) as cloud:
        port = int(cloud.endpoint_url.rpartition(":")[2])
        assert listening(cloud.process.pid) == {f"0100007F:{port:04X}"}
        role = cloud.client("iam").create_role(
            RoleName="job",
            AssumeRolePolicyDocument=(
                '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", '
                '"Principal": {"Service": "sagemaker.amazonaws.com"}}}'
            ),
        )
        cloud.client("sagemaker").create_processing_job(
            ProcessingJobName="long",
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.t3.medium",
                    "VolumeSizeInGB": 1,
                }
            },
            AppSpecification={"ImageUri": "image"},
            RoleArn=role["Role"]["Arn"],
            Environment={"SECONDS": "600"},
        )
        cloud.process.send_signal(number)
        assert cloud.process.wait(timeout=10) == 0
    assert (tmp_path / "closed.txt").read_text() == "long Stopped"
    assert not [path for path in Path(tempfile.gettempdir()).iterdir() if str(port) in path.name]
    assert not (tmp_path / "tmp").exists()
    assert (tmp_path / "log.txt").read_text().count("Traceback") == 0
    wait_until(lambda: not Path(f"/proc/{cloud.process.pid}").exists())


@pytest.mark.local_cloud
def test_it_ends_when_its_parent_ends(start: Any, tmp_path: Path) -> None:
    """With --parent it ends by itself, cleanly, once that process is gone."""
    sleeper = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with (
        subprocess.Popen(sleeper, stdin=subprocess.PIPE) as parent,
        start(tmp_path, "--parent", str(parent.pid)) as cloud,
    ):
        parent.communicate(timeout=10)
        assert cloud.process.wait(timeout=10) == 0
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
