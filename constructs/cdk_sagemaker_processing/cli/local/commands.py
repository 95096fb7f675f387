"""The commands `local …`, in the order in which their help lists them."""

import typer

from cdk_sagemaker_processing.cli.local import clouds
from cdk_sagemaker_processing.cli.local.run import run
from cdk_sagemaker_processing.cli.local.watch import watch

local = typer.Typer(help="The local cloud.", no_args_is_help=True)
for _command in (
    watch,
    clouds.up,
    clouds.env,
    clouds.status,
    clouds.logs,
    clouds.down,
    clouds.reset,
    run,
):
    local.command()(_command)
