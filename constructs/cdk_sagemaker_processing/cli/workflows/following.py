"""A run of a deployed workflow, followed to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import Where, print_json
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.workflows.json_view import JsonView, describe_failures
from cdk_sagemaker_processing.cli.workflows.results import print_failure, read_tails
from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.document import describe_run, summarize
from cdk_sagemaker_processing.runs.follower import ClientOf, RunFollower
from cdk_sagemaker_processing.runs.found import Run, look
from cdk_sagemaker_processing.runs.progress import Status

__all__ = ["Follow", "Following", "WithLogs"]

Follow = Annotated[
    bool,
    typer.Option(help="Show the run until it is over; the exit code is then its outcome's."),
]
WithLogs = Annotated[
    bool, typer.Option("--logs", help="With --follow: print the jobs' logs as they grow.")
]

# CloudWatch Logs may show a job's last lines a little after SageMaker calls it over.
_LATE_LOG_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Following:
    """One run, looked at until it is over.

    Attributes:
        console: Where a person, or a program, reads.
        where: Where the run is.
        client_of: Makes clients there.
        run: The run.
        logs: Whether to print the jobs' logs as they grow.
        as_json: Whether to print lines of JSON.
    """

    console: Console
    where: Where
    client_of: ClientOf
    run: Run
    logs: bool = False
    as_json: bool = False

    def follow(self) -> int:
        """Follow it.

        Returns:
            The exit code: 0 if the run succeeded, 1 if it did not.

        Raises:
            DeployedError: If it can no longer be followed, while it goes on.
            typer.Exit: If a person does not want to look any more, while it goes on.
        """
        with self._left_going(), explained():
            follower = RunFollower(self.client_of, self.run.arn)
            if self.as_json:
                self._follow_as_json(follower)
            else:
                self._follow_as_text(follower)
        return 0 if follower.progress.status is Status.SUCCEEDED else 1

    def _follow_as_text(self, follower: RunFollower) -> None:
        self.console.print(Text(_title(self.run), "bold"), soft_wrap=True)
        RunView(self.console, follower, logs=self.logs).follow()
        if follower.progress.status is not Status.SUCCEEDED:
            _await_logs(follower)
            self.console.print()
            print_failure(self.console, follower, lambda job: job.log.place)

    def _follow_as_json(self, follower: RunFollower) -> None:
        print_json(self.console, {"type": "run", **summarize(self.run)}, indent=None)
        JsonView(self.console, follower, logs=self.logs).follow()
        if follower.progress.status is not Status.SUCCEEDED:
            _await_logs(follower)
        end = {
            "type": "end",
            **describe_run(self.run, look(self.client_of, self.run), follower),
            "failures": describe_failures(follower),
        }
        print_json(self.console, end, indent=None)

    @contextmanager
    def _left_going(self) -> Iterator[None]:
        """Say of a run that is not looked at any more that it goes on."""
        try:
            yield
        except Interrupted as interruption:
            console = Console(stderr=True, highlight=False)
            console.print(
                f"The run goes on. To stop it: {self.where.command('stop', self.run)}",
                style="yellow",
                soft_wrap=True,
                markup=False,
            )
            raise typer.Exit(interruption.exit_code) from None
        except DeployedError as error:
            look_again = self.where.command("show", self.run)
            raise DeployedError(f"{error}; the run may go on: {look_again}") from error


def _title(run: Run) -> str:
    return f"{run.workflow.path} {run.name}" if run.workflow else run.name


def _await_logs(follower: RunFollower) -> None:
    """Look again for the logs of failed jobs that ran and have none yet."""
    read_tails(follower)
    late = [
        job
        for job in (one.job for one in follower.blamed)
        if job and not job.log.lines and job.description.get("ProcessingStartTime")
    ]
    for _ in Clock(every=0.5).looks(_LATE_LOG_SECONDS if late else 0):
        for job in late:
            job.log.read(whole=True)
        if all(job.log.lines for job in late):
            return
