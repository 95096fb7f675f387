"""Which state of a graph stands in which row, and where in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cdk_sagemaker_processing.graph.model import Edge, Graph

__all__ = ["Layers", "Turn", "make_layers"]

_PASSES = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """The place at which an edge goes through a row between its ends."""

    edge: int
    row: int


Place = str | Turn


@dataclass(frozen=True, slots=True)
class Layers:
    """The rows of a graph.

    Attributes:
        rows: What stands in each row, from left to right: names of states, and turns of edges.
        paths: Of each edge that goes down, by its number, the places it goes through; of one that
            goes back up nothing.
    """

    rows: tuple[tuple[Place, ...], ...]
    paths: Mapping[int, tuple[Place, ...]]


def make_layers(graph: Graph) -> Layers:
    """Put the states of a graph into rows, each below all that lead to it, but for loops.

    Args:
        graph: The graph.
    """
    down = {
        number: edge for number, edge in enumerate(graph.edges) if edge not in _back_edges(graph)
    }
    ranks = _ranks(graph, list(down.values()))
    rows: dict[int, list[Place]] = defaultdict(list)
    for node in graph.nodes:
        rows[ranks[node.name]].append(node.name)
    paths: dict[int, tuple[Place, ...]] = {}
    for number, edge in down.items():
        turns = [Turn(number, row) for row in range(ranks[edge.source] + 1, ranks[edge.target])]
        for turn in turns:
            rows[turn.row].append(turn)
        paths[number] = (edge.source, *turns, edge.target)
    return Layers(_sorted([rows[row] for row in sorted(rows)], paths), paths)


def _back_edges(graph: Graph) -> set[Edge]:
    """Return the edges that close a loop, as a walk in depth finds them."""
    ahead: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        ahead[edge.source].append(edge)
    found: set[Edge] = set()
    done: set[str] = set()
    for first in (graph.start, *(node.name for node in graph.nodes)):
        if first in done:
            continue
        path, waiting = [first], [list(ahead[first])]
        while path:
            if not waiting[-1]:
                done.add(path.pop())
                waiting.pop()
                continue
            edge = waiting[-1].pop(0)
            if edge.target in path:
                found.add(edge)
            elif edge.target not in done:
                path.append(edge.target)
                waiting.append(list(ahead[edge.target]))
    return found


def _ranks(graph: Graph, down: Sequence[Edge]) -> dict[str, int]:
    """Return the length of the longest way to each state."""
    ranks = {node.name: 0 for node in graph.nodes}
    # Each round settles one more row at least.
    for _ in graph.nodes:
        for edge in down:
            ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
    return ranks


def _sorted(
    rows: list[list[Place]], paths: Mapping[int, tuple[Place, ...]]
) -> tuple[tuple[Place, ...], ...]:
    """Sort each row by where its neighbours stand, so that edges cross little."""
    before: dict[Place, list[Place]] = defaultdict(list)
    after: dict[Place, list[Place]] = defaultdict(list)
    for path in paths.values():
        for upper, lower in pairwise(path):
            after[upper].append(lower)
            before[lower].append(upper)
    for turn in range(_PASSES):
        neighbours = after if turn % 2 else before
        for row in reversed(rows) if turn % 2 else rows:
            places = {place: at / len(one) for one in rows for at, place in enumerate(one)}
            row.sort(key=lambda place: _mean(places, neighbours[place], places[place]))
    return tuple(map(tuple, rows))


def _mean(places: Mapping[Place, float], neighbours: Sequence[Place], own: float) -> float:
    return sum(places[one] for one in neighbours) / len(neighbours) if neighbours else own
