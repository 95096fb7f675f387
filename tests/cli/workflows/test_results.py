import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cdk_sagemaker_processing.cli.workflows.results import (
    print_application,
    print_failure,
    print_outputs,
)
from cdk_sagemaker_processing.history_server.client.pages import Application, Attempt
from cdk_sagemaker_processing.runs.follower import Job, RunFollower
from cdk_sagemaker_processing.runs.outputs import Output, Sample
from tests.runs.fakes import Aws
from tests.runs.histories import History

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:e"


def console(width: int = 100) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False)


def printed(to: Console) -> str:
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue()


def lines_of(to: Console) -> list[str]:
    return [line.rstrip() for line in printed(to).splitlines()]


def output(sample: Sample | None) -> Output:
    return Output("train", "s3://b/run/train/", 2, 4_200, ("csv",), sample)


def test_an_output_is_told_with_its_first_rows() -> None:
    """Where it is, how much, and a glance at what is in it; numbers stand to the right."""
    to = console()
    sample = Sample(("carrier", "n"), (("AA", "12345"), ("[bold]", "2")))
    print_outputs(to, "Clean", [output(sample)])
    assert lines_of(to) == [
        "Clean → train  2 files, 4.2 kB (csv)",
        "  s3://b/run/train/",
        "    carrier      n",
        "    AA       12345",
        "    [bold]       2",
        "",
    ]


def test_an_output_with_nothing_in_it_is_told() -> None:
    """A job that succeeds and leaves nothing is seldom what was meant."""
    to = console()
    print_outputs(to, "Clean", [Output("train", "s3://b/run/train/", 0, 0, (), None)])
    assert lines_of(to) == ["Clean → train  no files", "  s3://b/run/train/", ""]


def test_columns_that_do_not_fit_are_counted() -> None:
    """A wide file never breaks the lines."""
    to = console(width=60)
    names = tuple(f"column_{number:02}" for number in range(30))
    print_outputs(to, "Clean", [output(Sample(names, (("1",) * 30,)))])
    assert "+ 27 columns" in printed(to)
    to = console(width=60)
    print_outputs(to, "Clean", [output(Sample(names[:4], (("1",) * 4,)))])
    assert "column_03" in printed(to)
    assert "columns" not in printed(to)
    assert max(map(len, lines_of(to))) <= 60


rows = st.lists(st.lists(st.text(max_size=40), max_size=12).map(tuple), min_size=1, max_size=3)


@given(st.lists(st.text(max_size=40), max_size=12).map(tuple), rows, st.integers(40, 200))
def test_any_sample_can_be_shown(
    columns: tuple[str, ...],
    cells: list[tuple[str, ...]],
    width: int,
) -> None:
    """Whatever stands in a file, of rows however uneven, the end of a good run is shown."""
    to = console(width)
    print_outputs(to, "Clean", [output(Sample(columns, tuple(cells)))])
    assert printed(to).startswith("Clean → train")


def failed_run(log: list[str], cause: str) -> RunFollower:
    aws, history = Aws(), History()
    history.enter("Clean")
    history.schedule("clean-1")
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Failed"}
    aws.logs.streams = {"clean-1/algo-1-1": log}
    history.fail(cause)
    history.end("ExecutionFailed", "States.TaskFailed", cause)
    aws.step_functions.events = history.events
    follower = RunFollower(aws, ARN)
    follower.poll()
    return follower


def log_file(job: Job) -> Path:
    return Path("/home/jobs") / job.name / "log.txt"


def test_a_failed_job_is_told_by_its_reason_and_the_end_of_its_log() -> None:
    """The traceback's end is what a person needs first, then where the rest is."""
    log = [*(f"line {number}" for number in range(30)), "Traceback:", "ValueError: no rows"]
    to = console()
    print_failure(to, failed_run(log, '{"FailureReason": "exit code: 1\\nTraceback"}'), log_file)
    lines = lines_of(to)
    assert lines[:4] == [
        "✗ Clean (SKLearn) failed: States.TaskFailed",
        "  exit code: 1",
        "",
        "The end of its log, /home/jobs/clean-1/log.txt",
    ]
    assert lines[4] == "  line 12"
    assert lines[-2:] == ["  Traceback:", "  ValueError: no rows"]


def test_a_failed_job_without_a_log_is_told_by_its_whole_reason() -> None:
    """Where nothing was written, the service's words are all there is."""
    to = console()
    print_failure(to, failed_run([], "no such image\nuse another"), log_file)
    assert lines_of(to) == [
        "✗ Clean (SKLearn) failed: States.TaskFailed",
        "  no such image",
        "  use another",
    ]


def test_a_run_that_no_state_failed_is_told_by_its_own_error() -> None:
    """A run may fail as a whole, by its time limit or an abort."""
    aws, history = Aws(), History()
    history.end("ExecutionTimedOut")
    aws.step_functions.events = history.events
    follower = RunFollower(aws, ARN)
    follower.poll()
    to = console()
    print_failure(to, follower, log_file)
    assert lines_of(to) == ["✗ The run failed: States.Timeout"]


def test_an_application_of_the_history_server() -> None:
    """Its name, its id and how long it took."""
    to = console()
    began = datetime(2026, 1, 5, tzinfo=UTC)
    ended = Attempt(began, began + timedelta(seconds=1.5), 1500)
    print_application(to, Application("local-1", "clean [x]", ended))
    print_application(to, Application("local-2", "features", Attempt(began, None, 0)))
    assert lines_of(to) == ["  clean [x]  local-1  1.5 s", "  features  local-2  not complete"]
