"""Where tests sleep instead of waiting for a condition."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.quality.figure import Figure
from tools.quality.project import TESTS, python_files, relative

__all__ = ["figure", "sleeps"]

_REASON = re.compile(r"#\s*sleeps: \S")
_MODULES = {"time", "asyncio"}
_Loop = ast.While | ast.For | ast.AsyncFor


def figure(files: Iterable[Path] | None = None) -> Figure:
    """How often tests sleep outside a loop that waits, and where no reason is given.

    Args:
        files: The files looked at. Default: all below tests/.
    """
    count = 0
    offenders: list[str] = []
    for file in python_files(TESTS) if files is None else files:
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        for line in sleeps(text):
            count += 1
            if not any(_REASON.search(one) for one in lines[max(line - 2, 0) : line]):
                offenders.append(f"{relative(file)}:{line}: {lines[line - 1].strip()}")
    return Figure(
        "Sleeps in tests outside a loop that waits",
        str(count),
        "each with its reason (`# sleeps: ...`)",
        tuple(offenders),
    )


def sleeps(text: str) -> list[int]:
    """The lines that sleep for a time of their own.

    A sleep between two looks at a condition is none: a `while` with a condition, or a loop
    that is left by `break`, `return` or `raise`.

    Args:
        text: A Python file's text.

    Returns:
        The lines, in their order.
    """
    tree = ast.parse(text)
    names = set(_names(tree))
    calls = [node for node in _outside_of_waits(tree) if isinstance(node, ast.Call)]
    return sorted(call.lineno for call in calls if ast.unparse(call.func) in names)


def _names(tree: ast.AST) -> Iterator[str]:
    """What the file calls a sleep: that of a fake called `time` is none."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                modules = [one for one in names if one.name in _MODULES]
                yield from (f"{one.asname or one.name}.sleep" for one in modules)
            case ast.ImportFrom(module=module, names=names) if module in _MODULES:
                yield from (one.asname or one.name for one in names if one.name == "sleep")


def _outside_of_waits(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are in no loop that waits for something."""
    yield node
    if not (isinstance(node, ast.While | ast.For | ast.AsyncFor) and _waits(node)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_of_waits(child)


def _waits(loop: _Loop) -> bool:
    """Whether a loop goes on for as long as a condition does not hold."""
    if isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant):
        return True
    return any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in ast.walk(loop))
