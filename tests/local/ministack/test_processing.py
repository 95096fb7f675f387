"""The Step Functions integration with SageMaker's processing jobs."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import until

pytestmark = pytest.mark.local_cloud

CREATE = "arn:aws:states:::sagemaker:createProcessingJob"


def task(parameters: dict[str, Any], sync: str = ".sync", **others: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"{CREATE}{sync}", "Parameters": parameters, "End": True}
    return {"StartAt": "Job", "States": {"Job": {**state, **others}}}


def test_sync_returns_the_description_of_the_completed_job(
    machines: Any, sagemaker: Any, request_for: Any
) -> None:
    """A .sync task's output is DescribeProcessingJob's response, with times in milliseconds."""
    request = request_for(SECONDS="0.2")
    output = machines.output(task(request))
    described = sagemaker.describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
    assert output["ProcessingJobStatus"] == "Completed"
    assert output["ProcessingJobArn"] == described["ProcessingJobArn"]
    assert output["CreationTime"] == round(described["CreationTime"].timestamp() * 1000)
    assert isinstance(output["ProcessingEndTime"], int)


def test_sync_tags_the_job_as_started_by_step_functions(
    machines: Any, sagemaker: Any, request_for: Any
) -> None:
    """A .sync task adds AWS's own tag beside the request's."""
    request = request_for() | {"Tags": [{"Key": "team", "Value": "data"}]}
    output = machines.output(task(request))
    tags = sagemaker.list_tags(ResourceArn=output["ProcessingJobArn"])["Tags"]
    assert tags == [
        {"Key": "team", "Value": "data"},
        {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"},
    ]


def test_request_response_returns_at_once(machines: Any, sagemaker: Any, request_for: Any) -> None:
    """Without .sync the output is CreateProcessingJob's response, while the job runs."""
    request = request_for(SECONDS="30")
    output = machines.output(task(request, sync=""))
    name = request["ProcessingJobName"]
    assert output == {"ProcessingJobArn": output["ProcessingJobArn"]}
    assert output["ProcessingJobArn"].endswith(f"/{name}")
    described = sagemaker.describe_processing_job(ProcessingJobName=name)
    assert described["ProcessingJobStatus"] == "InProgress"
    sagemaker.stop_processing_job(ProcessingJobName=name)


def test_a_failed_job_fails_the_task_with_its_description_as_cause(
    machines: Any, request_for: Any
) -> None:
    """The error is States.TaskFailed, the cause the job's description as JSON; no output."""
    ended = machines.run(task(request_for(OUTCOME="Failed")))
    assert ended["status"] == "FAILED"
    assert ended["error"] == "States.TaskFailed"
    cause = json.loads(ended["cause"])
    assert cause["ProcessingJobStatus"] == "Failed"
    assert cause["FailureReason"] == "AlgorithmError: asked to fail"
    assert isinstance(cause["CreationTime"], int)
    assert "output" not in ended


def test_a_job_that_was_stopped_fails_the_task(
    machines: Any, sagemaker: Any, request_for: Any
) -> None:
    """A job stopped by someone else is no success: States.TaskFailed with the status Stopped."""
    request = request_for(SECONDS="30")
    arn = machines.start(task(request))
    until(lambda: "TaskSubmitted" in [event["type"] for event in machines.events(arn)])
    sagemaker.stop_processing_job(ProcessingJobName=request["ProcessingJobName"])
    ended = machines.end(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["ProcessingJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ResourceInUse", "SageMaker.ResourceInUseException"),
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("ResourceNotFound", "SageMaker.ResourceNotFoundException"),
        ("ValidationException", "SageMaker.AmazonSageMakerException"),
        ("ThrottlingException", "SageMaker.AmazonSageMakerException"),
    ],
)
def test_a_refused_request_has_the_names_of_aws(
    machines: Any, request_for: Any, code: str, error: str
) -> None:
    """SageMaker's own errors keep their names; the cause reads as the SDK's."""
    ended = machines.run(task(request_for(CREATE_ERROR=code)))
    assert ended["error"] == error
    assert ended["cause"].startswith(
        "refused as asked (Service: AmazonSageMaker; Status Code: 400; "
        f"Error Code: {code}; Request ID: "
    )
    assert ended["cause"].endswith("; Proxy: null)")


def test_what_the_local_cloud_lacks_ends_the_execution(machines: Any, request_for: Any) -> None:
    """AWS would run the job, so it is neither tried again nor caught: its words are the cause."""
    every = {"ErrorEquals": ["States.ALL"]}
    machine = task(
        request_for(NOT_HERE="input a: no Pipe mode"),
        Catch=[every | {"Next": "Caught"}],
        Retry=[every | {"IntervalSeconds": 60}],
    )
    machine["States"]["Caught"] = {"Type": "Pass", "End": True}
    ended = machines.run(machine)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"] == (
        "An error occurred while executing the state 'Job' (entered at the event id #2). "
        "It cannot run here: input a: no Pipe mode."
    )


def test_a_role_that_cannot_be_assumed_is_refused(
    machines: Any, request_for: Any, new_role: Callable[[str], str]
) -> None:
    """A job's role must exist and trust SageMaker; the message is SageMaker's."""
    for arn in (new_role("lambda.amazonaws.com"), "arn:aws:iam::000000000000:role/none"):
        ended = machines.run(task(request_for() | {"RoleArn": arn}))
        assert ended["error"] == "SageMaker.AmazonSageMakerException"
        assert f"Could not assume role {arn}." in ended["cause"]
        assert "Error Code: ValidationException" in ended["cause"]


def test_a_retry_makes_another_job_and_counts(machines: Any, request_for: Any) -> None:
    """$$.State.RetryCount counts the attempts, so that each has a job name of its own."""
    request = request_for(OUTCOME="Failed")
    name = request.pop("ProcessingJobName")
    request["ProcessingJobName.$"] = f"States.Format('{name}-{{}}', $$.State.RetryCount)"
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    arn = machines.start(task(request, Retry=[retry]))
    machines.end(arn)
    submitted = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["ProcessingJobArn"]
        for event in machines.events(arn)
        if event["type"] == "TaskSubmitted"
    ]
    assert [job[-2:] for job in submitted] == ["-0", "-1"]


def test_a_branch_keeps_its_place_through_a_retry(machines: Any, request_for: Any) -> None:
    """$$.State of a task that is tried again is its own, whatever other branches are at."""
    request = request_for(OUTCOME="Failed")
    name = request.pop("ProcessingJobName")
    request["ProcessingJobName.$"] = (
        f"States.Format('{name}-{{}}-{{}}', $$.State.Name, $$.State.RetryCount)"
    )
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    branches = [task(request, Retry=[retry]), wait]
    parallel = {"Type": "Parallel", "Branches": branches, "End": True}
    arn = machines.start({"StartAt": "Both", "States": {"Both": parallel}})
    assert machines.end(arn)["error"] == "States.TaskFailed"
    jobs = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["ProcessingJobArn"]
        for event in machines.events(arn)
        if event["type"] == "TaskSubmitted"
    ]
    assert [job.removeprefix(jobs[0][:-5]) for job in jobs] == ["Job-0", "Job-1"]


def test_the_history_lets_one_follow_a_job(machines: Any, request_for: Any) -> None:
    """The events are AWS's: each names the one it follows, and TaskSubmitted names the job."""
    request = request_for(SECONDS="0.1")
    arn = machines.start(task(request))
    machines.end(arn)
    events = machines.events(arn)
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in events[1:]] == [0, 2, 3, 4, 5, 6, 7]
    scheduled = events[2]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"], scheduled["region"]) == (
        "sagemaker",
        "createProcessingJob.sync",
        "us-east-1",
    )
    assert json.loads(scheduled["parameters"]) == request
    output = json.loads(events[4]["taskSubmittedEventDetails"]["output"])
    assert output["ProcessingJobArn"].endswith(f"/{request['ProcessingJobName']}")


def test_the_history_tells_why_a_task_did_not_start(machines: Any, request_for: Any) -> None:
    """A request that SageMaker refuses is TaskSubmitFailed, not TaskFailed."""
    arn = machines.start(task(request_for(CREATE_ERROR="ResourceInUse")))
    machines.end(arn)
    (failed,) = [
        event["taskSubmitFailedEventDetails"]
        for event in machines.events(arn)
        if event["type"] == "TaskSubmitFailed"
    ]
    assert failed["error"] == "SageMaker.ResourceInUseException"


def test_stopping_the_execution_stops_the_job(
    machines: Any, states: Any, sagemaker: Any, request_for: Any
) -> None:
    """StopExecution ends in ABORTED with the job Stopped, and nothing is written after it."""
    request = request_for(SECONDS="30")
    arn = machines.start(task(request))
    until(lambda: "TaskSubmitted" in [event["type"] for event in machines.events(arn)])
    states.stop_execution(executionArn=arn, error="Enough", cause="of this")
    name = request["ProcessingJobName"]
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            == "Stopped"
        )
    )
    ended = machines.end(arn)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Enough", "of this")
    time.sleep(0.3)  # sleeps: nothing may follow
    assert machines.events(arn)[-1]["type"] == "ExecutionAborted"
    assert machines.end(arn)["status"] == "ABORTED"


@pytest.mark.parametrize(
    "limit", [{"TimeoutSeconds": 1}, {"TimeoutSecondsPath": "$.limit"}], ids=["fixed", "path"]
)
def test_a_task_out_of_time_stops_its_job(
    machines: Any, sagemaker: Any, request_for: Any, limit: dict[str, Any]
) -> None:
    """A task's timeout is States.Timeout, TaskTimedOut in the history, and stops the job."""
    request = request_for(SECONDS="30")
    arn = machines.start(task(request, **limit), {"limit": 1})
    assert machines.end(arn)["error"] == "States.Timeout"
    name = request["ProcessingJobName"]
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            == "Stopped"
        )
    )
    assert "TaskTimedOut" in [event["type"] for event in machines.events(arn)]


def test_a_machine_out_of_time_stops_its_job(
    machines: Any, sagemaker: Any, request_for: Any
) -> None:
    """TimeoutSeconds of a state machine ends the execution in TIMED_OUT and stops the job."""
    request = request_for(SECONDS="30")
    arn = machines.start({**task(request), "TimeoutSeconds": 1})
    assert machines.end(arn)["status"] == "TIMED_OUT"
    name = request["ProcessingJobName"]
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            == "Stopped"
        )
    )
    assert machines.events(arn)[-1]["type"] == "ExecutionTimedOut"


def test_a_failed_branch_stops_the_jobs_of_the_others(
    machines: Any, sagemaker: Any, request_for: Any
) -> None:
    """The first failure of a Parallel ends its other branches' jobs at once, which did not fail."""
    long, bad = request_for(SECONDS="30"), request_for(SECONDS="0.5", OUTCOME="Failed")
    failing = {"StartAt": "Bad", "States": {"Bad": task(bad)["States"]["Job"]}}
    parallel = {"Type": "Parallel", "Branches": [task(long), failing], "End": True}
    arn = machines.start({"StartAt": "Both", "States": {"Both": parallel}})
    ended = machines.end(arn)
    assert json.loads(ended["cause"])["ProcessingJobName"] == bad["ProcessingJobName"]
    types = [event["type"] for event in machines.events(arn)]
    assert (types.count("TaskFailed"), types.count("TaskStateAborted")) == (1, 1)
    name = long["ProcessingJobName"]
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            == "Stopped"
        )
    )


def test_a_jsonata_machine_runs_a_job(machines: Any, request_for: Any) -> None:
    """Arguments, Output and Assign of a JSONata task work."""
    request = request_for()
    name = request["ProcessingJobName"]
    request["ProcessingJobName"] = "{% $states.input.prefix & '-' & $states.context.State.Name %}"
    request["AppSpecification"]["ContainerArguments"] = ["--day", "{% $states.input.day %}"]
    state = {
        "Type": "Task",
        "Resource": f"{CREATE}.sync",
        "Arguments": request,
        "Assign": {"job": "{% $states.result.ProcessingJobName %}"},
        "Output": "{% $states.result.AppSpecification.ContainerArguments %}",
        "Next": "Done",
    }
    done = {"Type": "Pass", "Output": {"job": "{% $job %}", "given": "{% $states.input %}"}}
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "Job",
        "States": {"Job": state, "Done": {**done, "End": True}},
    }
    arn = machines.start(machine, {"prefix": name, "day": "2013-01-01"})
    output = json.loads(machines.end(arn)["output"])
    assert output == {"job": f"{name}-Job", "given": ["--day", "2013-01-01"]}
    scheduled = machines.events(arn)[2]["taskScheduledEventDetails"]
    assert json.loads(scheduled["parameters"])["ProcessingJobName"] == f"{name}-Job"


def test_another_pattern_of_the_integration_is_refused(machines: Any, request_for: Any) -> None:
    """Step Functions has no callback for processing jobs, and refuses the definition."""
    with pytest.raises(ClientError, match=r"InvalidDefinition.*waitForTaskToken is not recognized"):
        machines.run(task(request_for(), sync=".waitForTaskToken"))
