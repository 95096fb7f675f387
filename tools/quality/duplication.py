"""Whether a block of code stands in two places, by jscpd."""

import ast
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.quality.figure import Figure
from tools.quality.project import PACKAGE, ROOT, command, relative

__all__ = ["LEAST_LINES", "code_lines", "figure"]

# A block: so many lines of statements that say the same, which no import, signature,
# docstring or comment is.
LEAST_LINES = 6
_LEAST_TOKENS = 40
# Two functions whose trees differ by names and values alone.
_ALIKE = "0.95"


def figure(folder: Path = PACKAGE) -> Figure:
    """How many blocks stand twice.

    Args:
        folder: Where to look. Default: the package.
    """
    copies = [_told(copy) for copy in _found(folder) if _is_a_block(copy)]
    return Figure(
        "Blocks of code that stand twice", str(len(copies)), "none", tuple(sorted(copies))
    )


def code_lines(text: str) -> set[int]:
    """The lines of a Python file on which statements stand.

    Imports, signatures and docstrings repeat by their nature and are left out: a construct's
    arguments are flat, so that two of them that take the same say the same.

    Args:
        text: The file's text.
    """
    lines: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not _repeats_by_nature(node):
            lines.update(range(node.lineno, _last_of_its_own(node) + 1))
    return lines


def _found(folder: Path) -> list[Mapping[str, Any]]:
    """What jscpd calls clones, exact ones and functions that are alike."""
    with tempfile.TemporaryDirectory() as reports:
        done = command(
            "jscpd", str(folder), "--absolute", "--format=python", "--mode=weak",
            f"--min-tokens={_LEAST_TOKENS}", f"--min-lines={LEAST_LINES}",
            f"--similarity={_ALIKE}", "--fail-on-empty", "--reporters=json", f"--output={reports}",
        )  # fmt: skip # the options are read together
        if done.returncode:
            raise RuntimeError(done.stderr or done.stdout)
        report = json.loads((Path(reports) / "jscpd-report.json").read_text(encoding="utf-8"))
    found: list[Mapping[str, Any]] = report["duplicates"]
    return found


def _is_a_block(copy: Mapping[str, Any]) -> bool:
    """Whether enough of what is the same are statements."""
    return all(len(_statements(copy[side])) >= LEAST_LINES for side in ("firstFile", "secondFile"))


def _statements(place: Mapping[str, Any]) -> set[int]:
    text = Path(place["name"]).read_text(encoding="utf-8")
    return code_lines(text) & set(range(place["start"], place["end"] + 1))


def _told(copy: Mapping[str, Any]) -> str:
    first, second = (
        f"{relative(ROOT / place['name'])}:{place['start']}-{place['end']}"
        for place in (copy["firstFile"], copy["secondFile"])
    )
    return f"{first} and {second}"


def _repeats_by_nature(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
    return False


def _last_of_its_own(node: ast.stmt) -> int:
    """The last line before the statements that a compound statement holds."""
    inner = [child.lineno for child in _blocks(node)]
    return max(node.lineno, min(inner) - 1) if inner else node.end_lineno or node.lineno


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    yield from (child for child in ast.walk(node) if isinstance(child, ast.stmt) and child != node)
