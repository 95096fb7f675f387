"""The command `runs`: lists the runs of a deployed workflow."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import (
    AsJson,
    Profile,
    Region,
    Stack,
    clients,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS
from cdk_sagemaker_processing.runs.document import summarize
from cdk_sagemaker_processing.runs.found import Run, list_runs
from cdk_sagemaker_processing.runs.progress import Status
from cdk_sagemaker_processing.runs.workflows import find_workflow

__all__ = ["RUN_STATUS", "runs"]

RUN_STATUS = {
    "RUNNING": Status.RUNNING,
    "PENDING_REDRIVE": Status.RETRYING,
    "SUCCEEDED": Status.SUCCEEDED,
    "ABORTED": Status.STOPPED,
}
"""A run's status by Step Functions' word for it; what is not here failed."""


class RunsOf(StrEnum):
    """The statuses that runs can be listed by."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"


def runs(  # noqa: PLR0917 - Typer's way to say a command's options
    workflow: Annotated[
        str,
        typer.Argument(
            help="The workflow's construct path, or the end of it; or its state machine's ARN.",
            show_default=False,
        ),
    ],
    status: Annotated[
        RunsOf | None,
        typer.Option(help="Only runs of this status.", show_default=False, case_sensitive=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="At most how many.", min=1, max=1000)] = 10,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """List the runs of a deployed workflow, newest first."""
    console = Console(highlight=False)
    with session(console):
        client_of = clients(profile, region)
        found = find_workflow(client_of, workflow, stack)
        wanted = status.name if status else None
        listed = [
            replace(run, workflow=found)
            for run in list_runs(client_of, found.machine_arn, wanted, limit)
        ]
    if as_json:
        print_json(console, [summarize(run) for run in listed])
        return
    console.print(Text(found.path, "bold"), soft_wrap=True)
    widest = max((len(run.name) for run in listed), default=0)
    for run in listed:
        console.print(_line(run, widest), soft_wrap=True)
    if not listed:
        console.print("  no runs")


def _line(run: Run, widest: int) -> Text:
    sign, style = MARKS[RUN_STATUS.get(run.status, Status.FAILED)]
    took = ((run.ended or datetime.now(tz=UTC)) - run.started).total_seconds()
    status = run.status.lower().replace("_", " ")
    return Text.assemble(
        (f"{sign} ", style),
        f"{run.name:<{widest}}  {status:<9}  {run.started.astimezone():%Y-%m-%d %H:%M:%S}  ",
        words.duration(took),
    )
