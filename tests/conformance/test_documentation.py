"""The suite and its known gaps are documented as they are."""

import ast
import re
from pathlib import Path

import pytest

from tests.conformance.gaps import GAPS

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "about" / "conformance.md").read_text()
MODULES = sorted(HERE.glob("test_*.py"))


def section(title: str) -> list[str]:
    """The rows of the table below a heading."""
    text = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


def test_the_page_names_every_module_and_its_sources() -> None:
    """In the words of the module."""
    expected = []
    for module in MODULES:
        about, *sources = (ast.get_docstring(ast.parse(module.read_text())) or "").split("\n\n")
        if sources:
            source = " ".join(" ".join(sources).split())
            path = f"../../tests/conformance/{module.name}"
            expected.append(f"| [{about.rstrip('.')}]({path}) | {source} |")
    assert section("What is covered") == expected


def test_the_page_names_every_gap() -> None:
    """And no other."""
    assert section("Known gaps") == [f"| {gap.name} | {gap.aws} | {gap.here} |" for gap in GAPS]


@pytest.mark.parametrize("name", [gap.name for gap in GAPS])
def test_every_gap_has_a_case(name: str) -> None:
    """Which fails until it is mended, and then fails the suite."""
    marks = [found for path in MODULES for found in re.findall(r'gap\("(.*?)"\)', path.read_text())]
    assert name in marks
