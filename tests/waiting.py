"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")


def until(condition: Callable[[], _Found | None], seconds: float = 60, told: str = "") -> _Found:
    """Wait for the first true value of a condition, and return it.

    Args:
        condition: What is to come true; looked at often.
        seconds: How long a machine with other work may take over it.
        told: What to say when it did not; what it was by default.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, told or f"it did not come true in {seconds} s, it is {found}"
        time.sleep(0.02)
    return found
