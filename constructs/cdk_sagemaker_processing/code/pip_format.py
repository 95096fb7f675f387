"""pip's requirements file format, as far as a file tells of others or cannot be right.

Source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Line", "read_line", "read_lines"]

_COMMENT = re.compile(r"(^|\s+)#.*$")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\s*\[[^\]]*\])?"
_VERSION = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s,;()=<>!~][^\s,;()]*"
_VERSIONS = rf"{_VERSION}(?:\s*,\s*{_VERSION})*\s*,?"
# https://packaging.python.org/en/latest/specifications/dependency-specifiers/
_REQUIREMENT = re.compile(rf"{_NAME}\s*(?:{_VERSIONS}|\(\s*{_VERSIONS}\s*\))?\s*(?:;.*)?")
_AT_URL = re.compile(rf"{_NAME}\s*@\s*(?P<url>\S+).*")


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of a requirements file says.

    Attributes:
        includes: Other files of its kind, relative to it.
        folders: Folders of archives, relative to it.
        paths: Archives and folders to install, relative to where pip runs.
        no_index: Whether it keeps pip from any index.
        wrong: What of it pip could not read; None if nothing.
    """

    includes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    no_index: bool = False
    wrong: str | None = None


def read_lines(text: str) -> Iterator[tuple[int, Line]]:
    """What each line of a file says, with its number; lines that say nothing are left out."""
    for number, line in _joined(text):
        if said := _COMMENT.sub("", line).strip():
            yield number, read_line(said)


def read_line(line: str) -> Line:
    """What a line without a comment says.

    >>> read_line("--requirement base.txt").includes
    ('base.txt',)
    >>> read_line("pandas=2.2.3").wrong
    'pandas=2.2.3'
    """
    return _options(line) if line.startswith("-") else _requirement(line)


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines, each with those that a backslash joins to it."""
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first if joined else number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        yield first, joined + line
        joined = ""
    yield first, joined


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for short, long in (("r", "requirement"), ("c", "constraint"), ("f", "find-links")):
        parser.add_argument(f"-{short}", f"--{long}", action="append", default=[])
    parser.add_argument("-e", "--editable", action="append", default=[])
    parser.add_argument("--no-index", action="store_true")
    return parser


def _options(line: str) -> Line:
    try:
        known, _ = _parser().parse_known_args(shlex.split(line))
    except (argparse.ArgumentError, ValueError):
        return Line(wrong=line)
    editable = [read_line(one) for one in known.editable]
    return Line(
        includes=tuple(one for one in (*known.requirement, *known.constraint) if not _is_url(one)),
        folders=tuple(one for one in known.find_links if not _is_url(one)),
        paths=tuple(path for one in editable for path in one.paths),
        no_index=known.no_index,
    )


def _requirement(line: str) -> Line:
    # Options of one requirement follow it, such as --hash.
    said = re.split(r"\s+-{1,2}(?=[a-z])", line)[0].strip()
    if _URL.match(said):
        return Line(paths=(said,)) if said.startswith("file:") else Line()
    if at_url := _AT_URL.fullmatch(said):
        return _requirement(at_url["url"]) if _is_url(at_url["url"]) else Line(wrong=said)
    if _is_path(said):
        return Line(paths=(re.sub(r"\s*(\[[^\]]*\])?\s*(;.*)?$", "", said),))
    return Line() if _REQUIREMENT.fullmatch(said) else Line(wrong=said)


def _is_url(text: str) -> bool:
    return bool(_URL.match(text))


def _is_path(said: str) -> bool:
    before_marker = said.partition(";")[0].rstrip()
    return before_marker.startswith((".", "/")) or (
        "/" in before_marker.split("[")[0] or before_marker.lower().endswith(_ARCHIVES)
    )
