"""What an hour of an instance costs, by a table that users can replace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["PriceTable", "PriceTableError", "read_prices"]

_SHIPPED = Path(__file__).with_name("prices.json")
_TEXTS = ("asOf", "currency", "region", "source")
_EXAMPLE = (
    '{"asOf": "2025-01-01", "region": "eu-west-1", "currency": "EUR", "source": "our contract", '
    '"perInstanceHour": {"ml.m5.xlarge": 0.23}}'
)


class PriceTableError(ValueError):
    """A file is no price table."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices of processing jobs' instances.

    Attributes:
        as_of: The day on which they were the prices.
        region: The AWS region in which they are.
        currency: Their currency, such as `USD`.
        source: Where they were read.
        per_instance_hour: Of each instance type, what an hour of one instance costs.
    """

    as_of: date
    region: str
    currency: str
    source: str
    per_instance_hour: Mapping[str, float]


def read_prices(file: Path | None = None) -> PriceTable:
    """Return a price table.

    Args:
        file: A JSON file with the members `asOf` (a day, as `2025-01-01`), `region`, `currency`,
            `source` and `perInstanceHour` (instance types and numbers). By default the table that
            is shipped: on-demand list prices of us-east-1, noted down at its date and never
            fetched, for the common instance types.

    Raises:
        PriceTableError: If the file holds something else; the message says what.
        OSError: If it cannot be read.
    """
    try:
        told = json.loads((file or _SHIPPED).read_text(encoding="utf-8"))
    except ValueError as error:
        raise PriceTableError(f"{file} is not JSON: {error}") from error
    wrong = _wrong(told)
    if wrong:
        raise PriceTableError(f"{file}: {'; '.join(wrong)}. A price table is {_EXAMPLE}")
    return PriceTable(
        as_of=date.fromisoformat(told["asOf"]),
        region=told["region"],
        currency=told["currency"],
        source=told["source"],
        per_instance_hour=told["perInstanceHour"],
    )


def _wrong(told: Any) -> list[str]:
    if not isinstance(told, Mapping):
        return [f"it must hold a JSON object, it holds {type(told).__name__}"]
    found = [f"{name} must be text" for name in _TEXTS if not isinstance(told.get(name), str)]
    if not found and not _is_day(told["asOf"]):
        found.append(f"asOf must be a day such as 2025-01-01, got {told['asOf']!r}")
    prices = told.get("perInstanceHour")
    if not isinstance(prices, Mapping):
        return [*found, "perInstanceHour must be an object of instance types and prices"]
    return found + [
        f"the price of {name} must be a number from 0, got {price!r}"
        for name, price in prices.items()
        if not _is_price(price)
    ]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_price(value: Any) -> bool:
    # JSON's true is an int in Python, and its Infinity and NaN are read as numbers.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value < float("inf")
