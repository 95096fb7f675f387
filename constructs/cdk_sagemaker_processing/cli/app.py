"""The commands and their options."""

from importlib.metadata import version
from typing import Annotated

import typer

from cdk_sagemaker_processing.cli.history.commands import history
from cdk_sagemaker_processing.cli.local.commands import local
from cdk_sagemaker_processing.cli.workflows.graph import graph
from cdk_sagemaker_processing.cli.workflows.logs import logs
from cdk_sagemaker_processing.cli.workflows.outputs import outputs
from cdk_sagemaker_processing.cli.workflows.report import report
from cdk_sagemaker_processing.cli.workflows.request import request
from cdk_sagemaker_processing.cli.workflows.retry import retry
from cdk_sagemaker_processing.cli.workflows.run import run
from cdk_sagemaker_processing.cli.workflows.runs import runs
from cdk_sagemaker_processing.cli.workflows.show import show
from cdk_sagemaker_processing.cli.workflows.stop import stop

app = typer.Typer(
    name="sagemaker-processing",
    help="SageMaker Processing workflows: run on this machine, looked at anywhere.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for _command in (run, runs, show, logs, stop, retry, outputs, report, request, graph):
    app.command()(_command)
app.add_typer(local, name="local")
app.add_typer(history, name="history")


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sagemaker-processing {version('cdk-sagemaker-processing')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """SageMaker Processing workflows: run on this machine, looked at anywhere."""
