"""The commands of local clouds that go on: `local up`, `env`, `status`, `logs`, `down`, `reset`."""

import os
import time
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cdk_sagemaker_processing.cli.local.logs import cloud_lines, job_lines
from cdk_sagemaker_processing.cli.local.options import Name, Port, QuotaOption, read_quotas
from cdk_sagemaker_processing.cli.local.shell import exports, unsets
from cdk_sagemaker_processing.cli.local.status import describe, print_status
from cdk_sagemaker_processing.cli.session import AsJson, print_json, session
from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.failures import failures_told
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.cli.terminal.stages import Stages
from cdk_sagemaker_processing.local.clouds.named import DEFAULT, Clouds
from cdk_sagemaker_processing.local.clouds.record import NamedCloud
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.children import tail

__all__ = ["down", "env", "logs", "reset", "status", "up"]

_WATCH_SECONDS = 0.5
_TAIL_LINES = 15


def up(  # noqa: PLR0917 - Typer's way to say a command's options
    name: Name = DEFAULT,
    port: Port = None,
    keep: Annotated[
        bool | None,
        typer.Option(
            "--keep/--no-keep",
            help="Keep on disk what the cloud holds when it ends, for the next up.",
            show_default=False,
        ),
    ] = None,
    enforce_iam: Annotated[
        bool | None,
        typer.Option(
            "--enforce-iam/--no-enforce-iam",
            help="Hold jobs, tasks and state machines to IAM policies, over HTTPS.",
            show_default=False,
        ),
    ] = None,
    quota: QuotaOption = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay, and end the cloud at Ctrl-C.")
    ] = False,
) -> None:
    """Start a cloud on this machine that goes on after this command.

    Prints the lines that point a shell to it: eval "$(sagemaker-processing local up)". It answers
    on port 4566 if that is free, or where it did before. A cloud that is up already is left as it
    is. What is not said is as at its last start.
    """
    quotas = read_quotas(quota)
    console = Console(stderr=True, highlight=False)
    with session(console), ExitStack() as ending:
        clouds = Clouds()
        with Stages(console).stage("Local cloud") as stage:
            cloud = clouds.up(
                name,
                port=port,
                enforce_iam=enforce_iam,
                quotas=quotas,
                keep=keep,
                parent=os.getpid() if foreground else None,
            )
            if foreground:
                ending.callback(clouds.down, name)
            stage.detail = f"{cloud.name} at {cloud.api.endpoint_url}"
        _print_lines(exports(cloud.api.variables()))
        if foreground:
            _stay(console, cloud)
            return
    console.print(f'Point a shell to it: eval "$({_command("env", name)})"', soft_wrap=True)
    console.print(f"End it: {_command('down', name)}", soft_wrap=True)


def env(
    name: Name = DEFAULT,
    unset: Annotated[
        bool, typer.Option("--unset", help="Print the line that takes them away again.")
    ] = False,
) -> None:
    """Print the lines that point a shell to a local cloud.

    With eval "$(sagemaker-processing local env)" the CDK CLI, the AWS CLI, boto3 and this command
    act in the local cloud.
    """
    with failures_told():
        clouds = Clouds()
        cloud = clouds.get(name) if unset else clouds.running(name)
        variables = cloud.api.variables()
    _print_lines(unsets(variables) if unset else exports(variables))


def status(
    name: Annotated[
        str | None,
        typer.Option("--name", "-n", help="Only this one; exit code 1 if it is not up."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the local clouds of this user and what they do."""
    console = Console(highlight=False)
    with failures_told():
        clouds = Clouds()
        described = [describe(one) for one in ([clouds.get(name)] if name else clouds.all())]
    if as_json:
        print_json(console, described)
    else:
        print_status(console, described)
    if name and described[0]["status"] != "up":
        raise typer.Exit(1)


def logs(
    job: Annotated[
        str | None,
        typer.Argument(help="A processing job's name; the cloud's own log by default."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print on until the job, or the cloud, ends.")
    ] = False,
    name: Name = DEFAULT,
) -> None:
    """Print what a job of a local cloud wrote, or the cloud itself."""
    console = Console(highlight=False)
    with session(console):
        cloud = Clouds().get(name)
        lines = job_lines(cloud, job, follow=follow) if job else cloud_lines(cloud, follow=follow)
        for line in lines:
            console.print(Text(words.plain(line)), soft_wrap=True)


def down(
    name: Name = DEFAULT,
    every: Annotated[bool, typer.Option("--all", help="All of this user's.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete what a kept cloud holds, too.")
    ] = False,
) -> None:
    """End a local cloud with everything that runs in it.

    Nothing is left of it, unless it was started with --keep.
    """
    console = Console(highlight=False)
    with session(console):
        clouds = Clouds()
        for each in [one.name for one in clouds.all()] if every else [name]:
            ended = clouds.down(each, forget=forget)
            kept = ended.options.keep and not forget
            left = f"what it held is kept in {ended.home}" if kept else "nothing is left of it"
            console.print(f"The local cloud {each} is down; {left}.", soft_wrap=True)
            _tell_shell(console, ended)


def reset(name: Name = DEFAULT) -> None:
    """Empty a local cloud: it starts again on the same port with nothing in it."""
    console = Console(highlight=False)
    with session(console):
        cloud = Clouds().reset(name)
        where = f" at {cloud.api.endpoint_url}" if cloud.is_up else ""
        console.print(f"The local cloud {name}{where} is empty.", soft_wrap=True)


def _tell_shell(console: Console, ended: NamedCloud) -> None:
    """Tell a shell that points to a cloud that has ended how to point to AWS again."""
    if os.environ.get("AWS_ENDPOINT_URL") == ended.api.endpoint_url:
        (line,) = unsets(ended.api.variables())
        console.print(f"This shell still points to it: {line}", soft_wrap=True)


def _stay(console: Console, cloud: NamedCloud) -> None:
    """Stay until Ctrl-C, which here is the ordinary end."""
    try:
        console.print("Ctrl-C ends it.")
        while cloud.is_up:
            time.sleep(_WATCH_SECONDS)
    except Interrupted as interruption:
        if not interruption.is_ctrl_c:
            raise
        console.print("\nEnding.")
        return
    raise LocalCloudError(
        f"the local cloud {cloud.name} ended; its last lines:\n{tail(cloud.log, _TAIL_LINES)}"
    )


def _print_lines(lines: list[str]) -> None:
    console = Console(highlight=False)
    for line in lines:
        console.out(line, highlight=False)


def _command(verb: str, name: str) -> str:
    option = "" if name == DEFAULT else f" --name {name}"
    return f"sagemaker-processing local {verb}{option}"
