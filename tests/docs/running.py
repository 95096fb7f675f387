"""A page's commands, run as a reader would run them."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.docs.blocks import blocks_of, matches

# Longer than any of them takes on a machine with other work.
_PATIENCE = 600


def run_page(page: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Run a page's commands one after the other, in the folder with its files.

    Args:
        page: The page, from the project's root.
        folder: Where its files lie.
        environment: The variables that its commands see.

    Raises:
        AssertionError: One ended otherwise than the page says, or printed something else.
    """
    printed = ""
    for block in blocks_of(page):
        if "run" in block.marks:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", block.text],  # noqa: S607 - the system's own
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
            printed = done.stdout
            assert (done.returncode != 0) == (block.marks["run"] == "fails"), printed
        elif "output" in block.marks:
            assert matches(block.text, _settled(printed)), printed


def _settled(printed: str) -> str:
    """What was printed, without the progress that only a slow step or a first run shows."""
    return "".join(line for line in printed.splitlines(True) if not line.startswith("… "))
