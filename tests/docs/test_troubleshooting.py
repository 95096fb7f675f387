"""The messages of docs/about/troubleshooting.md are this package's own, hole by hole.

Those that a block of the page raises are held to it there; the rows of its tables are looked for
in the source, where a message is one text with places that are filled in.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "about" / "troubleshooting.md").read_text()
PACKAGE = ROOT / "constructs" / "cdk_sagemaker_processing"
OWN = ("More of them", "Warnings", "The local cloud", "The History Server", "The commands")
HOLE = "…"


def rows(title: str) -> Iterator[str]:
    """The messages in the table below a heading."""
    text = re.split(r"\n#+ ", PAGE.split(f"# {title}\n")[1])[0]
    for row in text.splitlines():
        if row.startswith("| `"):
            yield from re.findall(r"`([^`]+)`", row.split(" | ")[0])


MESSAGES = [message for title in OWN for message in rows(title)]


@cache
def texts() -> tuple[str, ...]:
    """Every text in the package's modules, with holes where values go."""
    found = []
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(map(_part, node.values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.sub(r"\{\w*(![rs])?(:[^}]*)?\}", HOLE, node.value))
    return tuple(found)


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else HOLE


def says(text: str, message: str) -> bool:
    """Whether a text of the source says a message, each of whose holes stands for anything."""
    parts = [re.escape(part.strip()) for part in message.split(HOLE)]
    return re.search(".*".join(parts), text, re.DOTALL) is not None


def test_the_tables_are_read() -> None:
    """So that the test below is not one of nothing."""
    assert len(MESSAGES) > 40


@pytest.mark.parametrize("message", MESSAGES)
def test_the_package_has_the_message(message: str) -> None:
    """A message that is worded anew is worded anew on the page, too."""
    assert [text for text in texts() if says(text, message)], message
