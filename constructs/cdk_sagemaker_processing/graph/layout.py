"""Where each state and each way of a graph is in its picture, in pixels."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cdk_sagemaker_processing.graph.layers import Layers, Place, Turn, make_layers
from cdk_sagemaker_processing.graph.model import Edge, Graph, Node

__all__ = ["Arrow", "Box", "Picture", "lay_out"]

_CHARACTER = 7.4
_LEAST_WIDTH, _HEIGHT = 120.0, 46.0
_GAP_ACROSS, _GAP_DOWN = 36.0, 60.0
_PADDING, _TITLE = 18.0, 30.0
_LABEL_CHARACTERS = 40
_LABEL_CHARACTER = 6.2
_LABEL_HEIGHT, _LABEL_ABOVE = 14.0, 14.0
# A way back up arrives above the labels, beside the ways that come down.
_WAY_ABOVE, _ASIDE, _CORNER = 36.0, 14.0, 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """A state.

    Attributes:
        node: The state.
        x: Its left edge.
        y: Its upper edge.
        width: How wide it is.
        height: How high it is.
        inner: The pictures in it.
    """

    node: Node
    x: float
    y: float
    width: float
    height: float
    inner: tuple["Picture", ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way between two states.

    Attributes:
        edge: The way.
        path: It, as an SVG path.
        label: Its label, cut to what there is room for.
        label_x: The middle of the label.
        label_y: The label's base line.
    """

    edge: Edge
    path: str
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph, laid out.

    Attributes:
        graph: The graph.
        x: Where its zero is in the picture that it is in; labels may stand left of it.
        y: Its upper edge there.
        width: How wide it is.
        height: How high it is.
        boxes: Its states.
        arrows: Its ways.
    """

    graph: Graph
    x: float
    y: float
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


# The middle of a place, its upper and its lower edge, and the lower edge of its row.
_Span = tuple[float, float, float, float]
_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Size:
    width: float
    height: float
    inner: tuple[Picture, ...] = ()


def lay_out(graph: Graph, x: float = 0.0, y: float = 0.0) -> Picture:
    """Return where everything of a graph is.

    Args:
        graph: The graph.
        x: The left edge of its picture.
        y: The upper edge of its picture.
    """
    layers = make_layers(graph)
    sizes = {node.name: _size(node) for node in graph.nodes}
    labelled = _labelled(graph, layers)
    boxes, spans, width, height = _place(graph, layers, sizes, labelled)
    arrows = [
        _down(graph.edges[at], path, spans, labelled[path[1]]) for at, path in layers.paths.items()
    ]
    back = [edge for number, edge in enumerate(graph.edges) if number not in layers.paths]
    for at, edge in enumerate(back):
        arrows.append(_up(edge, boxes, width + 14 * (at + 1), at % 4))
    least = min((_left(arrow) for arrow in arrows), default=0.0)
    most = max((_right(arrow) for arrow in arrows), default=0.0)
    right = max(width + 14 * (len(back) + 1) if back else width, most)
    shift = max(-least, 0.0)
    return Picture(graph, x + shift, y, right + shift, height, tuple(boxes.values()), tuple(arrows))


def _size(node: Node) -> _Size:
    text = max(len(node.name), len(node.kind)) * _CHARACTER + 28
    if not node.inner:
        return _Size(max(_LEAST_WIDTH, text), _HEIGHT)
    inner: list[Picture] = []
    across = _PADDING
    for graph in node.inner:
        inner.append(lay_out(graph, across, _TITLE + _PADDING))
        across += inner[-1].width + _GAP_ACROSS
    width = max(across - _GAP_ACROSS + _PADDING, text + len(node.kind) * _CHARACTER)
    height = _TITLE + 2 * _PADDING + max(one.height for one in inner)
    return _Size(width, height, tuple(inner))


def _labelled(graph: Graph, layers: Layers) -> Mapping[Place, list[Edge]]:
    """Return the ways with labels by the place that each comes to first: there its label is."""
    found: dict[Place, list[Edge]] = defaultdict(list)
    for number, path in layers.paths.items():
        if graph.edges[number].label:
            found[path[1]].append(graph.edges[number])
    return found


def _place(
    graph: Graph,
    layers: Layers,
    sizes: Mapping[str, _Size],
    labelled: Mapping[Place, list[Edge]],
) -> tuple[dict[str, Box], dict[Place, _Span], float, float]:
    """Return the boxes, the places, and the whole's size."""
    nodes = {node.name: node for node in graph.nodes}
    rows = [[(place, _room(place, sizes, labelled)) for place in row] for row in layers.rows]
    widths = [sum(room for _, room in row) + _GAP_ACROSS * (len(row) - 1) for row in rows]
    boxes: dict[str, Box] = {}
    spans: dict[Place, _Span] = {}
    top = 0.0
    for row, width in zip(rows, widths, strict=True):
        across = (max(widths) - width) / 2
        top += _LABEL_HEIGHT * max(max(len(labelled[place]) for place, _ in row) - 1, 0)
        height = max((sizes[one].height for one, _ in row if isinstance(one, str)), default=0.0)
        for place, room in row:
            size = _Size(0.0, height) if isinstance(place, Turn) else sizes[place]
            middle = across + room / 2
            spans[place] = (middle, top, top + size.height, top + height)
            if isinstance(place, str):
                left = middle - size.width / 2
                boxes[place] = Box(nodes[place], left, top, size.width, size.height, size.inner)
            across += room + _GAP_ACROSS
        top += height + _GAP_DOWN
    return boxes, spans, max(widths), top - _GAP_DOWN


def _room(place: Place, sizes: Mapping[str, _Size], labelled: Mapping[Place, list[Edge]]) -> float:
    own = sizes[place].width if isinstance(place, str) else 0.0
    return max(own, *(len(_label(edge)) * _LABEL_CHARACTER for edge in labelled[place]), 0.0)


def _down(
    edge: Edge, path: tuple[Place, ...], spans: Mapping[Place, _Span], labelled: list[Edge]
) -> Arrow:
    x, _, bottom, y = spans[path[0]]
    drawn = [f"M{x:.1f} {bottom:.1f}", f"L{x:.1f} {y:.1f}"]
    for place in path[1:]:
        next_x, top, bottom, row_bottom = spans[place]
        middle = (y + top) / 2
        drawn.append(f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {top:.1f}")
        if isinstance(place, Turn):
            drawn.append(f"L{next_x:.1f} {bottom:.1f}")
        x, y = next_x, row_bottom
    label_x, below, *_ = spans[path[1]]
    above = _LABEL_HEIGHT * labelled.index(edge) if edge.label else 0.0
    return Arrow(edge, " ".join(drawn), _label(edge), label_x, below - _LABEL_ABOVE - above)


def _up(edge: Edge, boxes: Mapping[str, Box], right: float, number: int) -> Arrow:
    """Return a way back up: below the source's row, up beside all rows, above the target's row."""
    source, target = boxes[edge.source], boxes[edge.target]
    row = [box for box in boxes.values() if box.y == source.y]
    below = max(box.y + box.height for box in row) + _CORNER + 2 + 4 * number
    above = target.y - _WAY_ABOVE + 4 * number
    from_x = source.x + source.width / 2 + _ASIDE
    to_x = target.x + target.width / 2 + _ASIDE
    corners = [(from_x, below), (right, below), (right, above), (to_x, above)]
    drawn = _rounded((from_x, source.y + source.height), corners, (to_x, target.y))
    label = _label(edge)
    label_x = right + 6 + len(label) * _LABEL_CHARACTER / 2
    return Arrow(edge, drawn, label, label_x, (below + above) / 2)


def _rounded(start: _Point, corners: list[_Point], end: _Point) -> str:
    """Return a path of straight lines with round corners."""
    drawn = [f"M{start[0]:.1f} {start[1]:.1f}"]
    for before, corner, after in zip([start, *corners], corners, [*corners[1:], end], strict=False):
        into, out = _near(corner, before), _near(corner, after)
        drawn.append(f"L{into[0]:.1f} {into[1]:.1f}")
        drawn.append(f"Q{corner[0]:.1f} {corner[1]:.1f} {out[0]:.1f} {out[1]:.1f}")
    return " ".join([*drawn, f"L{end[0]:.1f} {end[1]:.1f}"])


def _near(corner: _Point, other: _Point) -> _Point:
    """Return the point at which a line from elsewhere begins to turn."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    share = min(_CORNER / max(math.hypot(across, down), 0.001), 0.5)
    return corner[0] + across * share, corner[1] + down * share


def _label(edge: Edge) -> str:
    if len(edge.label) <= _LABEL_CHARACTERS:
        return edge.label
    return f"{edge.label[: _LABEL_CHARACTERS - 1]}…"


def _right(arrow: Arrow) -> float:
    return arrow.label_x + len(arrow.label) * _LABEL_CHARACTER / 2


def _left(arrow: Arrow) -> float:
    return arrow.label_x - len(arrow.label) * _LABEL_CHARACTER / 2
