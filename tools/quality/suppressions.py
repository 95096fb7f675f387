"""Whether each comment that quiets a tool says why."""

import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.quality.figure import Figure
from tools.quality.project import python_files, relative

__all__ = ["figure", "unreasoned"]

_DIRECTIVE = re.compile(
    r"#\s*(?P<kind>noqa|type: ignore|pragma: no (?:cover|branch)|fmt: (?:off|skip))"
    r"(?P<codes>: ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*|\[[a-z-]+(?:, ?[a-z-]+)*\])?"
)
_WITH_CODES = {"noqa", "type: ignore"}
_LEAST_WORDS = re.compile(r"[A-Za-z]{2}")


def figure(files: Iterable[Path] | None = None) -> Figure:
    """How many comments quiet a tool, and which of them lack a reason.

    Args:
        files: The files looked at. Default: all of the project.
    """
    kinds: Counter[str] = Counter()
    offenders: list[str] = []
    for file in python_files() if files is None else files:
        comments = _comments(file)
        for line, comment in comments.items():
            kinds.update(found["kind"] for found in _DIRECTIVE.finditer(comment))
            if wrong := unreasoned(comment, above=_above(comments, line)):
                offenders.append(f"{relative(file)}:{line}: {wrong}")
    return Figure(
        "Exceptions to a rule, in place",
        ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none",
        "each with its code and its reason",
        tuple(offenders),
    )


def unreasoned(comment: str, above: str = "") -> str | None:
    """What a comment that quiets a tool lacks.

    Args:
        comment: The whole comment; what stands behind the last directive is their reason.
        above: The comment on the line above, or above such lines: the reason of them all.

    Returns:
        What is missing; None when nothing is, or the comment quiets nothing.
    """
    directives = list(_DIRECTIVE.finditer(comment))
    for found in directives:
        if found["kind"] in _WITH_CODES and not found["codes"]:
            return f"{found['kind']} without a code"
    if directives and not _LEAST_WORDS.search(above + comment[directives[-1].end() :]):
        return f"{directives[-1]['kind']} without a reason"
    return None


def _above(comments: Mapping[int, str], line: int) -> str:
    """The comment above a line, or above the lines next to it that quiet something, too."""
    line -= 1
    while line in comments and _DIRECTIVE.search(comments[line]):
        line -= 1
    return comments.get(line, "")


def _comments(file: Path) -> dict[int, str]:
    """The comments of a file by their lines; what stands in strings is none."""
    with tokenize.open(file) as lines:
        return {
            token.start[0]: token.string
            for token in tokenize.generate_tokens(lines.readline)
            if token.type == tokenize.COMMENT
        }
