import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.local import LocalCloud, LocalCloudError

APP = Path(__file__).parents[1] / "local" / "app"
COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
MARK = "CDK_SAGEMAKER_PROCESSING_TEST_RUN"


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["local", "run", *arguments])
    return result.exit_code, result.output


def test_it_tells_its_version() -> None:
    """Which a report of a fault needs: the one that is installed."""
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.output == f"sagemaker-processing {version('cdk-sagemaker-processing')}\n"


def test_a_folder_without_an_app_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """One line, and exit code 1."""
    code, told = invoke(str(tmp_path))
    assert code == 1
    assert told.startswith(f"error: no CDK app in {tmp_path}: name the folder")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{", "got {: Expecting property name"),
        ("day=1", """must be JSON, such as '{"day": "2026-01-31"}', or @FILE, got day=1: """),
        ("@none.json", "none.json: No such file"),
    ],
)
def test_input_that_is_no_json_is_refused(given: str, told: str) -> None:
    """The option is named, and what is wrong with it."""
    code, output = invoke(str(APP), "--input", given)
    assert code == 2
    assert "--input" in output
    assert told in re.sub(r"\s+", " ", output.replace("│", ""))


@pytest.mark.parametrize("given", ["example", "=nightly"])
def test_context_that_is_no_pair_is_refused(given: str) -> None:
    """The option is named, and what came."""
    code, output = invoke(str(APP), "-c", given)
    assert code == 2
    assert f"must be KEY=VALUE, got '{given}'" in re.sub(r"\s+", " ", output.replace("│", ""))


@pytest.mark.local_cloud
def test_the_app_is_told_its_context() -> None:
    """This repository's own app says which examples it has, if it is asked for another one."""
    code, told = invoke(str(APP.parents[2]), "-c", "example=hourly")
    assert code == 1
    assert "there is no example 'hourly': choose flights, nightly, fan_out or all" in told


def test_a_taken_port_is_refused_before_the_cloud_starts() -> None:
    """One line, and exit code 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, told = invoke(str(APP), "--port", port)
    assert code == 1
    assert f"error: port {port} on 127.0.0.1 is taken by another program" in told
    assert "✓ Local cloud" not in told


def test_permissions_and_quotas_are_the_clouds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run can be held to what it may do and have on AWS."""
    given: dict[str, object] = {}

    def start(**options: object) -> LocalCloud:
        given.update(options)
        raise LocalCloudError("not started")

    monkeypatch.setattr(LocalCloud, "start", start)
    quotas = ["--quota", "ml.m5.xlarge=0", "--quota", "ml.p3.2xlarge=1"]
    code, told = invoke(str(APP), "--enforce-iam", *quotas)
    assert (code, given["enforce_iam"]) == (1, True)
    assert given["quotas"] == {"ml.m5.xlarge": 0, "ml.p3.2xlarge": 1}
    assert "error: not started" in told


def test_help_says_what_a_run_is() -> None:
    """The first thing that a person asks."""
    code, told = invoke("--help")
    assert code == 0
    assert "Deploy a CDK app to a cloud on this machine" in told


@pytest.fixture
def mark() -> str:
    """A word in the environment by which a test's own processes are known."""
    return uuid.uuid4().hex


def marked_processes(mark: str) -> Iterator[str]:
    """The command lines of the processes that a test's command started and left."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue


def start(mark: str, home: Path, *arguments: str) -> "subprocess.Popen[str]":
    home.mkdir(exist_ok=True)
    return subprocess.Popen(
        [*COMMAND, "local", "run", str(APP), *arguments],
        env={**os.environ, MARK: mark, "TMPDIR": str(home), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.local_cloud
def test_a_run_ends_with_its_outputs_and_leaves_nothing(tmp_path: Path, mark: str) -> None:
    """From an app's folder to the first rows of what it wrote, by one command."""
    with start(mark, tmp_path / "tmp", "--input", '{"words": "good"}') as process:
        told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert "✓ Count (SKLearn) succeeded" in told
    assert "Count → counts  1 file, 19 B (csv)" in told
    assert re.search(r"name +count\s+a +1\s+b +2", told)
    assert list(marked_processes(mark)) == []
    assert [path.name for path in (tmp_path / "tmp").glob("sagemaker-processing-*")] == []


@pytest.mark.local_cloud
def test_a_script_that_raises_is_told_by_its_traceback(tmp_path: Path, mark: str) -> None:
    """Exit code 1, the traceback's end, and a log that is still there afterwards."""
    with start(mark, tmp_path / "tmp", "--input", '{"words": "bad"}') as process:
        told, _ = process.communicate(timeout=300)
    assert process.returncode == 1, told
    assert "✗ Count (SKLearn) failed: States.TaskFailed" in told
    assert "  ValueError: no such words" in told
    log = re.search(r"The end of its log, (\S+)", told)
    assert log
    assert "ValueError: no such words" in Path(log[1]).read_text()
    assert list(marked_processes(mark)) == []
