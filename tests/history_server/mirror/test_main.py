"""The mirror's program in this process: how each end of it is told. S3 and users are stand-ins."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from cdk_sagemaker_processing.history_server.mirror import program
from cdk_sagemaker_processing.history_server.mirror.mirroring import Mirror
from cdk_sagemaker_processing.history_server.mirror.volume import Volume
from cdk_sagemaker_processing.history_server.mirror.watching import Ending
from tests.history_server.mirror.fake_s3 import FakeS3


@dataclass(slots=True)
class Course:
    """What becomes of a mirror once its threads have begun.

    Attributes:
        failure: Why one of the threads ends.
        begins: Called when they begin.
        polls: How long they were told to wait between two looks.
    """

    failure: Ending | None = None
    begins: Callable[[], object] = lambda: None
    polls: list[float] = field(default_factory=list)

    def start(self, _mirror: Mirror, poll_seconds: float) -> None:
        """Begin."""
        self.polls.append(poll_seconds)
        self.begins()


@pytest.fixture(name="course")
def _course(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Course]:
    course = Course()
    variables = {
        "HISTORY_FOLDER": str(tmp_path / "history"),
        "HISTORY_PORT": "18080",
        "HISTORY_SOURCES": '["s3://logs/spark-events/"]',
        "HISTORY_POLL_SECONDS": "3",
        "HISTORY_DISK_MIB": "100",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(program, "Threads", lambda: course)
    monkeypatch.setattr(boto3, "client", lambda *_, **_options: FakeS3())
    monkeypatch.setattr(Volume, "give_up_root", lambda *_: True)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    mask = os.umask(0o022)
    yield course
    os.umask(mask)
    for number, handler in before:
        signal.signal(number, handler)


def _stop(number: int) -> Callable[[], object]:
    return lambda: signal.raise_signal(number)


def test_the_server_may_start_when_the_mirror_does(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its folders are there by then; the reason of the end is the last line of the log."""
    seen: list[bool] = []
    control = tmp_path / "history" / "control"
    course.begins = lambda: seen.append((control / "ready").exists())
    course.failure = Ending("idle: for long", 0)
    assert program.main() == 0
    assert (seen, course.polls) == ([True], [3])
    assert capsys.readouterr().out.splitlines() == [
        "INFO mirroring s3://logs/spark-events/",
        "ENDED idle: for long",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_mirror_that_is_told_to_stop_has_nothing_to_say(
    course: Course, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """And a second signal no effect."""
    course.begins = _stop(number)
    assert program.main() == 0
    assert "ENDED" not in capsys.readouterr().out
    assert signal.getsignal(number) is signal.SIG_IGN


def test_a_server_that_stops_the_task_has_its_reason_told(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though the mirror learns of it by a signal alone."""

    def end() -> None:
        (tmp_path / "history" / "control" / "server-ended").write_text("no Spark\n")
        signal.raise_signal(signal.SIGTERM)

    course.begins = end
    assert program.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "ENDED the server ended: no Spark"


def test_whatever_fails_is_the_reason(
    monkeypatch: pytest.MonkeyPatch, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its kind."""

    def refuse(*_: Any, **_options: Any) -> None:
        raise ValueError("no region")

    monkeypatch.setattr(boto3, "client", refuse)
    assert program.main() == 1
    assert capsys.readouterr().out == "ENDED the mirror failed: ValueError: no region\n"
    assert course.polls == []


def test_bad_settings_start_nothing(
    monkeypatch: pytest.MonkeyPatch, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are the reason."""
    monkeypatch.setenv("HISTORY_DISK_MIB", "0")
    assert program.main() == 1
    assert capsys.readouterr().out == (
        "ENDED HISTORY_DISK_MIB must be a whole number above 0, got '0'\n"
    )
    assert course.polls == []


@pytest.mark.parametrize("gave_up", [True, False])
def test_a_mirror_that_stays_root_says_so(
    monkeypatch: pytest.MonkeyPatch,
    course: Course,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    gave_up: bool,
) -> None:
    """It works all the same. What the other user must reach is Python and its packages."""
    asked: list[tuple[Path, ...]] = []

    def give_up(_volume: Volume, also: tuple[Path, ...]) -> bool:
        asked.append(also)
        return gave_up

    monkeypatch.setattr(Volume, "give_up_root", give_up)
    course.failure = Ending("over", 0)
    assert program.main() == 0
    assert asked == [(Path(boto3.__file__), Path(os.__file__))]
    words = f"INFO this stays root: no other user reaches {tmp_path}/history and Python"
    assert (words in capsys.readouterr().out.splitlines()) is not gave_up
