from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.cli.workflows.report_page.timeline import (
    Bar,
    Row,
    Tick,
    ticks,
    timeline,
)
from cdk_sagemaker_processing.runs.report.prices import read_prices
from cdk_sagemaker_processing.runs.report.report import RunReport, read_report
from tests.runs.histories import START, History
from tests.runs.report.fakes import Aws, Execution, job


def report(aws: Aws, history: History, status: str = "SUCCEEDED") -> RunReport:
    return read_report(aws, aws.add(Execution("x", history, status, seconds=10)), read_prices())


def test_a_state_with_one_job_is_one_row() -> None:
    """How long it was in the state, in it the job's preparation and its run."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    history.end("ExecutionSucceeded")
    created = START + timedelta(seconds=2)
    aws.sagemaker.jobs["clean-1"] = job(3, 4.5, CreationTime=created)

    assert timeline(report(aws, history)) == (
        Row(
            name="Clean",
            kind="SKLearn",
            status="succeeded",
            depth=0,
            bars=(
                Bar("state", 10, 40, "in the state 4.0 s"),
                Bar("prepare", 20, 10, "preparing 1.0 s"),
                Bar("run", 30, 15, "running 1.5 s"),
            ),
            seconds=4,
        ),
    )


def test_each_job_of_a_state_with_several_has_a_row_of_its_own() -> None:
    """As after a retry."""
    aws, history = Aws(), History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.fail()
    history.schedule("clean-2")
    history.fail()
    history.end("ExecutionFailed")
    aws.sagemaker.jobs["clean-1"] = job(3, 4, ProcessingJobStatus="Failed")

    rows = timeline(report(aws, history, "FAILED"))

    assert [(row.name, row.depth, row.status, len(row.bars)) for row in rows] == [
        ("Clean", 0, "failed", 1),
        ("clean-1", 1, "failed", 2),
        ("clean-2", 1, "waiting", 0),
    ]
    assert rows[2].seconds is None


def test_a_job_that_never_ran_was_preparing_until_its_end() -> None:
    """As for want of instances."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    never = job(ProcessingJobStatus="Failed", ProcessingEndTime=START + timedelta(seconds=4))
    del never["ProcessingStartTime"]
    aws.sagemaker.jobs["clean-1"] = never
    (row,) = timeline(report(aws, history))
    assert row.told == "in the state 4.0 s; preparing 2.0 s"


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_no_bar_ever_leaves_the_picture(started: float, ended: float) -> None:
    """The services' clocks differ."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    aws.sagemaker.jobs["clean-1"] = job(started, ended)
    for row in timeline(report(aws, history)):
        for bar in row.bars:
            assert 0 <= bar.left <= 100
            assert 0 <= bar.width <= 100 - bar.left + 0.001


def test_the_scale_has_round_marks() -> None:
    """From the start on."""
    assert ticks(7) == tuple(Tick(round(100 * n / 7, 3), f"0:0{n}") for n in range(8))
    assert [tick.label for tick in ticks(3700)] == [
        *("0:00", "10:00", "20:00", "30:00", "40:00", "50:00", "1:00:00"),
    ]


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_the_scale_of_nothing_is_its_start(seconds: float) -> None:
    """A run may end at once."""
    assert ticks(seconds) == (Tick(0, "0:00"),)


@given(st.floats(0, 400 * 86_400))
def test_no_scale_is_crowded(seconds: float) -> None:
    """Whether of a second or of a year, the longest that an execution goes on."""
    marks = ticks(seconds)
    assert 1 <= len(marks) <= 9
    assert all(0 <= mark.left <= 100 for mark in marks)
