"""What the local cloud adds to the work: its start, deploys, jobs and executions.

A job's command does nothing, so that all that is measured is around it. The like for like is the
same process started by hand, by the same Python, in the same run, in turn.
"""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.figures import Beside, Figure
from benchmarks.saving import of_saving
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.ministack.processes import descendants

__all__ = ["TITLE", "measure"]

TITLE = "The local cloud: what it adds to jobs and executions"

_APP = Path(__file__).parent / "local_app"
_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
_COMMAND = ("python3", "-c", "pass")
_MOST_OVERHEAD = 0.5
_LOOK_SECONDS = 0.01
_GIVE_UP_SECONDS = 900
_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured.

    Attributes:
        jobs: How many jobs are run one after the other.
        executions: How many executions are run one after the other.
        together: How many executions are started at once.
        saves: How often a script is saved.
    """

    jobs: int
    executions: int
    together: int
    saves: int


_FULL = Sizes(jobs=30, executions=10, together=200, saves=15)
_QUICK = Sizes(jobs=3, executions=2, together=5, saves=2)


def measure(console: Console, *, quick: bool) -> list[Figure]:
    """Measure a local cloud from its start to its two hundredth execution."""
    sizes = _QUICK if quick else _FULL
    with console.status("preparing the environment of the jobs") as status:
        python = Environments().prepare(_IMAGE, lambda _: None).python
        status.update("starting")
        starting = _clock()
        with LocalCloud.start() as cloud:
            started = starting()
            status.update("deploying")
            with _clocked() as first:
                machine = cloud.deploy(_APP)["Bench"]["Machine"]
            with _clocked() as again:
                cloud.deploy(_APP)
            status.update("saving a script")
            with tempfile.TemporaryDirectory() as place:
                saving = of_saving(cloud, _APP, Path(place), sizes.saves)
            status.update("one job after the other")
            jobs = list(_jobs(cloud, python, sizes.jobs))
            status.update("one execution after the other")
            runs = _Runs(cloud.client("stepfunctions"), machine)
            alone = [runs.run() for _ in range(sizes.executions)]
            status.update(f"{sizes.together} executions at once")
            together = _Together.measure(runs, sizes.together)
    return [
        Figure("from nothing", "until it answers", started),
        Figure("from nothing", "deploying, with cdk bootstrap", first[0]),
        Figure("from nothing", "deploying again, nothing changed", again[0]),
        *saving,
        *_of_jobs(jobs),
        *_of_executions(alone),
        *together.figures(),
    ]


@dataclass(frozen=True, slots=True)
class _Execution:
    seconds: float
    in_jobs: float


@dataclass(frozen=True, slots=True)
class _Runs:
    """Executions of the machine.

    Attributes:
        states: The client of Step Functions.
        machine: The machine's ARN.
    """

    states: Any
    machine: str

    def start(self) -> str:
        """Start one and return its ARN."""
        arn = self.states.start_execution(stateMachineArn=self.machine)["executionArn"]
        return str(arn)

    def end(self, execution: str) -> None:
        """Wait for its success."""

        def status() -> str:
            described = self.states.describe_execution(executionArn=execution)
            return str(described["status"])

        _until(lambda: status() != "RUNNING")
        if (ended := status()) != "SUCCEEDED":
            raise RuntimeError(f"{execution} ended {ended}")

    def run(self) -> _Execution:
        """Run one, and say how long it took, and how long its jobs."""
        with _clocked() as taken:
            execution = self.start()
            self.end(execution)
        pages = self.states.get_paginator("get_execution_history")
        jobs = [
            json.loads(event["taskSucceededEventDetails"]["output"])
            for page in pages.paginate(executionArn=execution)
            for event in page["events"]
            if event["type"] == "TaskSucceeded"
        ]
        milliseconds = sum(job["ProcessingEndTime"] - job["CreationTime"] for job in jobs)
        return _Execution(taken[0], milliseconds / 1000)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the cloud's process holds.

    Attributes:
        bytes: Of memory.
        threads: How many threads.
        descriptors: How many files, pipes and connections.
    """

    bytes: int
    threads: int
    descriptors: int

    @classmethod
    def now(cls) -> "_Held":
        """Look at the largest of this process's descendants."""
        processes = [Path("/proc", str(process)) for process in descendants(os.getpid())]
        return max((cls.of(process) for process in processes), key=lambda held: held.bytes)

    @classmethod
    def of(cls, process: Path) -> "_Held":
        """Look at a process, by its folder in /proc."""
        pages = int((process / "statm").read_text().split()[1])
        threads, descriptors = (len(list((process / name).iterdir())) for name in ("task", "fd"))
        return cls(pages * os.sysconf("SC_PAGE_SIZE"), threads, descriptors)


@dataclass(frozen=True, slots=True)
class _Together:
    """Many executions at once.

    Attributes:
        count: How many.
        seconds: From the start of the first to the end of the last.
        before: What the cloud held before them.
        after: What it holds when all are over.
    """

    count: int
    seconds: float
    before: _Held
    after: _Held

    @classmethod
    def measure(cls, runs: _Runs, count: int) -> "_Together":
        """Run so many; each must succeed."""
        before = _Held.now()
        with _clocked() as taken:
            for execution in [runs.start() for _ in range(count)]:
                runs.end(execution)
        return cls(count, taken[0], before, _Held.now())

    def figures(self) -> list[Figure]:
        """What they show."""
        of = f"{self.count} executions of three no-op jobs at once"
        grown = (self.after.bytes - self.before.bytes) / _MEBIBYTE
        threads = Beside("before them", self.before.threads, at_most=1)
        descriptors = Beside("before them", self.before.descriptors, at_most=1)
        return [
            Figure(of, "all of them", self.seconds),
            Figure(of, "an execution", self.seconds / self.count),
            Figure(of, "memory that they leave taken", grown, "MiB"),
            Figure(of, "threads afterwards", self.after.threads, "", threads),
            Figure(of, "open files and connections", self.after.descriptors, "", descriptors),
        ]


@dataclass(frozen=True, slots=True)
class _Job:
    seconds: float
    by_hand: float


def _jobs(cloud: LocalCloud, python: Path, count: int) -> Iterator[_Job]:
    sagemaker = cloud.client("sagemaker")
    request = _request(_role(cloud))

    def over(name: str) -> bool:
        described = sagemaker.describe_processing_job(ProcessingJobName=name)
        if described["ProcessingJobStatus"] in {"Failed", "Stopped"}:
            raise RuntimeError(described["FailureReason"])
        return bool(described["ProcessingJobStatus"] == "Completed")

    for number in range(count):
        name = f"bench-{number}"
        with _clocked() as taken:
            sagemaker.create_processing_job(ProcessingJobName=name, **request)
            _until(lambda: over(name))  # noqa: B023 - called before the loop goes on
        with _clocked() as by_hand:
            subprocess.run([python, *_COMMAND[1:]], check=True, capture_output=True)
        yield _Job(taken[0], by_hand[0])


def _role(cloud: LocalCloud) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = cloud.client("iam").create_role(RoleName="Bench", AssumeRolePolicyDocument=document)
    return str(made["Role"]["Arn"])


def _request(role: str) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    return {
        "AppSpecification": {"ImageUri": _IMAGE, "ContainerEntrypoint": list(_COMMAND)},
        "ProcessingResources": {"ClusterConfig": cluster},
        "RoleArn": role,
    }


def _of_jobs(jobs: Iterable[_Job]) -> list[Figure]:
    ours = statistics.median(job.seconds for job in jobs)
    by_hand = statistics.median(job.by_hand for job in jobs)
    most = Beside("what is promised at most", _MOST_OVERHEAD, at_most=1)
    of = "a job that does nothing"
    return [
        Figure(
            of, "from CreateProcessingJob to Completed", ours, beside=Beside("by hand", by_hand)
        ),
        Figure(of, "more than the same process by hand", ours - by_hand, beside=most),
    ]


def _of_executions(executions: Iterable[_Execution]) -> list[Figure]:
    of = "an execution of three no-op jobs, alone"
    seconds = statistics.median(one.seconds for one in executions)
    around = statistics.median(one.seconds - one.in_jobs for one in executions)
    return [Figure(of, "from its start to its end", seconds), Figure(of, "around its jobs", around)]


def _until(condition: Callable[[], bool]) -> None:
    elapsed = _clock()
    while not condition():
        if elapsed() > _GIVE_UP_SECONDS:
            raise TimeoutError(f"not over after {_GIVE_UP_SECONDS} s")
        time.sleep(_LOOK_SECONDS)


def _clock() -> Callable[[], float]:
    begun = time.perf_counter()
    return lambda: time.perf_counter() - begun


@contextmanager
def _clocked() -> Iterator[list[float]]:
    """Give a list that has the seconds of the block when it is over."""
    taken: list[float] = []
    elapsed = _clock()
    yield taken
    taken.append(elapsed())
