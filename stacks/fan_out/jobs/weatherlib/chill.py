"""How cold wind makes it feel."""

from __future__ import annotations

# The US National Weather Service's formula of 2001 holds from here on:
# https://www.weather.gov/safety/cold-wind-chill-chart
WARMEST_FAHRENHEIT = 50
SLOWEST_MPH = 3


def wind_chill(fahrenheit: float | None, mph: float | None) -> float | None:
    """Return the temperature that is felt, in degrees Fahrenheit.

    Where it is too warm or too calm for the formula, or the wind is not known, that is the
    temperature itself.

    Example:
        >>> wind_chill(0, 15), wind_chill(60, 15)
        (-19.4, 60)
    """
    if fahrenheit is None or mph is None:
        return fahrenheit
    if fahrenheit > WARMEST_FAHRENHEIT or mph <= SLOWEST_MPH:
        return fahrenheit
    power = mph**0.16
    return round(35.74 + 0.6215 * fahrenheit - 35.75 * power + 0.4275 * fahrenheit * power, 1)
