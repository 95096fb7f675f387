"""Whether the rooms of the package know only what they may: `[tool.importlinter]`."""

import re

from tools.quality.figure import Figure
from tools.quality.project import command

__all__ = ["figure"]


def figure() -> Figure:
    """How many rules of imports are kept."""
    checked = command("lint-imports", "--no-logo", "--no-cache")
    counts = re.search(r"Contracts: (\d+) kept, (\d+) broken", checked.stdout)
    wrong: list[str] = []
    if checked.returncode:
        _, _, told = checked.stdout.partition("Broken contracts")
        wrong = [line for line in (told or checked.stdout).splitlines() if line.strip(" -")]
    return Figure(
        "Rules of imports kept",
        f"{counts[1]} of {int(counts[1]) + int(counts[2])}" if counts else "not looked at",
        "all",
        tuple(wrong),
    )
