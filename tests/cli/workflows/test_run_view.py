import io
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.runs.follower import RunFollower
from tests.runs.fakes import DEFINITION, Aws
from tests.runs.histories import START, History

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:e"


class Unfolding(RunFollower):
    """A run that goes on by some of its events at each look."""

    def __init__(self, aws: Aws, history: History, looks: list[int]) -> None:
        super().__init__(aws, ARN)
        self._aws = aws
        self._history = history
        self._looks = looks

    def poll(self) -> object:  # type: ignore[override]  # the view asks the attribute
        """Show the next events."""
        seen = self._looks.pop(0) if self._looks else len(self._history.events)
        self._aws.step_functions.events = self._history.events[:seen]
        return super().poll()


@pytest.fixture
def aws() -> Aws:
    """A job with three lines of log."""
    made = Aws()
    made.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    made.logs.streams["clean-1/algo-1-1"] = ["reading", "[red]cleaning", "writing"]
    return made


def finished() -> History:
    history = History()
    history.job("Clean", "clean-1")
    history.leave("Done", "Pass", after=history.enter("Done", "Pass"))
    history.end("ExecutionSucceeded")
    return history


def follow(follower: RunFollower, *, logs: bool = False) -> list[str]:
    console = Console(file=io.StringIO(), width=60, highlight=False)
    RunView(console, follower, logs=logs, poll_seconds=0).follow()
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_each_change_is_a_line_where_nothing_is_live(aws: Aws) -> None:
    """A state's start with its job, its end with its time, and the run's end."""
    lines = follow(Unfolding(aws, finished(), [1, 2, 3, 3, 4]))
    assert lines == [
        "▸ Clean (SKLearn) running: clean-1",
        "✓ Clean (SKLearn) succeeded after 4.0 s: clean-1",
        "✓ Done (Pass) succeeded after 1.0 s",
        "✓ Succeeded after 8.0 s",
    ]


def test_logs_are_told_between_a_state_s_start_and_its_end(aws: Aws) -> None:
    """Even when one look finds them all; and no markup of theirs is taken for ours."""
    lines = follow(Unfolding(aws, finished(), [3, 6]), logs=True)
    assert lines[:4] == [
        "▸ Clean (SKLearn) running: clean-1",
        "Clean │ reading",
        "Clean │ [red]cleaning",
        "Clean │ writing",
    ]
    all_at_once = follow(Unfolding(aws, finished(), []), logs=True)
    assert all_at_once[0] == "Clean │ reading"
    assert all_at_once[3].startswith("✓ Clean")


def test_an_end_is_told_before_the_next_start(aws: Aws) -> None:
    """One look may find that a state is over and the next one runs."""
    aws.step_functions.definition = json.dumps(
        {
            "StartAt": "Clean",
            "States": {
                "Clean": {**json.loads(DEFINITION)["States"]["Clean"], "Next": "More"},
                "More": json.loads(DEFINITION)["States"]["Clean"],
            },
        },
    )
    history = History()
    history.job("Clean", "clean-1")
    history.enter("More")
    history.schedule("more-1")
    follower = Unfolding(aws, history, [3, 8])
    follower.poll()
    history.end("ExecutionAborted")
    assert [line.split()[:2] for line in follow(follower)] == [
        ["✓", "Clean"],
        ["▸", "More"],
        ["■", "More"],
        ["■", "Stopped"],
    ]


def test_a_failure_names_the_error(aws: Aws) -> None:
    """The states that were not reached are not told."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.fail("no rows")
    history.end("ExecutionFailed", "States.TaskFailed")
    assert follow(Unfolding(aws, history, [3])) == [
        "▸ Clean (SKLearn) running: clean-1",
        "✗ Clean (SKLearn) failed after 3.0 s: clean-1  States.TaskFailed",
        "✗ Failed after 4.0 s",
    ]


def test_a_run_is_shown_as_the_live_view_shows_it_on_a_terminal(aws: Aws) -> None:
    """Elsewhere each state is a line."""
    follower = Unfolding(aws, finished(), [3])
    follower.poll()
    shown = {}
    for is_terminal in (True, False):
        console = Console(
            file=io.StringIO(),
            width=60,
            highlight=False,
            force_terminal=is_terminal,
            color_system=None,
        )
        RunView(console, follower).show()
        assert isinstance(console.file, io.StringIO)
        shown[is_terminal] = [line.rstrip() for line in console.file.getvalue().splitlines()]
    running, _, waiting = shown[True]
    assert running.split()[:3] == ["▸", "Clean", "SKLearn"]
    assert waiting.split() == ["·", "Done", "Pass"]
    assert shown[False] == ["▸ Clean (SKLearn) running: clean-1", "· Done (Pass) waiting"]


def table(follower: RunFollower, width: int = 60, room: int | None = None) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(RunView(console, follower).table(room))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_live_view_has_a_row_for_every_state(aws: Aws) -> None:
    """Sign, name, kind, time and job; under a running job the last line of its log."""
    follower = Unfolding(aws, finished(), [3])
    follower.poll()
    running, log, waiting = table(follower)
    assert running.split()[:3] == ["▸", "Clean", "SKLearn"]
    assert running.split()[-1] == "clean-1"
    assert log.strip() == "writing"
    assert waiting.split() == ["·", "Done", "Pass"]
    follower.poll()
    assert [row.split()[:2] for row in table(follower)] == [["✓", "Clean"], ["✓", "Done"]]


def test_a_narrow_terminal_cuts_lines_and_breaks_none(aws: Aws) -> None:
    """A long log line ends in an ellipsis."""
    aws.logs.streams["clean-1/algo-1-1"] = ["x" * 300]
    follower = Unfolding(aws, finished(), [3])
    follower.poll()
    lines = table(follower, 50)
    assert len(lines) == 3
    assert max(map(len, lines)) <= 50
    assert lines[1].endswith("…")


def test_attempts_and_visits_are_told() -> None:
    """Which attempt it is, and how many of several visits are done."""
    aws, history = Aws(), History()
    history.enter("Clean")
    history.schedule("clean-0")
    history.fail()
    history.schedule("clean-1")
    follower = Unfolding(aws, history, [])
    follower.poll()
    assert "attempt 2  clean-1" in table(follower, 80)[0]
    (clean, _) = follower.progress.states
    assert clean.entered == START + timedelta(seconds=1)


def long_run(done: int, waiting: int) -> Unfolding:
    """A run of many states, one of them under way."""
    names = [f"S{number:02}" for number in range(done + 1 + waiting)]
    states = {
        name: {**json.loads(DEFINITION)["States"]["Clean"], "Next": after}
        for name, after in zip(names, [*names[1:], "None"], strict=True)
    }
    history = History()
    for name in names[:done]:
        history.job(name, f"job-{name}")
    history.enter(names[done])
    history.schedule("job-now")
    aws = Aws(json.dumps({"StartAt": names[0], "States": states}))
    aws.logs.streams["job-now/algo-1-1"] = ["working"]
    aws.sagemaker.jobs["job-now"] = {"ProcessingJobStatus": "InProgress"}
    follower = Unfolding(aws, history, [])
    follower.poll()
    return follower


@given(st.integers(0, 12), st.integers(0, 12), st.integers(5, 40))
def test_a_long_run_fits_the_terminal_with_what_is_under_way(
    done: int,
    waiting: int,
    room: int,
) -> None:
    """States that are over and states that wait are counted where there is no room for them."""
    lines = table(long_run(done, waiting), room=room)
    assert len(lines) <= room
    assert f"S{done:02}" in "".join(lines)
    assert "working" in "".join(lines)
    told = sum(int(line.split()[1]) for line in lines if "more" in line)
    rows = [line for line in lines if "more" not in line and "working" not in line]
    assert told + len(rows) == done + 1 + waiting
