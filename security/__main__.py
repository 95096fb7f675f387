"""`make security`: prints what the tools find; exit code 1 if something is not acknowledged."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from security.environment import ToolError
from security.evaluation import evaluate
from security.subjects import SUBJECTS
from security.table import show


def _telling(console: Console, update: Callable[[str], None]) -> Callable[[str], None]:
    """Progress in place on a terminal, a line each elsewhere."""
    return update if console.is_terminal else lambda text: console.print(f"security: {text}")


def main() -> int:
    """Look at all subjects and return the exit code."""
    console = Console()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="security-") as folder,
            console.status("starting") as status,
        ):
            judgement = evaluate(SUBJECTS, Path(folder), _telling(console, status.update))
    except ToolError as error:
        console.print(f"[red]{error}[/]")
        return 2
    show(judgement, console)
    return 0 if judgement.holds else 1


if __name__ == "__main__":
    sys.exit(main())
