"""The end of a local run: outputs, and the History Server that a person looks into."""

import io
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from cdk_sagemaker_processing.cli.local.run import LocalRun
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.follower import RunFollower
from tests.history_server.client.fakes import NOW, SERVER, Api, Aws, reachable, serving
from tests.local.test_history import job
from tests.runs.deployed import Account
from tests.runs.histories import History

CLOUD: Any = SimpleNamespace(endpoint_url="http://127.0.0.1:4566")


def run_of(kind: str, logs: str | None) -> Any:
    """A run of one step, whose job keeps event logs at a place."""
    made = job("features", logs)
    made.description = {**made.description, "ProcessingJobStatus": "Completed"}
    return SimpleNamespace(
        states=[State("Features", kind)],
        jobs={"features": made},
        progress=SimpleNamespace(started=NOW),
    )


@pytest.fixture
def aws() -> Iterator[Aws]:
    """A local cloud in which the server's task runs and lists the run's application."""
    made = Aws()
    with serving(Api()) as served:
        served.add("app-1", NOW + timedelta(minutes=1))
        made.ecs.add(**reachable(served.port))
        yield made


Show = Callable[..., list[str]]


@pytest.fixture
def show(aws: Aws, tmp_path: Path) -> Show:
    """Show a run's history, and return what was printed."""

    def shown(kind: str, logs: str | None, *, is_terminal: bool = False) -> list[str]:
        console = Console(
            file=io.StringIO(), width=200, force_terminal=is_terminal, color_system=None
        )
        try:
            LocalRun(console, tmp_path)._show_history(
                Stages(console), CLOUD, aws, run_of(kind, logs)
            )
        finally:
            assert isinstance(console.file, io.StringIO)
            lines.extend(console.file.getvalue().splitlines())
        return lines

    lines: list[str] = []
    return shown


def test_outputs_are_those_of_jobs_that_completed(tmp_path: Path) -> None:
    """An attempt that failed has left none."""
    account, history = Account(), History()
    history.enter("Clean")
    history.schedule("clean-0")
    history.fail()
    history.leave("Clean", after=history.succeed(history.schedule("clean-1")))
    history.end("ExecutionSucceeded")
    output = {"S3Uri": "s3://outputs/run/train/", "LocalPath": "/opt/ml/processing/output/train"}
    described = {
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "train", "S3Output": output}]}
    }
    for name, status in (("clean-0", "Failed"), ("clean-1", "Completed")):
        account.sagemaker.jobs[name] = {"ProcessingJobStatus": status, **described}
    account.s3.objects["run/train/a.csv"] = b"carrier,n\nAA,1\n"
    follower = RunFollower(account, account.run("one", "SUCCEEDED", history))
    follower.poll()

    console = Console(file=io.StringIO(), width=100, color_system=None)
    LocalRun(console, tmp_path)._print_outputs(account, follower)

    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert told.count("Clean → train") == 1
    assert "AA" in told


def test_a_run_without_spark_has_no_history(show: Show) -> None:
    """There is no such stage."""
    assert show("SKLearn", None) == []


def test_spark_jobs_that_keep_no_event_logs_are_told(show: Show) -> None:
    """No server starts for them."""
    (line,) = show("PySpark", None)
    assert line.split("  ")[0] == "✓ History"
    assert line.endswith("no job of the run keeps event logs")


def test_the_run_s_applications_are_listed(show: Show) -> None:
    """With the server, which ends with the command where nobody looks on."""
    stage, application, *_ = show("PySpark", SERVER.sources[0])
    assert stage.split("  ")[0] == "✓ History"
    assert stage.endswith("lists 1 application")
    assert "app-1's name" in application


class Person:
    """Somebody who looks on for a while, then ends the command by a signal.

    Attributes:
        happens: What happens in the meantime, moment by moment.
    """

    def __init__(self, number: int, *happens: Callable[[], object]) -> None:
        self.number = number
        self.happens = list(happens)

    def sleep(self, _: float) -> None:
        """Let a moment pass."""
        if not self.happens:
            raise Interrupted(self.number)
        self.happens.pop(0)()


def test_on_a_terminal_the_server_stays_until_ctrl_c(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is the ordinary end there."""
    monkeypatch.setattr(time, "sleep", Person(signal.SIGINT, int).sleep)
    lines = show("PySpark", SERVER.sources[0], is_terminal=True)
    assert [line for line in lines if line][-3:] == [
        lines[-4],
        "Ctrl-C ends both.",
        "Ending.",
    ]
    assert lines[-4].startswith("Open http://127.0.0.1:")
    assert lines[-4].endswith("the local cloud is at http://127.0.0.1:4566 meanwhile.")


def test_another_signal_is_no_ordinary_end(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its exit code is the signal's."""
    monkeypatch.setattr(time, "sleep", Person(signal.SIGTERM).sleep)
    with pytest.raises(Interrupted) as interrupted:
        show("PySpark", SERVER.sources[0], is_terminal=True)
    assert interrupted.value.exit_code == 128 + signal.SIGTERM


def test_a_server_that_ends_as_it_should_leaves_the_cloud(
    aws: Aws, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that nobody looked into for long; it is told once."""
    (arn,) = aws.ecs.tasks

    def end() -> None:
        aws.logs.write("mirror", arn, "ENDED nobody looked for 30 minutes")
        aws.ecs.end(arn)

    monkeypatch.setattr(time, "sleep", Person(signal.SIGINT, end, int, int).sleep)
    told = [
        line for line in show("PySpark", SERVER.sources[0], is_terminal=True) if "ended" in line
    ]
    (line,) = told
    assert line.startswith("The History Server's task ended: ")
    assert line.endswith(" The local cloud goes on.")


def test_a_server_that_breaks_is_an_error(
    aws: Aws, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ECS's reason."""
    (arn,) = aws.ecs.tasks

    def end() -> None:
        aws.ecs.end(arn, "out of memory", mirror=137)

    monkeypatch.setattr(time, "sleep", Person(signal.SIGINT, end).sleep)
    with pytest.raises(TaskEndedError, match="out of memory"):
        show("PySpark", SERVER.sources[0], is_terminal=True)
