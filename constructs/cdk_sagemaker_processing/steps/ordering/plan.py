"""From what each step waits for to what a state machine can say: one after another, and beside.

States of Amazon States Language nest: whatever follows a ``Parallel`` waits for all that is in
it. So a step waits for its own ancestors and no others exactly where the order of the steps is
made of series and of parts beside each other. The smallest order that is not: ``c`` waits for
``a`` and ``b``, ``d`` for ``b`` alone. There the steps are cut in two by their level, which is
the number of steps on the longest way to them: where the fewest of them wait for what they need
not, and never for a step of their own level or a later one.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Beside", "Plan", "Series", "ancestors", "cycle", "plan"]


@dataclass(frozen=True, slots=True)
class Series:
    """Parts of a plan of which each waits for all of the one before it."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Parts of a plan that know nothing of each other."""

    parts: tuple["Plan", ...]


# A step stands as its place in the list of steps.
Plan = int | Series | Beside
_Waits = Sequence[Collection[int]]
_Related = Callable[[int, int], bool]


def cycle(waits: _Waits) -> list[int]:
    """The steps of a circle, each waiting for the one after it; none where there is no circle.

    Args:
        waits: Of each step, those it waits for.
    """
    clear: set[int] = set()
    for first in range(len(waits)):
        way: list[int] = []
        rest = [iter([first])]
        while rest:
            following = next(rest[-1], None)
            if following is None:
                rest.pop()
                if way:
                    clear.add(way.pop())
            elif following in way:
                return way[way.index(following) :]
            elif following not in clear:
                way.append(following)
                rest.append(iter(sorted(waits[following])))
    return []


def ancestors(waits: _Waits) -> list[frozenset[int]]:
    """Of each step, all that must have ended before it starts.

    Args:
        waits: Of each step, those it waits for; without a circle.
    """
    found: dict[int, frozenset[int]] = {}
    while len(found) < len(waits):
        for at, direct in enumerate(waits):
            if at not in found and all(one in found for one in direct):
                found[at] = frozenset(direct).union(*(found[one] for one in direct))
    return [found[at] for at in range(len(waits))]


def plan(waits: _Waits) -> Plan:
    """The order in which steps run.

    Args:
        waits: Of each step, those it waits for; at least one step, without a circle.
    """
    return _Planner(ancestors(waits)).plan(range(len(waits)))


@dataclass(frozen=True, slots=True)
class _Planner:
    before: Sequence[frozenset[int]]

    def plan(self, steps: Sequence[int]) -> Plan:
        if len(steps) == 1:
            return steps[0]
        beside = list(_components(steps, self._ordered))
        if len(beside) > 1:
            return Beside(tuple(map(self.plan, beside)))
        series = list(_components(steps, lambda one, other: not self._ordered(one, other)))
        # Of what comes later, every step has more before it: not so of the parts of a cut.
        series.sort(key=lambda part: len(self.before[part[0]].intersection(steps)))
        parts = series if len(series) > 1 else self._cut(steps)
        return Series(tuple(_flat(map(self.plan, parts))))

    def _ordered(self, one: int, other: int) -> bool:
        return one in self.before[other] or other in self.before[one]

    def _cut(self, steps: Sequence[int]) -> list[list[int]]:
        levels = self._levels(steps)
        cuts = [
            (
                [one for one in steps if levels[one] < at],
                [one for one in steps if levels[one] >= at],
            )
            for at in range(1, max(levels.values()) + 1)
        ]
        return list(min(cuts, key=lambda cut: self._needless(*cut)))

    def _levels(self, steps: Sequence[int]) -> dict[int, int]:
        levels: dict[int, int] = {}
        for one in sorted(steps, key=lambda step: len(self.before[step])):
            levels[one] = max((levels[b] + 1 for b in self.before[one] if b in levels), default=0)
        return levels

    def _needless(self, first: Sequence[int], then: Sequence[int]) -> int:
        """How many pairs of steps wait for one another without need."""
        return sum(len(first) - len(self.before[one].intersection(first)) for one in then)


def _components(steps: Sequence[int], related: _Related) -> Iterator[list[int]]:
    """The steps that hang together, each group and all groups in the steps' order."""
    left = list(steps)
    while left:
        group, edge = {left[0]}, [left[0]]
        while edge:
            one = edge.pop()
            found = [other for other in left if other not in group and related(one, other)]
            group.update(found)
            edge += found
        yield [one for one in left if one in group]
        left = [one for one in left if one not in group]


def _flat(parts: Iterator[Plan]) -> Iterator[Plan]:
    for part in parts:
        if isinstance(part, Series):
            yield from part.parts
        else:
            yield part
