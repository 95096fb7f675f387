"""The figures on a terminal."""

import io

from rich.console import Console

from tools.quality.figure import Figure
from tools.quality.table import show


def test_figures_are_a_table_and_what_is_off_stands_below() -> None:
    """Each thing with its place, on a line that is not broken."""
    out = io.StringIO()
    place = "constructs/" + "long/" * 30 + "module.py:1: wrong"
    figures = [
        Figure("Copies", "0", "none"),
        Figure("Coverage", "96 %", "at least 95 %", remark="(of an earlier state)"),
        Figure("Sleeps", "1 [of 2]", "none", (place,)),
    ]
    show(figures, Console(file=out, width=60))
    lines = [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]
    assert [line.split()[0] for line in lines[2:6]] == ["✓", "✓", "(of", "✗"]
    assert "1 [of 2]" in lines[5]
    assert lines[-2:] == ["Sleeps (1):", f"  {place}"]
