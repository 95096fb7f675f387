"""The command `run`: starts a deployed workflow."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.session import (
    AsJson,
    Profile,
    Region,
    Stack,
    Where,
    print_json,
    session,
)
from cdk_sagemaker_processing.cli.workflows.following import Follow, Following, WithLogs
from cdk_sagemaker_processing.runs.document import summarize
from cdk_sagemaker_processing.runs.inputs import read_input
from cdk_sagemaker_processing.runs.starting import definition_of, start
from cdk_sagemaker_processing.runs.workflows import find_workflow

__all__ = ["run"]


def run(  # noqa: PLR0917 - Typer's way to say a command's options
    workflow: Annotated[
        str,
        typer.Argument(
            help="The workflow's construct path, such as Flights/Nightly, or the end of it; or "
            "its state machine's ARN.",
            show_default=False,
        ),
    ],
    input: Annotated[  # noqa: A002 - the option's name, as Step Functions calls it
        list[str] | None,
        typer.Option(
            help="A member of the execution's input; may be given several times. A value is read "
            "as the workflow's parameter says; where there is none, as JSON if it is some, else "
            "as text. A JSON object sets all its members.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    input_file: Annotated[
        typer.FileText | None,
        typer.Option(
            help="A file of JSON to begin with; - for standard input.", show_default=False
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="The execution's name; the time by default.", show_default=False),
    ] = None,
    follow: Follow = False,
    logs: WithLogs = False,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Start a deployed workflow.

    Ctrl-C ends the look at the run, not the run.
    """
    console = Console(highlight=False)
    where = Where(stack, profile, region)
    with session(console):
        client_of = where.client_of()
        found = find_workflow(client_of, workflow, stack)
        document = input_file.read() if input_file else "{}"
        given = read_input(definition_of(client_of, found), document, input or ())
        started = start(client_of, found, given, name)
        if follow:
            following = Following(console, where, client_of, started, logs, as_json)
            raise typer.Exit(following.follow())
    if as_json:
        print_json(console, summarize(started))
        return
    console.print(Text(f"Started {found.path} {started.name}", "bold"), soft_wrap=True)
    console.print(f"Look at it: {where.command('show', started)}", soft_wrap=True, markup=False)
