"""Write a year of hourly weather as one file an airport.

Hours without temperature, dew point or humidity are dropped.
Written for Python 3.8 and pandas 1.1, the oldest in SageMaker's scikit-learn 1.2-1 images.
"""

import argparse
from pathlib import Path

import pandas as pd

PROCESSING = Path("/opt/ml/processing")
NEEDED = ["temp", "dewp", "humid"]


def by_airport(weather: pd.DataFrame) -> "dict[str, pd.DataFrame]":
    """Return the hours of each airport that are whole.

    Raises:
        ValueError: No hour is left.
    """
    whole = weather.dropna(subset=NEEDED)
    print(f"  {len(weather) - len(whole):>6,} of {len(weather):,} hours dropped")
    if whole.empty:
        raise ValueError(f"none of the {len(weather):,} hours has all of {NEEDED}")
    return dict(iter(whole.groupby("origin")))


def main() -> None:
    """Read, part and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weather", type=Path, default=PROCESSING / "input/weather/weather.csv")
    parser.add_argument("--airports", type=Path, default=PROCESSING / "output/airports")
    arguments = parser.parse_args()
    arguments.airports.mkdir(parents=True, exist_ok=True)
    for airport, hours in by_airport(pd.read_csv(arguments.weather)).items():
        hours.to_csv(arguments.airports / f"{airport}.csv", index=False)
        print(f"  {airport}: {len(hours):,} hours")


if __name__ == "__main__":
    main()
