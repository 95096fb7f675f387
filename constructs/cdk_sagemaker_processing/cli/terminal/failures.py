"""How a command that cannot go on says so: one red line, and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.local.errors import LocalCloudError

__all__ = ["failures_told"]


@contextmanager
def failures_told() -> Iterator[None]:
    """Tell what the block raises for a person to read, and end with exit code 1.

    Raises:
        typer.Exit: If it raises that.
    """
    try:
        yield
    except (LocalCloudError, DeployedError) as error:
        raise _failure(str(error)) from None
    except OSError as error:
        # Such as a disk that is full.
        place = f": {error.filename}" if error.filename else ""
        raise _failure(f"{error.strerror or error}{place}") from None


def _failure(told: str) -> typer.Exit:
    console = Console(stderr=True, highlight=False)
    console.print(f"error: {told}", style="red", soft_wrap=True, markup=False)
    return typer.Exit(1)
