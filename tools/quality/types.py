"""How much of the project mypy looks at, and how strictly."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from tools.quality.figure import Figure
from tools.quality.project import ROOT, command

__all__ = ["figure", "weakened"]

# What an override may say without making mypy less strict with our own code.
_HARMLESS = {"module", "ignore_missing_imports", "follow_untyped_imports"}


def figure() -> Figure:
    """How many files mypy finds nothing in."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    checked = command("mypy")
    found = re.search(r"(?:no issues found in|checked) (\d+) source files", checked.stdout)
    wrong = [line for line in checked.stdout.splitlines() if ": error:" in line]
    if checked.returncode and not wrong:
        wrong = (checked.stderr or checked.stdout).splitlines()
    return Figure(
        "Files under mypy's strict mode",
        found[1] if found else "none",
        "no error in any",
        (*wrong, *weakened(settings)),
    )


def weakened(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes mypy less strict than it can be.

    Args:
        settings: Those of `[tool.mypy]`.
    """
    wrong = [] if settings.get("strict") is True else ["pyproject.toml: mypy is not strict"]
    for override in settings.get("overrides", ()):
        wrong += [
            f"pyproject.toml: an override of mypy sets {setting}"
            for setting in sorted(set(override) - _HARMLESS)
        ]
    return tuple(wrong)
