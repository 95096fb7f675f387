import ast
import doctest
from datetime import date
from pathlib import Path

import pytest
from pandas.tseries.holiday import AbstractHolidayCalendar, Holiday, USFederalHolidayCalendar

from stacks.flights.jobs.flightlib import holidays, schedule
from tests.stacks.flights_runner import JOBS

OLDEST_PYTHON = (3, 8)


def calendar_of_pandas(year: int) -> list[date]:
    """Return pandas' federal holidays of a year, without its moving them off the weekends."""
    rules = [
        Holiday(
            rule.name,
            month=rule.month,
            day=rule.day,
            offset=rule.offset,
            start_date=rule.start_date,
        )
        for rule in USFederalHolidayCalendar.rules
    ]
    calendar = AbstractHolidayCalendar(name=f"federal {year}", rules=rules)
    return [day.date() for day in calendar.holidays(f"{year}-01-01", f"{year}-12-31")]


@pytest.mark.parametrize("year", range(2005, 2035))
def test_holidays_are_those_of_pandas(year: int) -> None:
    """Every year has the federal holidays of pandas' own calendar, Juneteenth from 2021 on."""
    assert list(holidays.federal_holidays(year)) == calendar_of_pandas(year)


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2013, 7, 4), 0),
        (date(2013, 7, 3), 1),
        (date(2013, 7, 6), 2),
        (date(2012, 12, 31), 1),
        (date(2013, 12, 29), 3),
        (date(2013, 12, 28), 3),
        (date(2013, 8, 3), 30),
    ],
)
def test_days_count_to_the_nearest_holiday_on_either_side(day: date, days: int) -> None:
    """The distance looks back and ahead, and over the turn of the year."""
    assert holidays.days_to_holiday(day.year, day.month, day.day) == days


def test_a_day_that_does_not_exist_is_refused() -> None:
    """A wrong date is an error, not a distance."""
    with pytest.raises(ValueError, match="day is out of range for month"):
        holidays.days_to_holiday(2013, 2, 29)


def test_each_part_of_the_day_has_six_hours() -> None:
    """The 24 hours fall into night, morning, afternoon and evening, in this order."""
    parts = [schedule.part_of_day(hour) for hour in range(24)]
    assert parts == ["night"] * 6 + ["morning"] * 6 + ["afternoon"] * 6 + ["evening"] * 6


@pytest.mark.parametrize("hour", [-1, 24])
def test_an_hour_outside_the_day_is_refused(hour: int) -> None:
    """A wrong hour is an error that says what is allowed and what came."""
    with pytest.raises(ValueError, match=f"an hour must be 0 to 23, got {hour}"):
        schedule.part_of_day(hour)


@pytest.mark.parametrize("module", [holidays, schedule])
def test_examples_in_the_documentation_are_true(module: object) -> None:
    """The docstrings' examples give what they show."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [test for test in finder.find(module) if test.examples]
    assert examples, "the module has no example to try"
    assert sum(doctest.DocTestRunner().run(test).failed for test in examples) == 0


@pytest.mark.parametrize(
    "script", sorted(JOBS.rglob("*.py")), ids=lambda path: str(path.relative_to(JOBS))
)
def test_jobs_are_written_for_the_images_oldest_python(script: Path) -> None:
    """Each job's source is Python 3.8, the oldest that scikit-learn 1.2-1 images had."""
    ast.parse(script.read_text(), feature_version=OLDEST_PYTHON)
