"""A graph as text of Mermaid, which GitHub, GitLab and many editors draw."""

import itertools
from collections.abc import Iterator

from cdk_sagemaker_processing.graph.model import Graph, Node

__all__ = ["to_mermaid"]

_PLAIN = frozenset(" -_./,()")
_SHAPES = {"Choice": ("{", "}"), "Succeed": ("([", "])"), "Fail": ("([", "])")}


def to_mermaid(graph: Graph) -> str:
    """Return a graph as a Mermaid flowchart.

    Args:
        graph: The graph.
    """
    numbers = itertools.count(1)
    ids: dict[str, str] = {}
    lines = ["flowchart TD", "    start((start))"]
    lines += _lines(graph, ids, numbers, 1)
    lines.append("    finish((end))")
    lines.append(f"    start --> {ids[graph.start]}")
    lines += [f"    {ids[name]} --> finish" for name in graph.ends]
    jobs = [ids[node.name] for node in _all(graph) if node.is_job]
    if jobs:
        lines += ["    classDef job stroke-width:2px", f"    class {','.join(jobs)} job"]
    return "\n".join(lines) + "\n"


def _lines(graph: Graph, ids: dict[str, str], numbers: Iterator[int], depth: int) -> Iterator[str]:
    indent = "    " * depth
    for node in graph.nodes:
        ids[node.name] = f"s{next(numbers)}"
        if node.inner:
            yield f'{indent}subgraph {ids[node.name]}["{_text(node.name)} ({_text(node.kind)})"]'
            yield f"{indent}    direction TB"
            for inner in node.inner:
                yield from _lines(inner, ids, numbers, depth + 1)
            yield f"{indent}end"
        else:
            opening, closing = _SHAPES.get(node.kind, ("[", "]") if node.is_job else ("(", ")"))
            told = f"{_text(node.name)}<br>{_text(node.kind)}"
            yield f'{indent}{ids[node.name]}{opening}"{told}"{closing}'
    for edge in graph.edges:
        arrow = "-.->" if edge.is_catch else "-->"
        label = f'|"{_text(edge.label)}"|' if edge.label else ""
        yield f"{indent}{ids[edge.source]} {arrow}{label} {ids[edge.target]}"


def _all(graph: Graph) -> Iterator[Node]:
    for node in graph.nodes:
        yield node
        for inner in node.inner:
            yield from _all(inner)


def _text(text: str) -> str:
    """Return text as Mermaid reads it in quotes: other characters by their numbers."""
    return "".join(
        character if character.isalnum() or character in _PLAIN else f"#{ord(character)};"
        for character in text
    )
