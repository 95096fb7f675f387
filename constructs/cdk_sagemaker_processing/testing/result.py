"""What a run came to: its status, its output, its jobs, and what they left."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.workflows.results import print_failure, read_tails
from cdk_sagemaker_processing.runs.completed import Completed, read_completed
from cdk_sagemaker_processing.runs.downloads import download
from cdk_sagemaker_processing.runs.follower import ClientOf, Job, RunFollower
from cdk_sagemaker_processing.runs.logs import JobLog
from cdk_sagemaker_processing.runs.outputs import Output, read_outputs
from cdk_sagemaker_processing.testing.lazy import Lazy

__all__ = ["JobResult", "RunFailedError", "RunResult"]

_WIDTH = 100
# Each costs a few calls.
_MOST_CHILDREN = 1000


class RunFailedError(AssertionError):
    """A run that was to succeed did not; the message says what a person wants to know of it.

    Attributes:
        result: The run's result.
    """

    def __init__(self, result: "RunResult") -> None:
        super().__init__(str(result))
        self.result = result


@dataclass(frozen=True, eq=False)
class JobResult:
    """A processing job that a run made.

    Attributes:
        state: The state that made it.
        description: What `DescribeProcessingJob` said of it.
    """

    state: str
    description: Mapping[str, Any] = field(repr=False)
    _client_of: ClientOf = field(repr=False)
    _downloads: Path = field(repr=False)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.description["ProcessingJobName"])

    @property
    def status(self) -> str:
        """Its `ProcessingJobStatus`, such as `Completed`."""
        return str(self.description["ProcessingJobStatus"])

    @property
    def exit_message(self) -> str | None:
        """What it wrote to `/opt/ml/output/message`."""
        return self.description.get("ExitMessage")

    @property
    def failure_reason(self) -> str | None:
        """Why it failed."""
        return self.description.get("FailureReason")

    @cached_property
    def log(self) -> str:
        """All that it wrote to its log in CloudWatch Logs."""
        return "\n".join(JobLog(self._client_of("logs"), self.name).read(whole=True))

    @cached_property
    def outputs(self) -> Mapping[str, Path]:
        """The folders of its outputs, by their names; each is downloaded when it is asked for.

        Of a job that did not complete they hold what it uploaded while it ran.
        """
        found = read_outputs(self._client_of, self.description)
        makers = {one.name: partial(self._download, one) for one in found}
        return Lazy(makers, f"{self.state} has no output")

    def _download(self, output: Output) -> Path:
        folder = self._downloads / self.name / output.name
        folder.mkdir(parents=True, exist_ok=True)
        download(self._client_of, output, folder)
        return folder


@dataclass(frozen=True, eq=False, repr=False)
class RunResult:
    """A run that is over.

    `str` of it says why it failed, with the end of the log.

    Attributes:
        description: What `DescribeExecution` said of it.
    """

    description: Mapping[str, Any]
    _follower: RunFollower
    _client_of: ClientOf
    _downloads: Path

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return str(self.description["executionArn"])

    @property
    def name(self) -> str:
        """The execution's name."""
        return str(self.description["name"])

    @property
    def status(self) -> str:
        """Its status: `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`."""
        return str(self.description["status"])

    @property
    def succeeded(self) -> bool:
        """Whether it succeeded."""
        return self.status == "SUCCEEDED"

    @cached_property
    def output(self) -> Any:
        """The execution's output, read from JSON; None if it did not succeed."""
        return json.loads(self.description["output"]) if self.succeeded else None

    @property
    def error(self) -> str | None:
        """The error's name, such as `States.TaskFailed`; None if it succeeded."""
        return self.description.get("error") or self._follower.progress.error

    @property
    def cause(self) -> str | None:
        """What the service said of the error, or None."""
        return self.description.get("cause") or self._follower.progress.cause

    @property
    def failed_state(self) -> str | None:
        """The state that made it fail by itself, in an execution that it started included."""
        blamed = self._follower.blamed
        return blamed[0].state.state.name if blamed else None

    @cached_property
    def jobs(self) -> tuple[JobResult, ...]:
        """The processing jobs of all attempts, those of executions that it started included."""
        return tuple(
            self._job(state.state.name, member.jobs[name])
            for member in self._follower.family(_MOST_CHILDREN)
            for state in member.progress.states
            for name in state.job_names
            # Of a job that the service refused there is no more than the name.
            if member.jobs[name].description
        )

    @cached_property
    def outputs(self) -> Mapping[str, Mapping[str, Path]]:
        """The folders of outputs, by the states that completed and the outputs' names.

        Of a state that a cache left out they are those of the run that stands for it. A state of
        several jobs, as in a Map, has them in `jobs`.
        """
        completed = [one for one in read_completed(self._follower, _leave_out) if one.jobs]
        makers = {one.state: partial(self._outputs_of, one) for one in completed}
        return Lazy(makers, "no job completed in a state")

    def logs(self, state: str) -> str:
        """Return what all jobs of a state wrote to their logs.

        Args:
            state: The state's name.

        Raises:
            KeyError: If it made no job.
        """
        found = [job for job in self.jobs if job.state == state]
        if not found:
            there = ", ".join(dict.fromkeys(job.state for job in self.jobs))
            raise KeyError(f"{state!r} made no job; there are jobs of {there or 'no state'}")
        return "\n".join(job.log for job in found)

    def __repr__(self) -> str:
        """Tell the status, the failed state, the error, and the last line of why."""
        if self.succeeded:
            return f"<RunResult {self.name} {self.status}>"
        place = f" in {self.failed_state}" if self.failed_state else ""
        blamed = self._follower.blamed
        reason = words.reason(blamed[0].cause if blamed else self.cause).splitlines()
        said = ": ".join([self.error or "no error", *reason[-1:]])
        return f"<RunResult {self.name} {self.status}{place}: {said}>"

    def __str__(self) -> str:
        """Tell why it failed, with the end of the failed job's log."""
        if self.succeeded:
            return repr(self)
        read_tails(self._follower)
        told = StringIO()
        console = Console(file=told, width=_WIDTH, color_system=None, highlight=False)
        console.print(f"The run {self.name} is {self.status}", markup=False)
        print_failure(console, self._follower, lambda job: job.log.place)
        return told.getvalue().rstrip()

    def _outputs_of(self, completed: Completed) -> Mapping[str, Path]:
        if len(completed.jobs) > 1:
            raise ValueError(
                f"{completed.state} completed {len(completed.jobs)} jobs: take each one's outputs "
                "from the result's jobs"
            )
        ((_, job),) = completed.jobs
        return self._job(completed.state, job).outputs

    def _job(self, state: str, job: Job) -> JobResult:
        return JobResult(state, job.description, self._client_of, self._downloads)


def _leave_out(_state: str, _source: str | None) -> None:
    """Have no outputs of a state that a cache left out, where they are not known any more."""
