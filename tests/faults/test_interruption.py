"""Ctrl-C and SIGTERM at each stage of `local run`, which `make demo` is, too."""

import json
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.disk.folders import cache_folder
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.ports import choose_port
from tests.faults.terminal import Terminal, terminal

pytestmark = pytest.mark.local_cloud

SMALL_APP = Path(__file__).parents[1] / "local" / "app"
COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
CLOUD = "cdk_sagemaker_processing.local.ministack"
TOLD = "Interrupted: nothing is left running."
SPARK_APP = """
import aws_cdk as cdk
import cdk_sagemaker_processing as processing
app = cdk.App()
stack = cdk.Stack(app, "Sparks")
step = processing.PySparkStep(stack, "Spark", submit_app="spark.py")
processing.ProcessingWorkflow(stack, "Flow", definition=step)
app.synth()
"""
SPARK = """
from pyspark.sql import SparkSession
print(SparkSession.builder.appName("small").getOrCreate().range(9).count())
"""


@dataclass(frozen=True, slots=True)
class LocalRun:
    """A `local run` on a terminal, and what it could leave.

    Attributes:
        terminal: The terminal.
        temporary: The folder of its temporary files.
        port: The port of its cloud.
    """

    terminal: Terminal
    temporary: Path
    port: int

    def assert_nothing_is_left(self) -> None:
        """No process at the moment of its end, no file, nobody on its port."""
        assert self.terminal.left == []
        assert list(self.temporary.iterdir()) == []
        assert choose_port(self.port) == self.port


@contextmanager
def local_run(
    folder: Path, *, app: Path = SMALL_APP, words: str = "slow", **variables: str
) -> Iterator[LocalRun]:
    """Run an app."""
    temporary, port = folder / "tmp", choose_port(None)
    temporary.mkdir()
    given = ["--port", str(port), "--input", json.dumps({"words": words})]
    mounts = Path("/proc/self/mounts").read_text()
    with terminal(
        folder,
        [*COMMAND, "local", "run", str(app), *given],
        {"TMPDIR": str(temporary), **variables},
    ) as shown:
        yield LocalRun(shown, temporary, port)
    assert Path("/proc/self/mounts").read_text() == mounts


def ctrl_c(run: LocalRun) -> int:
    """Press Ctrl-C, and return the exit code to be."""
    run.terminal.press_ctrl_c()
    return 130


def terminate(run: LocalRun) -> int:
    """Send SIGTERM, and return the exit code to be."""
    run.terminal.send(SIGTERM)
    return 143


def assert_ends(run: LocalRun, interrupt: Callable[[LocalRun], int]) -> None:
    """Interrupt a run: its exit code and its last line say so, and nothing is left."""
    code = interrupt(run)
    assert run.terminal.end() == code, run.terminal.shown[-2000:]
    run.assert_nothing_is_left()


@contextmanager
def silent_index() -> Iterator[socket.socket]:
    """A registry of packages that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize("interrupt", [ctrl_c, terminate])
def test_while_the_tools_of_node_are_installed(
    tmp_path: Path, interrupt: Callable[[LocalRun], int]
) -> None:
    """Nothing of them is there afterwards that could be taken for whole."""
    cache = tmp_path / "cache"
    with (
        silent_index() as index,
        local_run(
            tmp_path,
            CDK_SAGEMAKER_PROCESSING_CACHE=str(cache),
            NPM_CONFIG_REGISTRY=address(index),
        ) as run,
    ):
        index.accept()[0].close()
        assert_ends(run, interrupt)
    assert [one.name for one in cache.glob("node-*") if one.suffix == ".building"] == []
    assert not (cache / cached_tools().name).exists()


@pytest.mark.parametrize(
    ("stage", "reached", "interrupt"),
    [
        ("Local cloud", lambda run: run.terminal.find(CLOUD), ctrl_c),
        ("Synthesize", lambda run: run.terminal.find("lib/program.js"), terminate),
        ("Deploy", lambda run: run.terminal.wait_for("cdk bootstrap"), ctrl_c),
        ("Deploy", lambda run: run.terminal.wait_for("cdk deploy"), terminate),
    ],
    ids=["cloud", "synth", "bootstrap", "deploy"],
)
def test_on_the_way_to_a_run(
    tmp_path: Path,
    stage: str,
    reached: Callable[[LocalRun], object],
    interrupt: Callable[[LocalRun], int],
) -> None:
    """The stage is told as interrupted; what the CDK CLI and its app left goes, too."""
    with local_run(tmp_path) as run:
        reached(run)
        assert_ends(run, interrupt)
    assert_told(run, rf"■ {stage} .* interrupted\s+")


def test_while_the_environment_of_a_job_is_made(tmp_path: Path) -> None:
    """Nothing of it is there afterwards that could be taken for whole."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / cached_tools().name).symlink_to(cached_tools())
    with (
        silent_index() as index,
        local_run(
            tmp_path,
            CDK_SAGEMAKER_PROCESSING_CACHE=str(cache),
            UV_DEFAULT_INDEX=address(index),
        ) as run,
    ):
        index.accept()[0].close()
        assert_ends(run, ctrl_c)
    assert_told(run, r"■ Environments .* interrupted\s+")
    assert [one.name for one in (cache / "environments").iterdir() if one.is_dir()] == []


@pytest.mark.parametrize("interrupt", [ctrl_c, terminate])
def test_while_a_job_runs(tmp_path: Path, interrupt: Callable[[LocalRun], int]) -> None:
    """It ends with its cloud."""
    with local_run(tmp_path) as run:
        run.terminal.wait_for("counting")
        assert_ends(run, interrupt)
    assert_told(run, "")


def test_while_results_are_printed(tmp_path: Path) -> None:
    """Also when the cloud is being ended already: that is done to its end."""
    with local_run(tmp_path, words="good") as run:
        run.terminal.wait_for("Count → ")
        assert_ends(run, ctrl_c)
    assert_told(run, "")


def test_while_the_history_server_starts(tmp_path: Path) -> None:
    """Its processes are the cloud's."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "app.py").write_text(SPARK_APP)
    (app / "spark.py").write_text(SPARK)
    with local_run(tmp_path, app=app) as run:
        run.terminal.find("HistoryServer")
        assert_ends(run, ctrl_c)
    assert_told(run, r"■ History .* interrupted\s+")


def test_the_cloud_is_killed_while_it_is_deployed_to(tmp_path: Path) -> None:
    """The CDK CLI does not go on to call for it; the error is the cloud's."""
    with local_run(tmp_path) as run:
        run.terminal.wait_for("cdk deploy")
        kill(run.terminal.find(CLOUD))
        assert run.terminal.end() == 1
        run.assert_nothing_is_left()
    assert "error: the local cloud ended (exit code -9); its last lines:" in run.terminal.shown


def test_the_cloud_is_killed_while_a_job_runs(tmp_path: Path) -> None:
    """The job ends with it, and the error is the cloud's."""
    with local_run(tmp_path) as run:
        run.terminal.wait_for("counting")
        kill(run.terminal.find(CLOUD))
        assert run.terminal.end() == 1
        run.assert_nothing_is_left()
    assert "error: the local cloud ended (exit code -9); its last lines:" in run.terminal.shown


def test_the_command_itself_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud and the job end by themselves; the next start removes their files."""
    with local_run(tmp_path) as run:
        run.terminal.wait_for("counting")
        run.terminal.send(SIGKILL)
        assert run.terminal.end() == 128 + SIGKILL
        assert run.terminal.stayed == []
    assert choose_port(run.port) == run.port
    (home,) = run.temporary.iterdir()
    monkeypatch.setattr(tempfile, "tempdir", str(run.temporary))
    with LocalCloud.start() as cloud:
        assert not home.exists()
        assert list(run.temporary.iterdir()) == [cloud.home]
    assert list(run.temporary.iterdir()) == []


def assert_told(run: LocalRun, before: str) -> None:
    """One line, the last, says that nothing is left; nothing that went wrong is shown."""
    assert re.search(rf"{before}{TOLD}\s*$", run.terminal.shown), run.terminal.shown[-2000:]
    assert run.terminal.shown.count(TOLD) == 1
    assert "Traceback" not in run.terminal.shown


def kill(process: int) -> None:
    """Kill a process."""
    if identity := ProcessIdentity.of(process):
        identity.send(SIGKILL)


def cached_tools() -> Path:
    """The installed tools of Node."""
    script = Path(toolchain.cdk_command()[1])
    return next(one for one in script.parents if one.parent == cache_folder())
