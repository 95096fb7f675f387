"""The command `stop`: ends a run and its jobs."""

from typing import Annotated

import typer
from rich.console import Console

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
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.cli.workflows.show import TheRun
from cdk_sagemaker_processing.runs.clock import Clock
from cdk_sagemaker_processing.runs.document import summarize
from cdk_sagemaker_processing.runs.found import find_run, look_again
from cdk_sagemaker_processing.runs.stopping import Stopping

__all__ = ["stop"]


def stop(  # noqa: PLR0917 - Typer's way to say a command's options
    run: TheRun,
    cause: Annotated[
        str, typer.Option(help="Why, for those who look at the run later.")
    ] = "Stopped by `sagemaker-processing stop`",
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Stop a run, and wait until its jobs have ended."""
    console = Console(highlight=False)
    stages = Stages(Console(stderr=True, highlight=False) if as_json else console)
    with session(console):
        client_of = clients(profile, region)
        found = find_run(client_of, run, stack)
        with stages.stage("Stop") as stage:
            jobs = Stopping(client_of, found, stages.report, Clock()).stop(cause)
            ended = "".join(f", {job.name} {job.status}" for job in jobs)
            stage.detail = f"{found.name}: {words.count(len(jobs), 'job')} ended{ended}"
        if as_json:
            ran = [{"job": job.name, "status": job.status} for job in jobs]
            print_json(console, {**summarize(look_again(client_of, found)), "jobs": ran})
