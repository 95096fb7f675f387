import pytest
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.logs import JobLog
from cdk_sagemaker_processing.runs.progress import Status
from tests.runs.fakes import Aws, Logs
from tests.runs.histories import History

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:e"


def test_a_run_is_followed_with_its_jobs_and_their_logs() -> None:
    """Each look brings the states, the jobs' descriptions and the log lines since the last one."""
    aws, history = Aws(), History()
    follower = RunFollower(aws, ARN)
    aws.step_functions.events = history.events
    history.enter("Clean")
    history.schedule("clean-1")
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    aws.logs.streams["clean-1/algo-1-1"] = ["reading", "cleaning", "writing"]
    follower.poll()
    assert [line for _, line in follower.new_log_lines] == ["reading", "cleaning", "writing"]
    assert {state.name for state, _ in follower.new_log_lines} == {"Clean"}
    assert not follower.is_over
    aws.logs.streams["clean-1/algo-1-1"].append("done")
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Completed"}
    history.submit("clean-1")
    history.succeed()
    history.leave("Clean")
    history.end("ExecutionSucceeded")
    progress = follower.poll()
    assert progress.status is Status.SUCCEEDED
    assert follower.is_over
    assert [line for _, line in follower.new_log_lines] == ["done"]
    assert follower.jobs["clean-1"].log.lines == ["reading", "cleaning", "writing", "done"]


def test_a_job_that_is_over_is_not_asked_again() -> None:
    """The last description and the whole log are kept."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    aws.step_functions.events = history.events
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Completed"}
    follower = RunFollower(aws, ARN)
    follower.poll()
    follower.poll()
    assert aws.sagemaker.asked == ["clean-1"]


def test_a_job_that_is_named_but_not_made_yet_is_waited_for() -> None:
    """Between the history's word and the service's the job is unknown, which is no error."""
    aws, history = Aws(), History()
    history.enter("Clean")
    history.schedule("clean-1")
    aws.step_functions.events = history.events
    follower = RunFollower(aws, ARN)
    follower.poll()
    assert follower.jobs["clean-1"].status == ""
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    follower.poll()
    assert follower.jobs["clean-1"].status == "InProgress"


def test_a_refusal_to_describe_is_told() -> None:
    """Only an unknown job is passed over: missing permissions must be seen."""
    aws, history = Aws(), History()
    history.enter("Clean")
    history.schedule("clean-1")
    aws.step_functions.events = history.events
    follower = RunFollower(aws, ARN)
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}

    def refuse(*, ProcessingJobName: str) -> dict[str, object]:  # noqa: N803 - boto3's name
        raise ClientError(denied, ProcessingJobName)  # type: ignore[arg-type]  # a shape of botocore's own

    aws.sagemaker.describe_processing_job = refuse  # type: ignore[method-assign]  # this one refuses
    with pytest.raises(ClientError, match="AccessDenied"):
        follower.poll()


def test_a_log_that_is_not_there_yet_has_no_lines() -> None:
    """The log group comes with the first job, the stream with its first line."""
    logs = Logs()
    logs.is_made = False
    log = JobLog(logs, "clean-1")
    assert log.read() == []
    logs.is_made = True
    assert log.read() == []
    assert (log.last_line, log.place) == ("", "/aws/sagemaker/ProcessingJobs clean-1/…")


def test_the_log_of_a_job_that_is_over_is_read_to_its_end() -> None:
    """However much a job wrote at last, the lines that say why it failed are among what is read."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    aws.step_functions.events = history.events
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "InProgress"}
    aws.logs.streams["clean-1/algo-1-1"] = [str(number) for number in range(1000)]
    follower = RunFollower(aws, ARN)
    follower.poll()
    assert 0 < len(follower.jobs["clean-1"].log.lines) < 1000, "what it writes is taken in parts"
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Failed"}
    follower.poll()
    assert follower.jobs["clean-1"].log.lines == [str(number) for number in range(1000)]


def test_every_instance_s_log_is_read_and_no_other_job_s() -> None:
    """A job of several instances writes a stream each; `clean-10` is not `clean-1`."""
    logs = Logs()
    logs.streams = {
        "clean-1/algo-1-1": ["first"],
        "clean-1/algo-2-1": ["second", "", " "],
        "clean-10/algo-1-1": ["other"],
    }
    log = JobLog(logs, "clean-1")
    assert log.read() == ["first", "second", "", " "]
    assert log.last_line == "second"
    assert log.place == "/aws/sagemaker/ProcessingJobs clean-1/algo-1-1, clean-1/algo-2-1"


def test_the_end_of_a_log_is_read_alone() -> None:
    """Of each instance; what is before it may be long."""
    logs = Logs()
    logs.streams = {"clean-1/algo-1": ["a", "b\nc", "d"], "clean-1/algo-2": ["e"], "other/a": ["f"]}
    log = JobLog(logs, "clean-1")
    assert log.tail(2) == ["c", "d", "e"]
    assert log.lines == []


def test_a_run_is_looked_at_without_its_logs() -> None:
    """Where only its states are wanted."""
    aws, history = Aws(), History()
    history.job("Clean", "clean-1")
    aws.step_functions.events = history.events
    aws.sagemaker.jobs["clean-1"] = {"ProcessingJobStatus": "Completed"}
    aws.logs.streams["clean-1/algo-1"] = ["done"]
    follower = RunFollower(aws, ARN, read_logs=False)
    follower.poll()
    assert (follower.jobs["clean-1"].status, follower.new_log_lines) == ("Completed", [])
