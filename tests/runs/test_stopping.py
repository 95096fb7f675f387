import pytest

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.runs.found import find_run
from cdk_sagemaker_processing.runs.stopping import Stopping
from tests.runs.deployed import Account, refusal
from tests.runs.histories import History


@pytest.fixture
def account() -> Account:
    """A run whose job runs."""
    made, history = Account(), History()
    history.enter("Clean")
    history.schedule("clean-1")
    made.run("one", "RUNNING", history)
    made.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    history.end("ExecutionAborted")
    made.states.on_stop = [history.events.pop()]
    return made


def stopping(account: Account, told: list[str]) -> Stopping:
    return Stopping(account, find_run(account, "one"), told.append, account.clock)


def test_a_stop_waits_for_the_jobs(account: Account) -> None:
    """Which Step Functions stops: it is not done as long as one runs and costs."""
    told: list[str] = []
    ends = iter(["Stopping", "Stopped"])

    def pass_time(seconds: float) -> None:
        account.seconds += seconds
        account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": next(ends)}

    account._sleep = pass_time  # type: ignore[method-assign] # no time passes
    (job,) = stopping(account, told).stop("enough")
    assert (job.name, job.status, account.stopped) == ("clean-1", "Stopped", [])
    ((_, request),) = account.states.asked
    assert (request["error"], request["cause"]) == ("Stopped", "enough")
    assert told == [
        "waiting for clean-1 (InProgress) to end",
        "waiting for clean-1 (Stopping) to end",
    ]


def test_a_job_that_step_functions_does_not_stop_is_stopped(account: Account) -> None:
    """Such as one that its state did not wait for."""
    (job,) = stopping(account, []).stop("enough")
    assert (job.status, account.stopped) == ("Stopped", ["clean-1"])
    assert account.seconds > 10


def test_a_job_that_has_just_ended_by_itself_is_no_trouble(account: Account) -> None:
    """SageMaker refuses its stop."""

    def refuse(*, ProcessingJobName: str) -> None:  # noqa: N803 - boto3's name
        account.sagemaker.jobs[ProcessingJobName] = {"ProcessingJobStatus": "Completed"}
        raise refusal("StopProcessingJob", "ValidationException")

    account.sagemaker.stop_processing_job = refuse  # type: ignore[attr-defined] # a fake's call
    (job,) = stopping(account, []).stop("enough")
    assert job.status == "Completed"


def test_a_job_is_told_to_stop_once(account: Account) -> None:
    """One that is stopping already is waited for."""
    asked: list[str] = []
    left = iter(range(3))

    def pass_time(seconds: float) -> None:
        account.seconds += seconds
        if asked and next(left, None) is None:
            account.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Stopped"}

    def stop(*, ProcessingJobName: str) -> None:  # noqa: N803 - boto3's name
        asked.append(ProcessingJobName)
        account.sagemaker.jobs[ProcessingJobName] = {"ProcessingJobStatus": "Stopping"}

    account._sleep = pass_time  # type: ignore[method-assign] # no time passes
    account.sagemaker.stop_processing_job = stop  # type: ignore[attr-defined] # a fake's call
    (job,) = stopping(account, []).stop("enough")
    assert (job.status, asked) == ("Stopped", ["clean-1"])


def test_a_stop_that_is_not_allowed_is_told(account: Account) -> None:
    """The job runs on, and costs."""

    def refuse(**_: str) -> None:
        raise refusal("StopProcessingJob", "AccessDeniedException", "no such permission")

    account.sagemaker.stop_processing_job = refuse  # type: ignore[attr-defined] # a fake's call
    with pytest.raises(DeployedError, match="no such permission"):
        stopping(account, []).stop("enough")


def test_a_job_that_does_not_end_is_told(account: Account) -> None:
    """After ten minutes, by its name."""
    account.sagemaker.stop_processing_job = lambda **_: None  # type: ignore[attr-defined] # it never ends
    with pytest.raises(DeployedError, match=r"^still ending after 10 minutes: clean-1$"):
        stopping(account, []).stop("enough")


def test_a_run_that_is_over_is_not_stopped(account: Account) -> None:
    """Nothing is asked of it."""
    account.states.executions[find_run(account, "one").arn]["status"] = "FAILED"
    with pytest.raises(DeployedError, match=r"^run one is over already: FAILED$"):
        stopping(account, []).stop("enough")
    assert account.states.asked == []
