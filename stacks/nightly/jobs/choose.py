"""Keep the flights of one day: of the day in 2013 that has the given day's month and date.

Flights that were cancelled, or whose arrival nobody recorded, are dropped.
Written for Python 3.8 and pandas 1.1, the oldest in SageMaker's scikit-learn 1.2-1 images.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pandas as pd

PROCESSING = Path("/opt/ml/processing")
COLUMNS = ["carrier", "hour", "arr_delay"]
LEAP_DAY = "02-29"


def month_and_day(text: str) -> tuple[int, int]:
    """Read the month and the day that a date, or a time, begins with.

    Of a leap year's last day of February it is the one before, which every year has.

    Raises:
        ValueError: There is no such day.

    Example:
        >>> month_and_day("2026-11-22T03:00:00Z"), month_and_day("2028-02-29")
        ((11, 22), (2, 28))
    """
    day = date.fromisoformat(text[: len("2013-01-31")])
    return (day.month, day.day) if day.isoformat()[5:] != LEAP_DAY else (2, 28)


def choose(flights: pd.DataFrame, month: int, day: int) -> pd.DataFrame:
    """Return the flights of a day that arrived.

    Raises:
        ValueError: There is none.
    """
    of_day = flights[(flights["month"] == month) & (flights["day"] == day)]
    arrived = of_day.dropna(subset=["arr_delay"])[COLUMNS]
    print(f"  {len(arrived):,} of {len(of_day):,} flights arrived")
    if arrived.empty:
        raise ValueError(f"no flight arrived on {month:02}-{day:02}")
    return arrived


def main() -> None:
    """Read, choose and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--day", type=month_and_day, required=True)
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/flights")
    parser.add_argument("--output", type=Path, default=PROCESSING / "output/flights")
    arguments = parser.parse_args()
    (file,) = arguments.input.glob("*.csv*")
    needed = ["month", "day", *COLUMNS]
    flights = choose(pd.read_csv(file, usecols=needed), *arguments.day)
    arguments.output.mkdir(parents=True, exist_ok=True)
    flights.to_csv(arguments.output / "flights.csv", index=False)


if __name__ == "__main__":
    main()
