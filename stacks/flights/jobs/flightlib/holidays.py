"""US federal holidays, around which the airports are full."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

MONDAY, THURSDAY = 0, 3
JUNETEENTH_SINCE = 2021


@lru_cache(maxsize=None)  # a column of flights has each date a thousand times
def days_to_holiday(year: int, month: int, day: int) -> int:
    """Return how many days a date is from the nearest federal holiday, before or after it.

    Args:
        year: The date's year.
        month: Its month, 1 to 12.
        day: Its day of the month.

    Example:
        >>> days_to_holiday(2013, 11, 27)
        1
        >>> days_to_holiday(2013, 12, 31)
        1
    """
    date = dt.date(year, month, day)
    near = [*federal_holidays(year - 1), *federal_holidays(year), *federal_holidays(year + 1)]
    return min(abs((date - holiday).days) for holiday in near)


@lru_cache(maxsize=None)
def federal_holidays(year: int) -> tuple[dt.date, ...]:
    """Return the dates of a year's federal holidays, in order.

    The holidays themselves, not the days off that replace those on a weekend.
    """
    holidays = [
        dt.date(year, 1, 1),
        nth_weekday(year, 1, MONDAY, 3),  # Martin Luther King's birthday
        nth_weekday(year, 2, MONDAY, 3),  # Washington's birthday
        nth_weekday(year, 6, MONDAY, 1) - dt.timedelta(weeks=1),  # Memorial Day
        dt.date(year, 7, 4),
        nth_weekday(year, 9, MONDAY, 1),  # Labor Day
        nth_weekday(year, 10, MONDAY, 2),  # Columbus Day
        dt.date(year, 11, 11),  # Veterans Day
        nth_weekday(year, 11, THURSDAY, 4),  # Thanksgiving
        dt.date(year, 12, 25),
    ]
    if year >= JUNETEENTH_SINCE:
        holidays.append(dt.date(year, 6, 19))
    return tuple(sorted(holidays))


def nth_weekday(year: int, month: int, weekday: int, count: int) -> dt.date:
    """Return a month's ``count``-th Monday (``weekday`` 0) to Sunday (6)."""
    first = dt.date(year, month, 1)
    days = (weekday - first.weekday()) % 7 + 7 * (count - 1)
    return first + dt.timedelta(days=days)
