"""How much of the package the tests run: measured by `make test`, told by `make check`.

`python -m tools.quality.covered` puts together what the processes of a run of the tests wrote
(the workers, and what they start: the command, the local cloud, apps), and writes the figure to
coverage.json beside this file, with the state of the package it holds for.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import coverage
from rich.console import Console

from tools.quality.figure import Figure
from tools.quality.project import PACKAGE
from tools.quality.table import show

__all__ = ["LEAST", "figure", "measure", "state_of"]

LEAST = 95.0
RECORD = Path(__file__).with_name("coverage.json")
# Modules below it are named in the record, the least covered first.
_WORTH_NAMING = 90.0


def figure(record: Path = RECORD, package: Path = PACKAGE) -> Figure:
    """What the last whole run of the tests covered.

    Args:
        record: Where it was written.
        package: The package it is of.
    """
    wanted = f"branches at least {LEAST:.0f} %"
    if not record.exists():
        return Figure(
            "Coverage of the package", "not measured", wanted, ("`make test` measures it",)
        )
    told = json.loads(record.read_text(encoding="utf-8"))
    low = [f"{module}: {percent} %" for module, percent in told["lowest modules"].items()]
    return Figure(
        "Coverage of the package",
        f"{told['branches']} % of branches, {told['statements']} % of statements",
        wanted,
        () if told["branches"] >= LEAST else (f"{told['branches']} % of branches", *low),
        "" if told["package"] == state_of(package) else "(of an earlier state of the package)",
    )


def measure(record: Path = RECORD) -> None:
    """Put together what a run of the tests wrote, and record it.

    Args:
        record: Where to.
    """
    measured = coverage.Coverage()
    measured.combine(strict=True)
    measured.save()
    report = record.with_suffix(".full.json")
    try:
        measured.json_report(outfile=str(report))
        told = json.loads(report.read_text(encoding="utf-8"))
    finally:
        report.unlink(missing_ok=True)
    summary = _summary(told, state_of(PACKAGE))
    record.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def state_of(package: Path) -> str:
    """A hash of the package's Python sources.

    Args:
        package: Its folder.
    """
    made = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        made.update(f"{file.relative_to(package).as_posix()}\0".encode())
        made.update(hashlib.sha256(file.read_bytes()).digest())
    return made.hexdigest()


def _summary(report: Mapping[str, Any], state: str) -> dict[str, Any]:
    totals = report["totals"]
    modules = {
        Path(name).resolve().relative_to(PACKAGE).as_posix(): one["summary"]["percent_covered"]
        for name, one in report["files"].items()
    }
    low = sorted((percent, name) for name, percent in modules.items() if percent < _WORTH_NAMING)
    return {
        "branches": _floored(totals["percent_branches_covered"]),
        "statements": _floored(totals["percent_statements_covered"]),
        "package": state,
        "lowest modules": {name: _floored(percent) for percent, name in low},
    }


def _floored(percent: float) -> float:
    """To one digit, never more than it is."""
    return int(percent * 10) / 10


if __name__ == "__main__":
    measure()
    result = figure()
    show([result], Console())
    sys.exit(0 if result.good else 1)
