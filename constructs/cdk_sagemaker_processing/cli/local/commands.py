"""The commands `local …`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cdk_sagemaker_processing.cli.app_source import Context, read_context
from cdk_sagemaker_processing.cli.local import clouds
from cdk_sagemaker_processing.cli.local.options import (
    AppFolder,
    Input,
    Port,
    QuotaOption,
    WorkflowPath,
    read_quotas,
)
from cdk_sagemaker_processing.cli.local.run import LocalRun
from cdk_sagemaker_processing.cli.local.watch import watch
from cdk_sagemaker_processing.cli.terminal.failures import failures_told
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted, interruptible

local = typer.Typer(help="The local cloud.", no_args_is_help=True)
for _command in (
    watch,
    clouds.up,
    clouds.env,
    clouds.status,
    clouds.logs,
    clouds.down,
    clouds.reset,
):
    local.command()(_command)


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
