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

# A block: so many lines of statements that say the same.
LEAST_LINES = 6
_LEAST_TOKENS = 40
# Two functions whose trees differ by names and values alone.
_ALIKE = "0.95"
_BRACKETS = " ()[]{},"


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

    Imports, signatures, docstrings and arguments that are handed on as they came repeat by their
    nature and are left out: a construct's arguments are flat, so that two constructs that take
    the same say the same.

    Args:
        text: The file's text.
    """
    lines: set[int] = set()
    handed_on: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not _repeats_by_nature(node):
            lines.update(range(node.lineno, _last_of_its_own(node) + 1))
        elif isinstance(node, ast.Call):
            handed_on.update(line for line in _handed_on(node) if line != node.lineno)
    says = {number for number, line in enumerate(text.splitlines(), 1) if line.strip(_BRACKETS)}
    return (lines & says) - handed_on


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


def _handed_on(call: ast.Call) -> Iterator[int]:
    """The lines of a call's arguments that are what the caller has under the same name."""
    for argument in call.args:
        if isinstance(argument, ast.Name):
            yield argument.lineno
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.value.id == keyword.arg:
            yield keyword.lineno


def _last_of_its_own(node: ast.stmt) -> int:
    """The last line before the statements that a compound statement holds."""
    inner = [child.lineno for child in _blocks(node)]
    return max(node.lineno, min(inner) - 1) if inner else node.end_lineno or node.lineno


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    yield from (child for child in ast.walk(node) if isinstance(child, ast.stmt) and child != node)
