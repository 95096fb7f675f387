"""Read the pages of ``docs/moving``: their examples are recorded and compared as they are."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DATA_SCIENCE", "IMAGE", "V2", "V3", "Example", "Row", "Table", "examples", "tables"]

_MOVING = Path(__file__).parent.parent / "docs/moving"
V2 = _MOVING / "sagemaker-sdk-v2.md"
V3 = _MOVING / "sagemaker-sdk-v3.md"
DATA_SCIENCE = _MOVING / "data-science-sdk.md"

# The image of the examples that have one of their own.
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/processing:1"

_EXAMPLE = re.compile(
    r"""^<!--\ test:\ recorded\ (?P<name>\w+)\ -->\n
        ```python[^\n]*\n(?P<theirs>.*?)^```$
        .*?
        ^```python[^\n]*\n(?P<ours>.*?)^```$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_TABLE = re.compile(
    r"^### `(?P<theirs>\w+)` → (?P<ours>.+?)\n(?P<text>.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Example:
    """One job, written for an SDK and for this library.

    Attributes:
        name: Its name, that of its recording.
        theirs: The code for the SDK.
        ours: The code for this library, which follows it.
    """

    name: str
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: an argument of the SDK, ours, and how they differ."""

    theirs: str
    ours: str
    difference: str


@dataclass(frozen=True, slots=True)
class Table:
    """The table of one class of the SDK.

    Attributes:
        theirs: The SDK's class.
        ours: Our class, or classes.
        rows: Its rows.
    """

    theirs: str
    ours: tuple[str, ...]
    rows: tuple[Row, ...]


def examples(page: Path) -> dict[str, Example]:
    """A page's examples, by their names."""
    found = [Example(**one.groupdict()) for one in _EXAMPLE.finditer(page.read_text())]
    return {one.name: one for one in found}


def tables(page: Path) -> dict[str, Table]:
    """A page's tables of arguments, by the SDK's class."""
    return {
        found["theirs"]: Table(
            found["theirs"], tuple(re.findall(r"`(\w+)`", found["ours"])), _rows(found["text"])
        )
        for found in _TABLE.finditer(page.read_text())
    }


def _rows(text: str) -> tuple[Row, ...]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    # The first two are the heading and the line under it.
    return tuple(Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[2:])
