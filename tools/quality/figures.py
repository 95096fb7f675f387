"""All figures, in the order in which they are told."""

from collections.abc import Iterator

from tools.quality import (
    covered,
    docstrings,
    duplication,
    imports,
    lint,
    mirrors,
    sleeps,
    suppressions,
    types,
)
from tools.quality.figure import Figure

__all__ = ["all_figures"]


def all_figures() -> Iterator[Figure]:
    """Measure one after the other.

    Yields:
        Each figure.
    """
    yield lint.rules()
    yield lint.complexity()
    yield types.figure()
    yield docstrings.figure()
    yield covered.figure()
    yield duplication.figure()
    yield imports.figure()
    yield mirrors.figure()
    yield sleeps.figure()
    yield suppressions.figure()
