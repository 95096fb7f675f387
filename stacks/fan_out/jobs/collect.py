"""Gather what the jobs of all airports found into one table.

Written for Python 3.8 and what comes with it.
"""

import argparse
import csv
import json
from pathlib import Path
from typing import Iterable

PROCESSING = Path("/opt/ml/processing")


def rows(fits: "Iterable[dict[str, object]]", months: "Iterable[dict[str, str]]") -> "list[dict]":
    """Return a row an airport: how well its model does, its coldest hour and its rain.

    Raises:
        ValueError: An airport has a fit and no months, or months and no fit.
    """
    by_airport = {}
    for month in months:
        by_airport.setdefault(month["airport"], []).append(month)
    fitted = {str(fit["airport"]): fit for fit in fits}
    if by_airport.keys() != fitted.keys():
        raise ValueError(f"there are months of {sorted(by_airport)} and fits of {sorted(fitted)}")
    return [
        {
            "airport": airport,
            "model_error": round(float(fitted[airport]["model_error"]), 3),
            "guess_error": round(float(fitted[airport]["guess_error"]), 3),
            "coldest_chill": min(float(month["coldest_chill"]) for month in found),
            "rain_inches": round(sum(float(month["rain_inches"]) for month in found), 2),
        }
        for airport, found in sorted(by_airport.items())
    ]


def main() -> None:
    """Read, gather and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fits", type=Path, default=PROCESSING / "input/fits")
    parser.add_argument("--months", type=Path, default=PROCESSING / "input/months")
    parser.add_argument("--report", type=Path, default=PROCESSING / "output/report")
    arguments = parser.parse_args()
    fits = [json.loads(file.read_text()) for file in arguments.fits.rglob("fit.json")]
    months = []
    for path in arguments.months.rglob("months.csv"):
        with path.open(newline="") as file:
            months += csv.DictReader(file)
    report = rows(fits, months)
    arguments.report.mkdir(parents=True, exist_ok=True)
    with (arguments.report / "report.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, report[0].keys())
        writer.writeheader()
        writer.writerows(report)
    for row in report:
        print(row)


if __name__ == "__main__":
    main()
