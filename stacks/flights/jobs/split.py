"""Clean a year of flights, label the late ones and split them for training and testing.

The rules, in this order:

1. A flight without a departure time was cancelled: it is dropped.
2. A flight without an arrival delay was diverted, or its landing went unrecorded: dropped.
3. A flight that lacks a value in any other column kept (``COLUMNS``) is dropped.
4. A flight is ``late`` (1, else 0) when it arrives 15 minutes or more after its schedule,
   as the US Department of Transportation counts.
5. ``--train-test-split-ratio`` of the flights are for testing, drawn at random with a fixed
   seed and as many late ones among them, by share, as among all.

Written for Python 3.8 and pandas 1.1, the oldest in SageMaker's scikit-learn 1.2-1 images.
"""

import argparse
import math
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

PROCESSING = Path("/opt/ml/processing")
FILE_PATTERN = "*.csv*"  # pandas unpacks .csv.gz and .csv.zip by their names
LATE_FROM_MINUTES = 15
SEED = 2013
LEAST_OF_A_KIND = 2  # below that a split cannot put one on either side

NUMBERS = ["year", "month", "day", "hour", "distance", "dep_delay", "arr_delay"]
NAMES = ["carrier", "origin", "dest"]
COLUMNS = NUMBERS + NAMES
CANCELLED_WITHOUT = "dep_time"


def read_flights(folder: Path) -> pd.DataFrame:
    """Read every CSV file of a folder, packed or plain, as one table.

    Raises:
        FileNotFoundError: The folder holds no CSV file.
    """
    files = sorted(folder.glob(FILE_PATTERN))
    if not files:
        held = sorted(path.name for path in folder.glob("*"))
        raise FileNotFoundError(f"{folder} must hold {FILE_PATTERN} files, but holds {held}")
    return pd.concat([read_file(path) for path in files], ignore_index=True)


def read_file(path: Path) -> pd.DataFrame:
    """Read the columns that the job uses from one CSV file.

    Raises:
        ValueError: A column is missing, or a number cannot be read as one.
    """
    wanted = [CANCELLED_WITHOUT, *COLUMNS]
    missing = sorted(set(wanted) - set(pd.read_csv(path, nrows=0).columns))
    if missing:
        raise ValueError(f"{path} lacks the columns {missing}")
    types = {**dict.fromkeys([CANCELLED_WITHOUT, *NUMBERS], "float64"), **dict.fromkeys(NAMES, str)}
    try:
        return pd.read_csv(path, usecols=wanted, dtype=types)
    except ValueError as error:
        raise ValueError(
            f"{path}: {error}, in {CANCELLED_WITHOUT!r} or one of {NUMBERS}"
        ) from error


def clean(flights: pd.DataFrame) -> pd.DataFrame:
    """Apply rules 1 to 3, and say how many flights each one drops.

    Raises:
        ValueError: No flight is left.
    """
    kept = flights
    for reason, columns in [
        ("cancelled", [CANCELLED_WITHOUT]),
        ("without an arrival delay", ["arr_delay"]),
        ("lacking another value", COLUMNS),
    ]:
        before = len(kept)
        kept = kept.dropna(subset=columns)
        print(f"  {before - len(kept):>9,} dropped: {reason}")
    if kept.empty:
        raise ValueError(f"all of the {len(flights):,} flights were dropped: nothing to split")
    return kept[COLUMNS].astype(dict.fromkeys(NUMBERS, "int64"))


def label(flights: pd.DataFrame) -> pd.DataFrame:
    """Add the column ``late`` by rule 4.

    Raises:
        ValueError: Too few flights are late, or too few on time, to split them by share.
    """
    late = (flights["arr_delay"] >= LATE_FROM_MINUTES).astype("int64")
    counts = {"late": int(late.sum()), "on time": int((1 - late).sum())}
    print(f"  {len(flights):>9,} flights kept, {late.mean():.1%} of them late")
    if min(counts.values()) < LEAST_OF_A_KIND:
        raise ValueError(
            f"a split by share needs {LEAST_OF_A_KIND} flights of a kind, got {counts}"
        )
    return flights.assign(late=late)


def ratio(text: str) -> float:
    """Read the share of flights for testing from the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be a number between 0 and 1, got {text!r}")
    return value


def parse_arguments() -> argparse.Namespace:
    """Read the command line; the folders' defaults are where SageMaker mounts them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train-test-split-ratio", type=ratio, default=0.2)
    parser.add_argument("--flights", type=Path, default=PROCESSING / "input/flights")
    parser.add_argument("--train", type=Path, default=PROCESSING / "output/train")
    parser.add_argument("--test", type=Path, default=PROCESSING / "output/test")
    return parser.parse_args()


def main() -> None:
    """Read, clean, label, split and write."""
    arguments = parse_arguments()
    print(f"Reading flights from {arguments.flights}")
    flights = read_flights(arguments.flights)
    print(f"  {len(flights):>9,} flights read")

    print("Cleaning and labelling")
    labelled = label(clean(flights))

    share = arguments.train_test_split_ratio
    print(f"Splitting, {share:.0%} for testing")
    train, test = train_test_split(
        labelled, test_size=share, random_state=SEED, stratify=labelled["late"]
    )
    for folder, part in [(arguments.train, train), (arguments.test, test)]:
        folder.mkdir(parents=True, exist_ok=True)
        part.to_csv(folder / "flights.csv", index=False)
        print(f"  {len(part):>9,} flights, {part['late'].mean():.1%} late, in {folder}/flights.csv")


if __name__ == "__main__":
    main()
