import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.figures import Beside, Figure, show, write

KEPT = Figure("lists", "ours", 1.05, beside=Beside("plain", 1.0, at_most=1.1))
BROKEN = Figure("lists", "theirs", 1.2, beside=Beside("plain", 1.0, at_most=1.1))
ALONE = Figure("opens", "ours", 0.5)


@pytest.mark.parametrize(("figure", "holds"), [(KEPT, True), (BROKEN, False), (ALONE, None)])
def test_a_promise_is_kept_or_not(figure: Figure, holds: bool | None) -> None:
    """By the ratio to what was measured beside; where nothing is promised there is no answer."""
    assert figure.holds is holds


def test_a_table_says_what_stands_beside_what() -> None:
    """Figures of the same stand together under what they are of."""
    console = Console(file=StringIO(), width=100)
    show("Title", [KEPT, ALONE], console)

    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO
    assert "1.05 s" in text
    assert "≤ 1.1" in text
    assert text.index("lists") < text.index("opens")


def test_json_has_the_figures_their_ratios_and_the_machine(tmp_path: Path) -> None:
    """For whoever compares runs."""
    told = json.loads(write("lists", [KEPT, ALONE], tmp_path / "results").read_text())

    assert told["benchmark"] == "lists"
    assert told["machine"]["processors"] > 0
    kept, alone = told["figures"]
    assert (kept["ratio"], kept["holds"]) == (1.05, True)
    assert alone["beside"] is None
