"""The plain functions of the nightly and the fan-out example's jobs, without a container."""

import doctest
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from stacks import fan_out, nightly

NIGHTLY = Path(nightly.__file__).parent / "jobs"
FAN_OUT = Path(fan_out.__file__).parent / "jobs"


def job(path: Path) -> ModuleType:
    """A job's script as a module."""
    spec = importlib.util.spec_from_file_location(f"job_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "path",
    [
        NIGHTLY / "choose.py",
        NIGHTLY / "report.py",
        FAN_OUT / "weatherlib/chill.py",
        FAN_OUT / "weatherlib/hours.py",
    ],
    ids=lambda path: path.stem,
)
def test_examples_in_docstrings_are_true(path: Path) -> None:
    """What a docstring shows is what the function gives."""
    outcome = doctest.testmod(job(path))

    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("text", ["2026-13-01", "tomorrow", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    """The parameter's pattern cannot know every month's length."""
    with pytest.raises(ValueError, match=r"isoformat|month"):
        job(NIGHTLY / "choose.py").month_and_day(text)


def flights(*rows: tuple[int, int, str, int, float | None]) -> pd.DataFrame:
    """Flights by month, day, carrier, hour and delay at arrival."""
    return pd.DataFrame(rows, columns=["month", "day", "carrier", "hour", "arr_delay"])


def test_the_flights_of_a_day_that_arrived_are_chosen() -> None:
    """Neither those of other days nor those that nobody saw land."""
    given = flights((6, 21, "UA", 5, 3.0), (6, 21, "UA", 6, None), (6, 20, "UA", 5, 1.0))

    chosen = job(NIGHTLY / "choose.py").choose(given, 6, 21)

    assert chosen.to_dict("records") == [{"carrier": "UA", "hour": 5, "arr_delay": 3.0}]
    with pytest.raises(ValueError, match="no flight arrived on 12-24"):
        job(NIGHTLY / "choose.py").choose(given, 12, 24)


def test_late_flights_are_counted_from_the_minute_given() -> None:
    """By whichever column."""
    given = flights((1, 1, "UA", 5, 15.0), (1, 1, "UA", 6, 14.0), (1, 1, "AA", 6, 90.0))
    late_by = job(NIGHTLY / "late.py").late_by

    assert late_by(given, "carrier", 15).to_dict("records") == [
        {"of": "AA", "flights": 1, "late": 1},
        {"of": "UA", "flights": 2, "late": 1},
    ]
    assert late_by(given, "hour", 14)["late"].tolist() == [1, 2]


def test_hours_that_are_not_whole_are_dropped() -> None:
    """Each airport keeps the others."""
    rows: list[tuple[Any, ...]] = [("EWR", 39.0, 26.0, 59.0), ("EWR", None, 26.0, 59.0)]
    weather = pd.DataFrame([*rows, ("LGA", 40.0, 25.0, 60.0)])
    weather.columns = pd.Index(["origin", "temp", "dewp", "humid"])
    by_airport = job(FAN_OUT / "by_airport.py").by_airport

    parts = by_airport(weather)

    assert {name: len(part) for name, part in parts.items()} == {"EWR": 1, "LGA": 1}
    with pytest.raises(ValueError, match="none of the 1 hours has all of"):
        by_airport(weather[1:2])


@pytest.mark.parametrize(("temp", "wind"), [(51.0, 20.0), (20.0, 3.0), (20.0, None), (None, 9.0)])
def test_wind_chill_is_the_temperature_where_there_is_none(
    temp: float | None, wind: float | None
) -> None:
    """Too warm, too calm, or not known."""
    assert job(FAN_OUT / "weatherlib/chill.py").wind_chill(temp, wind) == temp


def test_rows_are_gathered_by_airport() -> None:
    """From the fits and the months of all; one without the other is a mistake."""
    rows = job(FAN_OUT / "collect.py").rows
    fits = [{"airport": "EWR", "model_error": 1.23456, "guess_error": 2}]
    months = [
        {"airport": "EWR", "coldest_chill": "-3.4", "rain_inches": "1.5"},
        {"airport": "EWR", "coldest_chill": "10", "rain_inches": "2.25"},
    ]

    assert rows(fits, months) == [
        {
            "airport": "EWR",
            "model_error": 1.235,
            "guess_error": 2.0,
            "coldest_chill": -3.4,
            "rain_inches": 3.75,
        }
    ]
    with pytest.raises(ValueError, match=r"months of \['EWR'\] and fits of \[\]"):
        rows([], months)
