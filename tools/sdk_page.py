"""Read ``docs/moving/sagemaker-sdk-v2.md``: its examples are recorded and compared as they are."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGE", "VALUES", "Example", "Row", "Table", "examples", "tables"]

PAGE = Path(__file__).parent.parent / "docs/moving/sagemaker-sdk-v2.md"

# What the examples leave open.
VALUES = {
    "image_uri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/processing:1",
    "bucket": "your-bucket",
    "input_prefix": "raw",
    "input_preprocessed_prefix": "preprocessed",
    "input_s3_uri": "s3://your-bucket/raw",
    "output_s3_uri": "s3://your-bucket/done",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One job, written for the SDK and for this library.

    Attributes:
        title: Its heading.
        theirs: The code for the SDK.
        ours: The code for this library.
    """

    title: str
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


def examples() -> dict[str, Example]:
    """The page's examples, by their headings."""
    found = re.findall(
        r"^### (.+?)\n.*?```python\n(.*?)```.*?```python\n(.*?)```",
        PAGE.read_text().split("## Arguments")[0],
        re.DOTALL | re.MULTILINE,
    )
    return {title: Example(title, theirs, ours) for title, theirs, ours in found}


def tables() -> dict[str, Table]:
    """The page's tables of arguments, by the SDK's class."""
    found = re.findall(
        r"^### `(\w+)` → (.+?)\n(.*?)(?=^##|\Z)",
        PAGE.read_text().split("## Arguments")[1],
        re.DOTALL | re.MULTILINE,
    )
    return {
        theirs: Table(theirs, tuple(re.findall(r"`(\w+)`", ours)), _rows(text))
        for theirs, ours, text in found
    }


def _rows(text: str) -> tuple[Row, ...]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    # The first two are the heading and the line under it.
    return tuple(Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[2:])
