"""The flights example: clean and split, build features, report delays, as one pipeline."""

from stacks.flights.stack import FlightsStack

__all__ = ["FlightsStack"]
