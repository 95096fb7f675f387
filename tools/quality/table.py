"""The figures on a terminal."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.quality.figure import Figure

__all__ = ["show"]

_LEAST_WIDTH = 100


def show(figures: Iterable[Figure], console: Console) -> None:
    """Print the figures, and below them what is off.

    Args:
        figures: What was measured.
        console: Where to.
    """
    figures = list(figures)
    console.width = max(console.width, _LEAST_WIDTH)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("", "Figure", "Measured", "Wanted"):
        table.add_column(heading)
    for one in figures:
        mark = "[green]✓[/]" if one.good else "[red]✗[/]"
        measured = "\n".join(filter(None, (one.measured, one.remark)))
        table.add_row(mark, escape(one.name), escape(measured), escape(one.wanted))
    console.print(table)
    for one in figures:
        if one.offenders:
            console.print(f"[red]{escape(one.name)}[/] ({len(one.offenders)}):")
            for offender in one.offenders:
                console.print(f"  {escape(offender)}", soft_wrap=True, highlight=False)
