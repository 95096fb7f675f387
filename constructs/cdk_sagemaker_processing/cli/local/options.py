"""Options that the commands of local clouds have alike."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AppFolder", "Input", "Name", "Port", "QuotaOption", "WorkflowPath", "read_quotas"]


def _input(text: str) -> str:
    """Return an execution's input as JSON text, read from a file if it is named by `@FILE`."""
    try:
        read = Path(text[1:]).read_text() if text.startswith("@") else text
        json.loads(read)
    except OSError as error:
        raise typer.BadParameter(f"{text[1:]}: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(
            f"""must be JSON, such as '{{"day": "2026-01-31"}}', or @FILE, got {text}: {error}"""
        ) from error
    return read


AppFolder = Annotated[
    Path,
    typer.Argument(
        help="The folder of the CDK app's cdk.json or app.py.", exists=True, file_okay=False
    ),
]
WorkflowPath = Annotated[
    str | None,
    typer.Option(
        help="The workflow's construct path, such as Flights/Nightly, if there are several.",
        show_default=False,
    ),
]
Input = Annotated[
    str,
    typer.Option(help="The execution's input: JSON, or @FILE.", callback=_input, metavar="JSON"),
]

Name = Annotated[str, typer.Option("--name", "-n", help="The local cloud's name.")]
Port = Annotated[
    int | None,
    typer.Option(help="The local cloud's port on 127.0.0.1.", show_default=False),
]
QuotaOption = Annotated[
    list[str] | None,
    typer.Option(
        "--quota",
        help="How many instances of a type processing jobs may have at once; may be given several "
        "times. A type that is not named has no limit.",
        metavar="TYPE=COUNT",
        show_default=False,
    ),
]


def read_quotas(given: Sequence[str] | None) -> dict[str, int] | None:
    """Return quotas by their types; None if there are none.

    Args:
        given: Each as `ml.m5.xlarge=2`.

    Raises:
        typer.BadParameter: If one is not of that form.
    """
    return dict(_quota(one) for one in given) if given else None


def _quota(text: str) -> tuple[str, int]:
    kind, _, count = text.rpartition("=")
    if not kind or not count.isdecimal():
        raise typer.BadParameter(
            f"must be TYPE=COUNT, such as ml.m5.xlarge=2, got '{text}'", param_hint="--quota"
        )
    return kind, int(count)
