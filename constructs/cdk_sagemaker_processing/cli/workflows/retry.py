"""The command `retry`: starts a run again from where it failed."""

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
from cdk_sagemaker_processing.cli.workflows.show import TheRun
from cdk_sagemaker_processing.runs.document import summarize
from cdk_sagemaker_processing.runs.found import find_run, look_again
from cdk_sagemaker_processing.runs.starting import redrive

__all__ = ["retry"]


def retry(  # noqa: PLR0917 - Typer's way to say a command's options
    run: TheRun,
    follow: Follow = False,
    logs: WithLogs = False,
    stack: Stack = None,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Start a run again from the states that failed; what succeeded is not run again.

    It goes by the workflow as it was when the run started, its scripts included: to run what was
    deployed since, start another run. Step Functions calls this a redrive.
    """
    console = Console(highlight=False)
    where = Where(stack, profile, region)
    with session(console):
        client_of = where.client_of()
        found = find_run(client_of, run, stack)
        redrive(client_of, found)
        again = look_again(client_of, found)
        if follow:
            following = Following(console, where, client_of, again, logs, as_json)
            raise typer.Exit(following.follow())
    if as_json:
        print_json(console, summarize(again))
        return
    console.print(Text(f"Started {again.name} again", "bold"), soft_wrap=True)
    console.print(f"Look at it: {where.command('show', again)}", soft_wrap=True, markup=False)
