"""The code blocks of the project's pages, and what a page says of them for the tests.

What a block is for stands in a comment right above its fence, which readers never see:

    <!-- test: files jobs/split.py -->   stand-ins for files that the page names and does not show
    <!-- test: files a.jar=stacks/a.jar -->   likewise; this one is a file of the project
    <!-- test: continues -->             goes on where the page's last Python block ended
    <!-- test: fails -->                 raises; the next `text` block is what it says
    <!-- test: run -->                   a shell block that is run, in the local cloud if it says so
    <!-- test: run fails -->             likewise, and its last command fails
    <!-- test: output -->                what the last `run` block printed, among other lines

A fence's `title="jobs/split.py"` is the file that its text is. Other words are looked up where
they are used: `recorded` in tests/sdk. `...` and `…` in an expected text stand for anything.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(
    r"""^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ ]*(?P<language>[\w+-]*)(?P<info>[^\n`]*)\n
        (?P<text>.*?)
        ^(?P=indent)(?P=fence)[ \t]*$""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_TITLE = re.compile(r'title="(?P<title>[^"]+)"')
# The last comment of a text, without one before it.
_MARK = re.compile(
    r"<!--\s*test:\s*(?P<word>[\w-]+)\s*(?P<rest>(?:(?!-->).)*?)\s*-->\s*\Z", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        page: Its page, from the project's root.
        line: The line of its fence, from 1.
        language: What the fence says it is; empty if it says nothing.
        title: The file or the name that it has.
        marks: What the page says of it, a word each with what follows the word.
        text: What it holds, without the indent of its fence.
    """

    page: str
    line: int
    language: str
    title: str | None
    marks: dict[str, str]
    text: str

    def __str__(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """Every page of the project, from its root."""
    found = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "stacks").glob("*/README.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    ]
    return sorted(page.relative_to(ROOT).as_posix() for page in found)


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """The blocks of a page, in their order."""
    return tuple(read(page, (ROOT / page).read_text()))


def read(page: str, text: str) -> list[Block]:
    """The blocks in the text of a page."""
    return [_block(page, text, found) for found in _FENCE.finditer(text)]


def _block(page: str, text: str, found: re.Match[str]) -> Block:
    title = _TITLE.search(found["info"])
    return Block(
        page=page,
        line=text.count("\n", 0, found.start()) + 1,
        language=found["language"],
        title=title["title"] if title else None,
        marks=_marks_above(text[: found.start()]),
        text="".join(
            line.removeprefix(found["indent"]) for line in found["text"].splitlines(keepends=True)
        ),
    )


def _marks_above(text: str) -> dict[str, str]:
    """What the comments that a text ends in say, one a line or more."""
    marks: dict[str, str] = {}
    while found := _MARK.search(text):
        marks[found["word"]] = found["rest"]
        text = text[: found.start()]
    return marks


def matches(expected: str, printed: str) -> bool:
    """Whether the lines expected stand in what was printed, one after the other.

    Where lines break does not count, so that a page may break a long one; `...` and `…` stand for
    anything, and by themselves for any words or none.
    """
    words = [re.escape(word) for word in expected.replace("...", "…").split()]
    pattern = r"\s+".join(words).replace(r"\s+…\s+", r"\s…").replace("…", ".*?")
    return re.search(pattern, printed, re.DOTALL) is not None
