import json
from datetime import timedelta

import pytest

from cdk_sagemaker_processing.runs.report.earlier import EarlierRun, median
from cdk_sagemaker_processing.runs.report.jobs import JobOutput, JobReport
from cdk_sagemaker_processing.runs.report.prices import read_prices
from cdk_sagemaker_processing.runs.report.report import Failure, RunReport, read_report
from tests.runs.fakes import DEFINITION
from tests.runs.histories import START, History
from tests.runs.report.fakes import NOW, Aws, Execution, failed, job, succeeded


def report(aws: Aws, execution: Execution) -> RunReport:
    return read_report(aws, aws.add(execution), read_prices())


def test_a_job_is_told_with_its_times_its_instances_and_its_outputs() -> None:
    """Event logs are no output of it, but they say that the History Server shows it."""
    aws = Aws()
    aws.sagemaker.jobs["clean-1"] = job()

    clean, done = report(aws, Execution("x", succeeded())).states

    assert clean.jobs == (
        JobReport(
            name="clean-1",
            status="Completed",
            instance_type="ml.m5.xlarge",
            instances=2,
            created=START + timedelta(seconds=2),
            started=START + timedelta(seconds=120),
            ended=START + timedelta(seconds=480),
            outputs=(JobOutput("train", "s3://data/run/train/"),),
            has_event_logs=True,
        ),
    )
    assert done.jobs == ()


def test_a_job_that_sagemaker_never_made_is_told_by_its_name() -> None:
    """Step Functions names a job before SageMaker refuses it; it costs nothing."""
    made = report(Aws(), Execution("x", failed()))
    assert made.jobs == (JobReport("clean-1"),)
    assert (made.instance_hours, made.cost, made.unpriced_types) == (0, 0, ())


def test_cost_is_the_time_between_start_and_end_on_all_instances() -> None:
    """Six minutes on two instances; waiting for them is not charged."""
    aws = Aws()
    aws.sagemaker.jobs["clean-1"] = job()
    made = report(aws, Execution("x", succeeded()))
    assert made.instance_hours == pytest.approx(0.2)
    assert made.cost == pytest.approx(0.2 * 0.23)


def test_types_that_the_table_lacks_count_by_their_hours_alone() -> None:
    """And the report says which they are."""
    aws = Aws()
    cluster = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.z9.huge"}}
    aws.sagemaker.jobs["clean-1"] = job(ProcessingResources=cluster)
    made = report(aws, Execution("x", succeeded()))
    assert made.instance_hours == pytest.approx(0.1)
    assert (made.cost, made.unpriced_types) == (0, ("ml.z9.huge",))


def test_a_job_that_might_have_several_instance_types_is_told_by_the_one_it_got() -> None:
    """SageMaker chose among its preferences."""
    aws = Aws()
    cluster = {
        "InstancePreferences": [
            {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
            {"InstanceType": "ml.m5.2xlarge", "InstanceCount": 1},
        ],
        "SelectedInstanceType": "ml.m5.2xlarge",
        "SelectedInstanceCount": 1,
    }
    aws.sagemaker.jobs["clean-1"] = job(ProcessingResources={"ClusterConfig": cluster})
    made = report(aws, Execution("x", succeeded()))
    assert [(one.instances, one.instance_type) for one in made.jobs] == [(1, "ml.m5.2xlarge")]
    assert made.cost == pytest.approx(0.0461)


def test_a_job_that_runs_counts_until_now() -> None:
    """A report of a running run tells what it has cost so far."""
    running = JobReport("a", "InProgress", "ml.m5.xlarge", 2, START, NOW - timedelta(hours=1))
    assert running.instance_hours(NOW) == pytest.approx(2)
    assert running.cost(read_prices(), NOW) == pytest.approx(0.46)


def test_the_last_ten_runs_that_succeeded_before_it_are_those_it_is_compared_with() -> None:
    """Neither failed ones, nor later ones, nor itself."""
    aws = Aws()
    for number in range(1, 13):
        started = START - timedelta(hours=number)
        aws.add(Execution(f"before-{number}", succeeded(), started=started, seconds=number))
    aws.add(Execution("failed", failed(), "FAILED", START - timedelta(minutes=1)))
    aws.add(Execution("later", succeeded(), started=START + timedelta(hours=1)))

    made = report(aws, Execution("x", succeeded()))

    assert [one.name for one in made.earlier] == [f"before-{n}" for n in range(10, 0, -1)]
    assert made.earlier[-1] == EarlierRun(
        "before-1", START - timedelta(hours=1), 1, {"Clean": 4, "Done": 1}
    )
    assert [state.earlier_seconds for state in made.states] == [(4,) * 10, (1,) * 10]


def test_the_median_of_nothing_is_none() -> None:
    """So that nobody takes it for zero seconds."""
    assert median(()) is None
    assert median((3, 1, 8)) == 3


def test_a_failure_is_told_with_the_end_of_its_jobs_log() -> None:
    """What failed, the service's words, the script's own."""
    aws = Aws()
    aws.sagemaker.jobs["clean-1"] = job(ProcessingJobStatus="Failed")
    aws.logs.streams = {"clean-1/algo-1": ["one", "Traceback"]}

    made = report(aws, Execution("x", failed("it broke"), "FAILED"))

    assert made.run.status == "FAILED"
    assert made.failures == (
        Failure("Clean", "clean-1", "States.TaskFailed", "it broke", ("one", "Traceback")),
    )


def test_a_run_that_was_stopped_is_told_by_what_was_said_then() -> None:
    """No state failed."""
    history = History()
    history.enter("Clean")
    history.end("ExecutionAborted", "Stopped", "not today")
    made = report(Aws(), Execution("x", history, "ABORTED"))
    assert made.failures == (Failure(None, None, "Stopped", "not today"),)


def test_a_run_is_told_as_far_as_it_is() -> None:
    """Of one that goes on there is no end yet."""
    history = History()
    history.enter("Clean")
    made = report(Aws(), Execution("x", history, "RUNNING", seconds=None))
    assert (made.run.ended, made.failures) == (None, ())
    assert made.seconds == (made.made - START).total_seconds()


def test_a_run_found_by_its_arn_is_told_by_its_machines_name() -> None:
    """Its workflow's construct path is not known then."""
    aws = Aws()
    found = aws.add(Execution("x", succeeded(), extra={"redriveCount": 2}))
    by_arn = type(found)(found.arn, found.machine_arn, found.name, "RUNNING", found.started)
    made = read_report(aws, by_arn, read_prices())
    assert (made.workflow, made.redrives) == ("Nightly", 2)


def test_a_step_whose_job_was_left_out_is_told_as_cached() -> None:
    """As one state, without those that keep its cache."""
    helper = {"Type": "Pass", "Comment": "Cache of Clean: what it is", "Next": "Clean"}
    step = json.loads(DEFINITION)["States"]["Clean"]
    states = {
        "Clean: key": {**helper, "Next": "Clean: cached"},
        "Clean: cached": {**helper, "Next": "Done"},
        "Clean": step,
        "Done": {"Type": "Pass", "End": True},
    }
    history = History()
    for name in ("Clean: key", "Clean: cached", "Done"):
        history.enter(name, "Pass")
        history.leave(name, "Pass")
    history.end("ExecutionSucceeded")

    made = report(
        Aws(json.dumps({"StartAt": "Clean: key", "States": states})), Execution("x", history)
    )

    told = {one.progress.state.name: str(one.progress.status) for one in made.states}
    assert told == {"Done": "succeeded", "Clean": "cached"}
    assert made.instance_hours == 0
