"""The commands and their options."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdk_sagemaker_processing.cli import local_clouds
from cdk_sagemaker_processing.cli.app_source import Context, read_context
from cdk_sagemaker_processing.cli.failures import failures_told
from cdk_sagemaker_processing.cli.graph import graph as graph_command
from cdk_sagemaker_processing.cli.history import history as history_commands
from cdk_sagemaker_processing.cli.local_options import (
    AppFolder,
    Input,
    Port,
    QuotaOption,
    WorkflowPath,
    read_quotas,
)
from cdk_sagemaker_processing.cli.local_run import LocalRun
from cdk_sagemaker_processing.cli.local_watch import watch as watch_command
from cdk_sagemaker_processing.cli.logs import logs as logs_command
from cdk_sagemaker_processing.cli.outputs import outputs as outputs_command
from cdk_sagemaker_processing.cli.report import report as report_command
from cdk_sagemaker_processing.cli.request import request as request_command
from cdk_sagemaker_processing.cli.retry import retry as retry_command
from cdk_sagemaker_processing.cli.run import run as run_command
from cdk_sagemaker_processing.cli.runs import runs as runs_command
from cdk_sagemaker_processing.cli.show import show as show_command
from cdk_sagemaker_processing.cli.signals import Interrupted, interruptible
from cdk_sagemaker_processing.cli.stop import stop as stop_command

app = typer.Typer(
    name="sagemaker-processing",
    help="SageMaker Processing workflows: run on this machine, looked at anywhere.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
local = typer.Typer(help="The local cloud.", no_args_is_help=True)
app.command("run")(run_command)
app.command("runs")(runs_command)
app.command("show")(show_command)
app.command("logs")(logs_command)
app.command("stop")(stop_command)
app.command("retry")(retry_command)
app.command("outputs")(outputs_command)
app.command("report")(report_command)
app.command("request")(request_command)
app.command("graph")(graph_command)
local.command("watch")(watch_command)
local.command("up")(local_clouds.up)
local.command("env")(local_clouds.env)
local.command("status")(local_clouds.status)
local.command("logs")(local_clouds.logs)
local.command("down")(local_clouds.down)
local.command("reset")(local_clouds.reset)
app.add_typer(local, name="local")
app.add_typer(history_commands, name="history")


@app.callback()
def _root() -> None:
    """SageMaker Processing workflows: run on this machine, looked at anywhere."""


@local.command()
def run(  # noqa: PLR0917 - Typer's way to say a command's options
    app_folder: AppFolder = Path(),
    workflow: WorkflowPath = None,
    input: Input = "{}",  # noqa: A002 - the option's name, as Step Functions calls it
    port: Port = None,
    context: Context = None,
    history: Annotated[
        bool,
        typer.Option(help="Show the Spark jobs in Spark's History Server afterwards."),
    ] = True,
    logs: Annotated[
        bool, typer.Option("--logs", help="Print the jobs' logs as they grow.")
    ] = False,
    enforce_iam: Annotated[
        bool,
        typer.Option(
            "--enforce-iam", help="Hold jobs, tasks and state machines to IAM policies, over HTTPS."
        ),
    ] = False,
    quota: QuotaOption = None,
) -> None:
    """Deploy a CDK app to a cloud on this machine and run one of its workflows there.

    Nothing leaves this machine, and nothing is left running: the cloud ends with this command.
    """
    console = Console(highlight=False)
    job = LocalRun(
        console=console,
        app_folder=app_folder.absolute(),
        workflow=workflow,
        input=input,
        port=port,
        context=read_context(context),
        history=history,
        logs=logs,
        enforce_iam=enforce_iam,
        quotas=read_quotas(quota) or {},
    )
    try:
        with failures_told(), interruptible():
            code = job.run()
    except Interrupted as interruption:
        console.print("Interrupted: nothing is left running.", style="yellow")
        raise typer.Exit(interruption.exit_code) from None
    raise typer.Exit(code)
