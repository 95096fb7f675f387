"""What benchmarks find: figures, in a table and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

__all__ = ["Beside", "Figure", "show", "write"]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a figure is held against, measured in the same run.

    Attributes:
        what: What it is.
        value: Its value, in the figure's unit.
        at_most: How many times this value the figure may be; None if nothing is promised.
    """

    what: str
    value: float
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured; smaller is better.

    Attributes:
        of: What is measured there: figures of the same stand together.
        what: What it is.
        value: The value, in `unit`.
        unit: `s` unless said otherwise.
        beside: What it is held against.
    """

    of: str
    what: str
    value: float
    unit: str = "s"
    beside: Beside | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the other's value it is."""
        return self.value / self.beside.value if self.beside else None

    @property
    def holds(self) -> bool | None:
        """Whether it keeps what is promised; None if nothing is."""
        if self.beside is None or self.beside.at_most is None:
            return None
        return self.value <= self.beside.value * self.beside.at_most


def show(title: str, figures: Sequence[Figure], console: Console) -> None:
    """Print figures as tables, one for each thing that is measured."""
    console.rule(title, align="left")
    for of, group in groupby(figures, lambda figure: figure.of):
        table = Table(title=of, title_justify="left", box=SIMPLE, expand=True)
        table.add_column("measured", ratio=1)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("beside", ratio=1)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("times", justify="right", no_wrap=True)
        table.add_column("promised", justify="right", no_wrap=True)
        for figure in group:
            table.add_row(figure.what, _value(figure.value, figure.unit), *_beside(figure))
        console.print(table)


def write(name: str, figures: Sequence[Figure], folder: Path) -> Path:
    """Write figures to `<name>.json` in a folder and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    content = {
        "benchmark": name,
        "taken": datetime.now(UTC).date().isoformat(),
        "machine": {
            "processors": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "figures": [_rounded(figure) for figure in figures],
    }
    file.write_text(json.dumps(content, indent=2) + "\n")
    return file


def _beside(figure: Figure) -> tuple[str, str, str, str]:
    if figure.beside is None or figure.ratio is None:
        return "", "", "", ""
    verdict = ""
    if figure.beside.at_most is not None:
        colour = "green" if figure.holds else "red"
        verdict = f"[{colour}]≤ {figure.beside.at_most:g}[/]"
    return (
        figure.beside.what,
        _value(figure.beside.value, figure.unit),
        f"{figure.ratio:.2f}",
        verdict,
    )


def _rounded(figure: Figure) -> dict[str, object]:
    content: dict[str, object] = asdict(figure) | {"value": round(figure.value, 3)}
    if figure.beside and figure.ratio is not None:
        content["beside"] = asdict(figure.beside) | {"value": round(figure.beside.value, 3)}
        content |= {"ratio": round(figure.ratio, 3), "holds": figure.holds}
    return content


def _value(value: float, unit: str) -> str:
    return f"{value:.2f} {unit}"
