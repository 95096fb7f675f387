"""What commands that ask AWS have alike: their options, their clients, how they end early."""

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import boto3
import typer
from rich.console import Console

from cdk_sagemaker_processing.cli.terminal.failures import failures_told
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted, interruptible
from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.found import Run

__all__ = ["AsJson", "Profile", "Region", "Stack", "Where", "clients", "print_json", "session"]

Stack = Annotated[
    str | None,
    typer.Option(
        help="The stack's name; by default all stacks of the account and region are looked at.",
        show_default=False,
    ),
]
Profile = Annotated[
    str | None, typer.Option(help="The profile of the AWS credentials.", show_default=False)
]
Region = Annotated[str | None, typer.Option(help="The AWS region.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def clients(profile: str | None, region: str | None) -> ClientOf:
    """Return what makes boto3 clients of a profile and region, the environment's by default.

    Args:
        profile: The profile's name.
        region: The region's name.

    Raises:
        DeployedError: If there is no such profile; a client, if there is no region, or the
            endpoint is no URL.
    """
    # The AWS CLI and other SDKs know this variable, boto3 does not.
    wanted = region or os.environ.get("AWS_REGION")
    with explained():
        made = boto3.Session(profile_name=profile, region_name=wanted)

    def client_of(service: str) -> Any:
        with explained():
            try:
                return made.client(service)  # type: ignore[call-overload]  # a name known at run time
            except ValueError as error:
                raise DeployedError(
                    f"{error}: AWS_ENDPOINT_URL, or endpoint_url of the profile, must be a URL, "
                    "such as http://127.0.0.1:4566"
                ) from error

    return client_of


@dataclass(frozen=True, slots=True)
class Where:
    """Where a command looks, as its options say.

    Attributes:
        stack: The stack's name; None for all.
        profile: The profile of the credentials; None for the environment's.
        region: The region; None for the environment's.
    """

    stack: str | None = None
    profile: str | None = None
    region: str | None = None

    def client_of(self) -> ClientOf:
        """Return what makes clients there.

        Raises:
            DeployedError: If there is no such profile.
        """
        return clients(self.profile, self.region)

    def command(self, verb: str, run: Run) -> str:
        """Return the command by which a person goes on with a run.

        Args:
            verb: Such as `stop`.
            run: The run.
        """
        is_named = run.workflow is not None and run.workflow.stack
        given = {"--stack": self.stack, "--profile": self.profile, "--region": self.region}
        options = [word for option, value in given.items() if value for word in (option, value)]
        words = ["sagemaker-processing", verb, run.name if is_named else run.arn, *options]
        return shlex.join(words)


@contextmanager
def session(console: Console) -> Iterator[None]:
    """Tell what goes wrong in the block, and an interruption, for a person to read.

    Args:
        console: Where an interruption is told.

    Raises:
        typer.Exit: With exit code 1 if the block cannot go on, with the signal's if one came.
    """
    try:
        with failures_told(), explained(), interruptible():
            yield
    except Interrupted as interruption:
        console.print("Interrupted.", style="yellow")
        raise typer.Exit(interruption.exit_code) from None


def print_json(console: Console, value: Any, *, indent: int | None = 2) -> None:
    """Print a JSON document, unbroken and uncoloured.

    Args:
        console: Where to.
        value: The document; times become text of ISO 8601.
        indent: None for one line.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=_plain)
    console.out(text, highlight=False)


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
