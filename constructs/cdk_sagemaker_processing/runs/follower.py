"""An execution, followed by asking Step Functions, SageMaker and CloudWatch Logs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.runs.definition import State, read_states
from cdk_sagemaker_processing.runs.logs import JobLog
from cdk_sagemaker_processing.runs.progress import RunProgress, Status, read_progress

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
        self._step_functions = client_of("stepfunctions")
        self._sagemaker = client_of("sagemaker")
        self._logs = client_of("logs")
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

    def poll(self) -> RunProgress:
        """Ask how far the run and its jobs are."""
        pages = self._step_functions.get_paginator("get_execution_history").paginate(
            executionArn=self.execution_arn,
            PaginationConfig={"PageSize": 1000},
        )
        events = [event for page in pages for event in page["events"]]
        self.progress = read_progress(self.states, events)
        self.new_log_lines = []
        for state in self.progress.states:
            for name in state.job_names:
                self._ask_job(name, state.state)
        return self.progress

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
