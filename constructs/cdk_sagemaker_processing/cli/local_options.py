"""Options that the commands of local clouds have alike."""

from collections.abc import Sequence
from typing import Annotated

import typer

__all__ = ["Name", "Port", "QuotaOption", "read_quotas"]

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
