"""Count the flights, and those that came late, by one column.

Written for Python 3.8 and pandas 1.1, the oldest in SageMaker's scikit-learn 1.2-1 images.
"""

import argparse
from pathlib import Path

import pandas as pd

PROCESSING = Path("/opt/ml/processing")


def late_by(flights: pd.DataFrame, column: str, late_from: int) -> pd.DataFrame:
    """Return a row for each value of a column: flights, and those late from so many minutes on."""
    late = flights.assign(late=(flights["arr_delay"] >= late_from).astype("int64"))
    counted = late.groupby(column)["late"].agg(["size", "sum"]).reset_index()
    return counted.rename(columns={column: "of", "size": "flights", "sum": "late"})


def main() -> None:
    """Read, count and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--by", choices=["carrier", "hour"], required=True)
    parser.add_argument("--late-from", type=int, required=True)
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/flights")
    parser.add_argument("--output", type=Path, default=PROCESSING / "output")
    arguments = parser.parse_args()
    flights = pd.read_csv(arguments.input / "flights.csv")
    counted = late_by(flights, arguments.by, arguments.late_from)
    folder = arguments.output / arguments.by
    folder.mkdir(parents=True, exist_ok=True)
    counted.to_csv(folder / f"{arguments.by}.csv", index=False)
    print(counted.to_string(index=False))


if __name__ == "__main__":
    main()
