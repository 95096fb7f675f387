"""The command `show`: how far a run is, and what it came to."""

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
from cdk_sagemaker_processing.cli.workflows.json_view import describe_failures
from cdk_sagemaker_processing.cli.workflows.results import print_failure, read_tails
from cdk_sagemaker_processing.cli.workflows.run_view import RunView
from cdk_sagemaker_processing.runs.document import describe_run
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.found import find_run, look
from cdk_sagemaker_processing.runs.progress import Status

__all__ = ["TheRun", "show"]

TheRun = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The execution's name or ARN; or a workflow for its newest run, WORKFLOW~1 for the "
        "one before.",
        show_default=False,
    ),
]


def show(
    run: TheRun,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show how far a run is, state by state; of one that failed, why."""
    console = Console(highlight=False)
    with session(console):
        client_of = clients(profile, region)
        found = find_run(client_of, run, stack)
        follower = RunFollower(client_of, found.arn, read_logs=False)
        follower.poll()
        read_tails(follower)
        said = look(client_of, found)
    if as_json:
        document = describe_run(found, said, follower)
        print_json(console, {**document, "failures": describe_failures(follower)})
        return
    title = f"{found.workflow.path} {found.name}" if found.workflow else found.name
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(Text(f"{said['status'].lower()}, input {said.get('input', '')}"), soft_wrap=True)
    RunView(console, follower).show()
    if follower.progress.status in {Status.FAILED, Status.STOPPED}:
        console.print()
        print_failure(console, follower, lambda job: job.log.place)
