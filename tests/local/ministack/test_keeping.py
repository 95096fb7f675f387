"""What a local AWS keeps in its home, however it ended."""

from pathlib import Path
from typing import Any

import pytest

from tests.local_aws import CREATE, IMAGE, Machines, role
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

WAITING = {
    "StartAt": "Wait",
    "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}},
}
QUICK = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}


def job_of(arn: str) -> dict[str, Any]:
    """A job whose entrypoint waits."""
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    return {
        "ProcessingJobName": "waiting",
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["sleep", "600.125"],
        },
        "RoleArn": arn,
        "Tags": [{"Key": "team", "Value": "data"}],
    }


def sleepers() -> list[str]:
    """Return the processes of the job that waits."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"600.125" in command:
            found.append(folder.name)
    return found


def written(home: Path, *texts: str) -> bool:
    """Return whether the state on disk names all of some texts."""
    held = "".join(file.read_text() for file in (home / "state").glob("*.json"))
    return all(text in held for text in texts)


def test_a_killed_cloud_is_there_again_and_what_ran_in_it_is_over(
    start_real: Any, tmp_path: Path
) -> None:
    """Objects, roles, machines, executions, jobs and logs; no process of a job outlives it."""
    with start_real(tmp_path, "--keep") as cloud:
        s3, states = cloud.client("s3"), cloud.client("stepfunctions")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="a/b", Body=b"words", Metadata={"day": "1"})
        arn = role(cloud, "sagemaker.amazonaws.com")
        machines = Machines(states)
        done = machines.start(QUICK)
        assert machines.end(done)["status"] == "SUCCEEDED"
        task = {"Type": "Task", "Resource": f"{CREATE}.sync", "Parameters": job_of(arn)}
        running = machines.start({"StartAt": "Job", "States": {"Job": {**task, "End": True}}})
        waiting = machines.start(WAITING)
        until(sleepers, seconds=60)
        until(lambda: written(tmp_path, running, waiting, "WaitStateEntered", "TaskSubmitted"))
        cloud.process.kill()
        cloud.process.wait()
        until(lambda: not sleepers())
    with start_real(tmp_path, "--keep") as cloud:
        machines = Machines(cloud.client("stepfunctions"))
        assert machines.end(done)["output"] == "{}"
        for arn_of_run in (running, waiting):
            described = machines.end(arn_of_run)
            assert described["status"] == "ABORTED"
            assert described["cause"] == "The local cloud ended while the execution ran"
            last = machines.events(arn_of_run)[-1]
            assert last["type"] == "ExecutionAborted"
            assert last["executionAbortedEventDetails"]["cause"] == described["cause"]
        sagemaker = cloud.client("sagemaker")
        job = sagemaker.describe_processing_job(ProcessingJobName="waiting")
        assert job["ProcessingJobStatus"] == "Failed"
        assert job["FailureReason"] == (
            "InternalServerError: the local cloud ended while the job ran"
        )
        tags = sagemaker.list_tags(ResourceArn=job["ProcessingJobArn"])["Tags"]
        assert {"Key": "team", "Value": "data"} in tags
        found = cloud.client("s3").get_object(Bucket="data", Key="a/b")
        assert (found["Body"].read(), found["Metadata"]) == (b"words", {"day": "1"})
        assert machines.run(QUICK)["status"] == "SUCCEEDED"


def test_a_cloud_that_was_ended_is_there_again(start_real: Any, tmp_path: Path) -> None:
    """What was done last is kept too; what ran was stopped by the end."""
    with start_real(tmp_path, "--keep") as cloud:
        machines = Machines(cloud.client("stepfunctions"))
        waiting = machines.start(WAITING)
        cloud.client("s3").create_bucket(Bucket="last")
        cloud.process.terminate()
        assert cloud.process.wait(10) == 0
    with start_real(tmp_path, "--keep") as cloud:
        buckets = [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"]]
        assert buckets == ["last"]
        described = Machines(cloud.client("stepfunctions")).end(waiting)
        assert described["status"] == "ABORTED"
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
