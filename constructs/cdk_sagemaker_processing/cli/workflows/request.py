"""The command `request`: what a step asks SageMaker for."""

from typing import Annotated

import typer
from rich.console import Console

from cdk_sagemaker_processing.cli.app_source import App, Assembly, Context, workflows_of
from cdk_sagemaker_processing.cli.session import print_json, session
from cdk_sagemaker_processing.local.deploying.assembly import choose_workflow
from cdk_sagemaker_processing.synthesized.requests import choose_step, read_steps

__all__ = ["request"]


def request(
    step: Annotated[
        str, typer.Argument(metavar="STEP", help="The state's name.", show_default=False)
    ],
    app: App = None,
    assembly: Assembly = None,
    context: Context = None,
    workflow: Annotated[
        str | None,
        typer.Option(
            help="The workflow's construct path, such as Flights/Nightly, if several have a state "
            "of that name.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the CreateProcessingJob request of a step, in JSON, without deploying anything.

    Values that only a run knows stand as their expression in braces, such as {$.day}; those that
    CloudFormation fills in as its intrinsic function, such as {"Ref": …}.
    """
    console = Console(highlight=False)
    with session(console), workflows_of(app, assembly, context) as found:
        chosen = (choose_workflow(found, workflow),) if workflow else found
        made = choose_step(read_steps(chosen), step)
        print_json(console, made.request)
