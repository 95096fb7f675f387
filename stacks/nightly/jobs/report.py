"""Write what was counted as one page of Markdown.

Written for Python 3.8 and what comes with it.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Iterable, Iterator, Mapping

PROCESSING = Path("/opt/ml/processing")
COUNTED = ("carrier", "hour")


def table(of: str, rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Return the lines of a table.

    Example:
        >>> for line in table("carrier", [{"of": "UA", "flights": "8", "late": "2"}]):
        ...     print(line)
        | carrier | flights | late | share |
        |---|---:|---:|---:|
        | UA | 8 | 2 | 25% |
    """
    yield f"| {of} | flights | late | share |"
    yield "|---|---:|---:|---:|"
    for row in rows:
        share = int(row["late"]) / int(row["flights"])
        yield f"| {row['of']} | {row['flights']} | {row['late']} | {share:.0%} |"


def main() -> None:
    """Read and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--title", required=True)
    parser.add_argument("--input", type=Path, default=PROCESSING / "input")
    parser.add_argument("--output", type=Path, default=PROCESSING / "output/report")
    arguments = parser.parse_args()
    lines = [f"# {arguments.title}"]
    for of in COUNTED:
        with (arguments.input / of / f"{of}.csv").open(newline="") as file:
            lines += ["", *table(of, csv.DictReader(file))]
    arguments.output.mkdir(parents=True, exist_ok=True)
    page = "\n".join([*lines, ""])
    (arguments.output / "report.md").write_text(page)
    print(page)


if __name__ == "__main__":
    main()
