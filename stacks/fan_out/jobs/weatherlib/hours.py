"""From hourly observations to what a model learns from."""

import math
from typing import Iterator, NamedTuple, Sequence

HOURS_A_DAY = 24
AHEAD_SECONDS = 6 * 3600


class Observation(NamedTuple):
    """The weather of one hour: Unix seconds, hour of the day, degrees Fahrenheit, per cent."""

    time: float
    hour: int
    temp: float
    dewp: float
    humid: float


class Pair(NamedTuple):
    """What is known in one hour, and the temperature six hours later."""

    time: float
    known: Sequence[float]
    later: float


def pairs(observations: Sequence[Observation]) -> Iterator[Pair]:
    """Pair each hour with the one six hours later, in the order of time; some have none.

    Example:
        >>> hours = [Observation(3600.0 * at, at, 40.0 + at, 30, 60) for at in (0, 1, 6)]
        >>> [(pair.known[0], pair.later) for pair in pairs(hours)]
        [(40.0, 46.0)]
    """
    by_time = {one.time: one for one in observations}
    for time, now in sorted(by_time.items()):
        later = by_time.get(time + AHEAD_SECONDS)
        if later:
            angle = 2 * math.pi * now.hour / HOURS_A_DAY
            known = [now.temp, now.dewp, now.humid, math.sin(angle), math.cos(angle)]
            yield Pair(time, known, later.temp)
