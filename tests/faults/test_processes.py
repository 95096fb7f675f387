"""Jobs whose processes are killed, by whoever, and those that the service has no room for."""

import os
import signal
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.limits import memory_group
from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.faults.conftest import FaultyAws, Job
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

# It leaves a whole file and a daemon in a session of its own.
WAIT = """
import pathlib, subprocess, time
pathlib.Path("/opt/ml/processing/output/out/half").write_text("half of it")
subprocess.Popen(["sleep", "{seconds}"], start_new_session=True)
print("at work", flush=True)
time.sleep(600)
"""
GROW = """
import pathlib
pathlib.Path("/opt/ml/processing/output/out/half").write_text("half of it")
print("growing", flush=True)
held = bytearray(512 << 20)
for at in range(0, len(held), 4096):
    held[at] = 1
print("all of it")
"""
DONE = "print('done')"
RETRY = (
    {
        "ErrorEquals": ["SageMaker.AmazonSageMakerException"],
        "IntervalSeconds": 1,
        "MaxAttempts": 3,
        "BackoffRate": 2,
    },
)


@pytest.mark.parametrize("killed", ["the script", "all of its sandbox"])
def test_a_job_that_is_killed_fails_and_leaves_nothing(aws: FaultyAws, killed: str) -> None:
    """Exit code 137 is said in SageMaker's words; what it wrote is not uploaded."""
    name, seconds = f"killed-{len(killed)}", str(4000 + len(killed))
    arn = aws.start(name, Job(WAIT.format(seconds=seconds)))
    daemon = aws.process(f"sleep\0{seconds}")
    script = aws.process("/input/code/job.py")
    first = min(descendants(aws.cloud.process.pid))
    os.kill(script if killed == "the script" else first, signal.SIGKILL)

    run = aws.end(name, arn)

    assert run.reason.startswith(
        "AlgorithmError: See job logs for more information, exit code: 137."
    )
    assert "at work" in run.log
    assert run.outputs == {}
    until(lambda: not Path(f"/proc/{daemon}").exists())


def test_a_job_that_needs_more_memory_than_its_instance_has_fails(aws: FaultyAws) -> None:
    """The kernel kills it, as SageMaker's does: exit code 137, told in the log."""
    with memory_group(256) as group:
        if group is None:
            pytest.skip("this machine lets its user make no control group of memory")

    run = aws.run("grown", Job(GROW, instance_type="ml.t3.medium"))

    assert run.reason.startswith(
        "AlgorithmError: See job logs for more information, exit code: 137."
    )
    assert "growing" in run.log
    assert "all of it" not in run.log
    assert any("it needed more memory than the instance type has" in line for line in run.log)
    assert run.outputs == {}


def test_a_throttled_request_is_made_anew_by_its_states_retries(aws: FaultyAws) -> None:
    """Each attempt asks for a job of another name; one is made."""
    run = aws.run("throttled", Job(DONE, environment={"THROTTLES": "3"}, retry=RETRY))

    assert run.execution["status"] == "SUCCEEDED", run.execution
    assert run.job["ProcessingJobName"] == "throttled-3"
    kinds = [event["type"] for event in run.events]
    assert kinds.count("TaskScheduled") == 4
    assert kinds.count("TaskSubmitFailed") == 3


def test_what_is_throttled_for_ever_fails_with_the_services_error(aws: FaultyAws) -> None:
    """After the last retry; no job was made."""
    run = aws.run("refused", Job(DONE, environment={"THROTTLES": "9"}, retry=RETRY))

    assert run.execution["status"] == "FAILED"
    assert run.execution["error"] == "SageMaker.AmazonSageMakerException"
    assert run.execution["cause"].startswith(
        "Rate exceeded (Service: AmazonSageMaker; Status Code: 400; "
        "Error Code: ThrottlingException; "
    )
    assert [event["type"] for event in run.events].count("TaskSubmitFailed") == 4
    assert (run.jobs, run.outputs) == ([], {})
