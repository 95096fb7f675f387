"""Runs stopped, and their jobs with them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.follower import ClientOf, Job, RunFollower
from cdk_sagemaker_processing.runs.found import Run

__all__ = ["Stopping"]

# SageMaker gives a container two minutes to end, and takes some of its own.
_MINUTES = 10
# After which a job that Step Functions does not stop is stopped here: one that its state did not
# wait for, or that the machine's role may not stop.
_PATIENCE_SECONDS = 10
# What SageMaker refuses the stop of a job with that has ended.
_OVER = ("ResourceNotFound", "ValidationException")


@dataclass(frozen=True, slots=True)
class Stopping:
    """The stop of one run.

    Attributes:
        client_of: Makes boto3 clients.
        run: The run.
        report: Is told what is being waited for.
        clock: How time is told and spent.
    """

    client_of: ClientOf
    run: Run
    report: Callable[[str], None]
    clock: Clock

    def stop(self, cause: str) -> tuple[Job, ...]:
        """Stop the run, and wait until its jobs have ended.

        Args:
            cause: Why, for those who look at the run later.

        Returns:
            The jobs that ran.

        Raises:
            DeployedError: If the run is over already, AWS refuses, or jobs have not ended after
                ten minutes.
        """
        if self.run.is_over:
            raise DeployedError(f"run {self.run.name} is over already: {self.run.status}")
        with explained():
            follower = RunFollower(self.client_of, self.run.arn, read_logs=False)
            self.client_of("stepfunctions").stop_execution(
                executionArn=self.run.arn, error="Stopped", cause=cause
            )
            return self._wait(follower)

    def _wait(self, follower: RunFollower) -> tuple[Job, ...]:
        began = self.clock.now()
        ran: dict[str, Job] = {}
        for _ in self.clock.looks(_MINUTES * 60):
            follower.poll()
            going = [job for job in follower.jobs.values() if job.description and not job.is_over]
            ran |= {job.name: job for job in going}
            ran |= {job.name: job for job in follower.jobs.values() if job.status == "Stopped"}
            if follower.is_over and not going:
                return tuple(ran.values())
            if self.clock.now() - began > _PATIENCE_SECONDS:
                self._stop_jobs(going)
            names = ", ".join(f"{job.name} ({job.status})" for job in going)
            self.report(f"waiting for {names or 'the execution'} to end")
        names = ", ".join(name for name, job in ran.items() if not job.is_over)
        raise DeployedError(f"still ending after {_MINUTES} minutes: {names}")

    def _stop_jobs(self, jobs: Iterable[Job]) -> None:
        sagemaker = self.client_of("sagemaker")
        for job in jobs:
            if job.status == "Stopping":
                continue
            try:
                sagemaker.stop_processing_job(ProcessingJobName=job.name)
            except ClientError as error:
                # It may have ended in the meantime.
                if error.response["Error"]["Code"] not in _OVER:
                    raise
