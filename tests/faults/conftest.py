"""A local AWS with faults, state machines of one job there, and what must be left after them."""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.local_aws import CREATE, IMAGE, Machines, RunningCloud, role, started
from tests.waiting import until

HERE = Path(__file__).parent
BUCKET = "faults"
RUN_SECONDS = 120
_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a test.

    Attributes:
        script: Its Python script.
        given: Its input's objects, by their keys below the input's prefix.
        mode: When its output is uploaded.
        instance_type: The type of its instance.
        environment: Its environment.
        retry: The `Retry` of its state.
    """

    script: str
    given: Mapping[str, bytes] = field(default_factory=dict)
    mode: str = "EndOfJob"
    instance_type: str = "ml.m5.xlarge"
    environment: Mapping[str, str] = field(default_factory=dict)
    retry: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """An execution that ran a job to its end.

    Attributes:
        execution: What `DescribeExecution` said.
        events: Its history.
        jobs: What `DescribeProcessingJob` said of its jobs.
        log: The lines of their logs.
        outputs: The objects that are below their outputs' prefix.
    """

    execution: Mapping[str, Any]
    events: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    log: list[str]
    outputs: Mapping[str, bytes]

    @property
    def job(self) -> dict[str, Any]:
        """The only job."""
        (one,) = self.jobs
        return one

    @property
    def reason(self) -> str:
        """The only job's `FailureReason`, which the execution's cause must tell as well."""
        assert (self.execution["status"], self.execution["error"]) == (
            "FAILED",
            "States.TaskFailed",
        )
        assert self.events[-1]["type"] == "ExecutionFailed"
        assert self.job["ProcessingJobStatus"] == "Failed"
        reason = str(self.job["FailureReason"])
        assert json.loads(self.execution["cause"])["FailureReason"] == reason
        return reason


class FaultyAws:
    """The local AWS with faults."""

    def __init__(self, cloud: RunningCloud) -> None:
        self.cloud = cloud
        self.s3 = cloud.client("s3")
        self._states = cloud.client("stepfunctions")
        self._sagemaker = cloud.client("sagemaker")
        self._logs = cloud.client("logs")
        self._role = role(cloud, "sagemaker.amazonaws.com")
        self.s3.create_bucket(Bucket=BUCKET)

    def run_all(self, jobs: Mapping[str, Job]) -> dict[str, Run]:
        """Run jobs side by side, each by a state machine of its own."""
        with ThreadPoolExecutor(len(jobs)) as pool:
            ends = {name: pool.submit(self.run, name, job) for name, job in jobs.items()}
        return {name: end.result() for name, end in ends.items()}

    def run(self, name: str, job: Job) -> Run:
        """Run a job by a state machine of its own."""
        return self.end(name, self.start(name, job))

    def start(self, name: str, job: Job) -> str:
        """Start a state machine of one job, and return the execution's ARN."""
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}/code/job.py", Body=job.script.encode())
        for key, content in job.given.items():
            self.s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{key}", Body=content)
        task = {
            "Type": "Task",
            "Resource": f"{CREATE}.sync",
            "Parameters": self.request(name, job),
            "Retry": list(job.retry),
            "End": True,
        }
        return Machines(self._states).start({"StartAt": "Job", "States": {"Job": task}})

    def end(self, name: str, arn: str) -> Run:
        """Wait for the end of an execution."""

        def described() -> Any:
            found = self._states.describe_execution(executionArn=arn)
            return None if found["status"] == "RUNNING" else found

        execution = until(described, RUN_SECONDS)
        return Run(
            execution,
            Machines(self._states).events(arn),
            self.jobs(name),
            [line for one in self.jobs(name) for line in self.log(one["ProcessingJobName"])],
            self.objects(f"{name}/out/"),
        )

    def jobs(self, name: str) -> list[dict[str, Any]]:
        """The jobs that were made by the state machine of a name."""
        listed = self._sagemaker.list_processing_jobs(NameContains=f"{name}-", MaxResults=100)
        return [
            self._sagemaker.describe_processing_job(ProcessingJobName=one["ProcessingJobName"])
            for one in listed["ProcessingJobSummaries"]
            if one["ProcessingJobName"].startswith(f"{name}-")
        ]

    def log(self, job: str) -> list[str]:
        """The lines of a job's log in CloudWatch Logs."""
        group = "/aws/sagemaker/ProcessingJobs"
        said = self._logs.filter_log_events(logGroupName=group, logStreamNamePrefix=f"{job}/")
        return [event["message"] for event in said["events"]]

    def objects(self, prefix: str) -> dict[str, bytes]:
        """The objects below a prefix, by what follows it."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())
        return {
            one["Key"].removeprefix(prefix): self.s3.get_object(Bucket=BUCKET, Key=one["Key"])[
                "Body"
            ].read()
            for one in listed
        }

    def process(self, marker: str) -> int:
        """Wait for the newest process of this AWS whose command line holds a text."""

        def found() -> Any:
            return [
                one
                for one in descendants(self.cloud.process.pid)
                if marker in Path(f"/proc/{one}/cmdline").read_text()
            ]

        return int(max(until(found, RUN_SECONDS)))

    def request(self, name: str, job: Job) -> dict[str, Any]:
        """The request of a job, its name made of a state's and its retries."""
        inputs = {"code": "code", **({"in": "in"} if job.given else {})}
        return {
            "ProcessingJobName.$": f"States.Format('{name}-{{}}', $$.State.RetryCount)",
            "RoleArn": self._role,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/job.py"],
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": job.instance_type,
                    "VolumeSizeInGB": 30,
                }
            },
            "Environment": dict(job.environment) or {"NONE": ""},
            "ProcessingInputs": [
                {
                    "InputName": one,
                    "S3Input": {
                        "S3Uri": f"s3://{BUCKET}/{name}/{folder}/",
                        "LocalPath": f"/opt/ml/processing/input/{one}",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
                for one, folder in inputs.items()
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "out",
                        "S3Output": {
                            "S3Uri": f"s3://{BUCKET}/{name}/out",
                            "LocalPath": "/opt/ml/processing/output/out",
                            "S3UploadMode": job.mode,
                        },
                    }
                ]
            },
        }


@contextmanager
def faulty(home: Path, program: str) -> Iterator[FaultyAws]:
    """Start a local AWS with faults; in the end nothing of its jobs may be left."""
    mounts = Path("/proc/self/mounts").read_text()
    with started(
        home,
        *("--parent", str(os.getpid())),
        program=(str(HERE / program),),
        SFN_WAIT_SCALE="0.01",
    ) as cloud:
        aws = FaultyAws(cloud)
        its_mounts = _mounts(cloud)
        yield aws
        # A process is what holds a port, too.
        until(lambda: not descendants(cloud.process.pid))
        assert _mounts(cloud) == its_mounts
        assert Path("/proc/self/mounts").read_text() == mounts
        groups = _GROUPS.rglob(f"cdk-sagemaker-processing-{cloud.process.pid}-*")
        assert list(groups) == []
        temporary = Path(f"/proc/{cloud.process.pid}/root{home}").glob("*/*/jobs/*/tmp")
        assert list(temporary) == []


def _mounts(cloud: RunningCloud) -> str:
    return Path(f"/proc/{cloud.process.pid}/mounts").read_text()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    """A local AWS whose S3 and SageMaker fail as they are asked to."""
    with faulty(tmp_path_factory.mktemp("faulty"), "faulty_cloud.py") as made:
        yield made
