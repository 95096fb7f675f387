"""An execution, followed by asking Step Functions, SageMaker and CloudWatch Logs."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.runs.children import (
    MapRuns,
    first_failed,
    list_children,
    reached,
)
from cdk_sagemaker_processing.runs.definition import State, read_states, states_from
from cdk_sagemaker_processing.runs.events import Events
from cdk_sagemaker_processing.runs.logs import JobLog
from cdk_sagemaker_processing.runs.progress import (
    RunProgress,
    StateProgress,
    Status,
    read_progress,
)

_ENTERED = "stateEnteredEventDetails"
_OVER = ("Completed", "Failed", "Stopped")

ClientOf = Callable[[str], Any]
"""Makes a boto3 client of the service named."""


@dataclass(slots=True)
class Job:
    """A processing job of the run.

    Attributes:
        name: Its name.
        log: Its log, read so far.
        description: What `DescribeProcessingJob` last said; empty before the first answer.
    """

    name: str
    log: JobLog
    description: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """Its `ProcessingJobStatus`, or nothing yet."""
        return str(self.description.get("ProcessingJobStatus", ""))

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in _OVER


@dataclass(frozen=True, slots=True)
class Blamed:
    """A state that made a run fail by itself.

    Attributes:
        state: The state.
        run: The execution that it is in: the run's own, or one that the run started.
    """

    state: StateProgress
    run: "RunFollower"

    @property
    def job(self) -> Job | None:
        """Its last processing job."""
        names = self.state.job_names
        return self.run.jobs.get(names[-1]) if names else None

    @property
    def error(self) -> str | None:
        """Its error, or that of its run."""
        return self.state.error or self.run.progress.error

    @property
    def cause(self) -> str | None:
        """What is said of its error, or of that of its run."""
        return self.state.cause or self.run.progress.cause


class RunFollower:
    """One execution of a state machine.

    Args:
        client_of: Makes boto3 clients for the execution's account and region.
        execution_arn: The execution.
        read_logs: Whether to read the jobs' logs.

    Attributes:
        states: Every state of its definition.
        progress: How far it was at the last look.
        jobs: Its processing jobs by their names.
        new_log_lines: The lines that the last look found in the jobs' logs, each with its state.
    """

    def __init__(self, client_of: ClientOf, execution_arn: str, *, read_logs: bool = True) -> None:
        self.execution_arn = execution_arn
        self._read_logs = read_logs
        self._client_of = client_of
        self._step_functions = client_of("stepfunctions")
        self._sagemaker = client_of("sagemaker")
        self._logs = client_of("logs")
        self._events = Events(self._step_functions, execution_arn)
        self._map_runs = MapRuns(self._step_functions)
        self._children: dict[str, RunFollower] = {}
        self._blamed: tuple[Blamed, ...] | None = None
        self.jobs: dict[str, Job] = {}
        self.new_log_lines: list[tuple[State, str]] = []
        machine = self._step_functions.describe_state_machine_for_execution(
            executionArn=execution_arn,
        )
        self.states = read_states(machine["definition"])
        self.progress = RunProgress(Status.RUNNING, read_progress(self.states, ()).states)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.progress.status is not Status.RUNNING

    def looks(self, every: float) -> Iterator[None]:
        """Look at it until it is over: what happens between two looks is the caller's.

        Args:
            every: How many seconds to wait from one look to the next.
        """
        while True:
            self.poll()
            yield
            if self.is_over:
                return
            time.sleep(every)

    def poll(self) -> RunProgress:
        """Ask how far the run and its jobs are."""
        if self._events.look():
            self.states = states_from(self.states, _first(self._events.read))
            self.progress = read_progress(self.states, self._events.read)
        counted = (replace(one, items=self._map_runs.items(one)) for one in self.progress.states)
        self.progress = replace(self.progress, states=tuple(counted))
        self._blamed = None
        self.new_log_lines = []
        for state in self.progress.states:
            for name in state.job_names:
                self._ask_job(name, state.state)
        return self.progress

    @property
    def blamed(self) -> tuple[Blamed, ...]:
        """The states that made the run fail, those in executions that it started included.

        Of a distributed Map they are those of the first item that failed.
        """
        if self._blamed is None:
            states = self.progress.blamed_states
            self._blamed = tuple(one for state in states for one in self._blame(state))
        return self._blamed

    def family(self, most: int) -> "Iterator[RunFollower]":
        """Yield this execution, as it was at the last look, and look at those that it started.

        Args:
            most: At most how many of them, those that they started in turn included; the newest
                first.
        """
        waiting: list[RunFollower] = [self]
        left = most
        while waiting:
            one = waiting.pop(0)
            yield one
            for state in one.progress.states:
                arns = list_children(self._step_functions, state, left) if left else ()
                left -= len(arns)
                waiting += [child for arn in arns if (child := one.child(arn))]

    def child(self, arn: str) -> "RunFollower | None":
        """Return an execution that this one started, looked at; None if it cannot be.

        Args:
            arn: Its ARN.
        """
        with reached():
            child = self._children.get(arn)
            if child is None:
                child = RunFollower(self._client_of, arn, read_logs=False)
                child.poll()
                self._children[arn] = child
            elif not child.is_over:
                child.poll()
            return child
        return None

    def started_by(self, state: StateProgress, most: int) -> "tuple[RunFollower, ...]":
        """Return the executions that a state started, and what these started, looked at.

        Args:
            state: The state.
            most: At most how many; the newest first.
        """
        children = (
            child
            for arn in list_children(self._step_functions, state, most)
            if (child := self.child(arn))
        )
        members = (member for child in children for member in child.family(most))
        return tuple(itertools.islice(members, most))

    def _blame(self, state: StateProgress) -> "tuple[Blamed, ...]":
        arn = first_failed(self._step_functions, state)
        child = self.child(arn) if arn else None
        return (child.blamed if child else ()) or (Blamed(state, self),)

    def _ask_job(self, name: str, state: State) -> None:
        job = self.jobs.setdefault(name, Job(name, JobLog(self._logs, name)))
        if job.is_over:
            return
        try:
            # Asked before its log is read: of a job that is over, the log read next is whole.
            job.description = self._sagemaker.describe_processing_job(ProcessingJobName=name)
        except ClientError as error:
            # The history names a job before the service has made it, and also a refused one.
            if error.response["Error"]["Code"] not in {"ValidationException", "ResourceNotFound"}:
                raise
            return
        if self._read_logs:
            self.new_log_lines.extend((state, line) for line in job.log.read(whole=job.is_over))


def _first(events: Iterable[Mapping[str, Any]]) -> str:
    """Return the state that an execution began with, or nothing before it did."""
    entered = (event[_ENTERED] for event in events if _ENTERED in event)
    return next((str(one["name"]) for one in entered), "")
