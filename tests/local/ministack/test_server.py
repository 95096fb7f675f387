"""The process of the local AWS."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.local.ministack import server
from cdk_sagemaker_processing.local.ministack.settings import Settings
from tests.waiting import until


def open_files(process: int) -> list[str]:
    """Return what a process holds open; a file closed in the meantime is not among it."""
    found = []
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(descriptor.readlink()))
    return found


def listening(process: int) -> set[str]:
    """Return the local addresses, in /proc's notation, on which a process listens."""
    inodes = {target[8:-1] for target in open_files(process) if target.startswith("socket:[")}
    rows = [
        line.split()
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[9] in inodes and row[3] in {"0A", "07"}}


def create_job(cloud: Any, role: str, **environment: str) -> None:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.t3.medium", "VolumeSizeInGB": 1}
    cloud.client("sagemaker").create_processing_job(
        ProcessingJobName="job",
        ProcessingResources={"ClusterConfig": cluster},
        AppSpecification={"ImageUri": "image"},
        RoleArn=role,
        Environment=environment,
    )


def exit_message(cloud: Any) -> str:
    client = cloud.client("sagemaker")
    return str(
        until(lambda: client.describe_processing_job(ProcessingJobName="job").get("ExitMessage"))
    )


def test_a_port_that_is_taken_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which port, and what to do; nothing is started or written."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        home = tmp_path / "home"
        assert server.main(["--port", str(port), "--home", str(home)]) == server.CANNOT_START
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"127.0.0.1:{port} cannot be used ([Errno 98] Address already in use):")
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which folder, and why."""
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    assert server.main(["--port", "0", "--home", str(home)]) == server.CANNOT_START
    assert capsys.readouterr().err == (
        f"{home} cannot be used (Not a directory): give another --home.\n"
    )


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
    assert found["AWS_CONFIG_FILE"] == found["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert not found.keys() & {
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_S3",
        "MINISTACK_HOST",
    }
    assert (found["BIND_HOST"], found["GATEWAY_PORT"]) == ("127.0.0.1", "4566")
    assert (found["AUTH"], found["USE_SSL"]) == ("false", "0")


@pytest.mark.local_cloud
def test_a_signal_ends_it_with_its_jobs(start: Any, new_role_in: Any, tmp_path: Path) -> None:
    """It listens on one port of 127.0.0.1, and ends in seconds with its jobs and processes.

    What it held is not kept, as nobody asked for that.
    """
    with start(tmp_path) as cloud:
        port = int(cloud.endpoint_url.rpartition(":")[2])
        assert listening(cloud.process.pid) == {f"0100007F:{port:04X}"}
        assert Path(f"/proc/{cloud.process.pid}/cwd").readlink() == tmp_path
        role = new_role_in(cloud, "sagemaker.amazonaws.com")
        create_job(cloud, role, SECONDS="600", CHILD="yes")
        child = Path("/proc") / exit_message(cloud)
        assert child.exists()
        begun = time.monotonic()
        cloud.process.terminate()
        assert cloud.process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 5
    (closed,) = tmp_path.glob("*/*/closed.txt")
    assert closed.read_text() == "job Stopped"
    until(lambda: not child.exists())
    assert not [path for path in Path(tempfile.gettempdir()).iterdir() if str(port) in path.name]
    assert not (tmp_path / "tmp").exists()
    assert not (tmp_path / "state").exists()
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


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


@pytest.mark.local_cloud
def test_iam_is_enforced_on_request(start: Any, new_role_in: Any, tmp_path: Path) -> None:
    """With --enforce-iam it speaks HTTPS, and a job may do what its role may, no more."""
    with start(tmp_path, "--enforce-iam") as cloud:
        assert cloud.endpoint_url.startswith("https://")
        port = int(cloud.endpoint_url.rpartition(":")[2])
        assert listening(cloud.process.pid) == {f"0100007F:{port:04X}"}
        cloud.client("s3").create_bucket(Bucket="bucket")
        role = new_role_in(cloud, "sagemaker.amazonaws.com")
        create_job(cloud, role, WRITE_TO="bucket")
        assert exit_message(cloud) == "AccessDenied"
        cloud.process.send_signal(signal.SIGINT)
        assert cloud.process.wait(timeout=10) == 0


@pytest.mark.local_cloud
def test_who_stays_connected_does_not_hold_up_its_end(start: Any, tmp_path: Path) -> None:
    """Over TLS a connection that is kept alive is over only when both sides say so."""
    with start(tmp_path, "--enforce-iam") as cloud:
        client = cloud.client("s3")
        client.list_buckets()
        cloud.process.terminate()
        assert cloud.process.wait(timeout=8) == 0
        client.close()
    assert not (tmp_path / "tmp").exists()


@pytest.mark.local_cloud
def test_quotas_are_the_accounts(start: Any, new_role_in: Any, tmp_path: Path) -> None:
    """Each --quota holds for a type of instances; a type without one has no limit."""
    with start(tmp_path, "--quota", "ml.t3.medium=0", "--quota=ml.m5.large=1") as cloud:
        role = new_role_in(cloud, "sagemaker.amazonaws.com")
        with pytest.raises(ClientError, match=r"\(ResourceLimitExceeded\).*'ml.t3.medium for proc"):
            create_job(cloud, role)


@pytest.mark.parametrize("quota", ["ml.t3.medium", "=1", "ml.t3.medium=many", "ml.t3.medium=-1"])
def test_a_quota_that_is_none_is_refused(quota: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The usage says how one is written."""
    with pytest.raises(SystemExit):
        Settings.parse(["--port", "1", "--home", "h", f"--quota={quota}"])
    assert f"'{quota}' is not of the form ml.m5.xlarge=2" in capsys.readouterr().err


@pytest.mark.local_cloud
def test_a_job_acts_as_its_role(cloud: Any, job_role: str, machines: Any, request_for: Any) -> None:
    """Its credentials are a session of the role, named as SageMaker names it."""
    cloud.client("s3").create_bucket(Bucket="written-to")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": request_for(WRITE_TO="written-to"),
        "End": True,
    }
    output = machines.output({"StartAt": "Job", "States": {"Job": task}})
    name = job_role.rpartition("/")[2]
    assert output["ExitMessage"] == f"arn:aws:sts::000000000000:assumed-role/{name}/SageMaker"
    listed = cloud.client("s3").list_objects_v2(Bucket="written-to")
    assert [found["Key"] for found in listed["Contents"]] == ["key"]


@pytest.mark.local_cloud
def test_the_real_service_answers(start_real: Any, new_role_in: Any, tmp_path: Path) -> None:
    """`python -m` runs the service that runs jobs; what it cannot run, it says."""
    with start_real(tmp_path) as cloud:
        client = cloud.client("sagemaker")
        assert client.list_processing_jobs()["ProcessingJobSummaries"] == []
        role = new_role_in(cloud, "lambda.amazonaws.com")
        with pytest.raises(client.exceptions.ClientError) as caught:
            create_job(cloud, role)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        assert f"Could not assume role {role}" in json.dumps(caught.value.response["Error"])
