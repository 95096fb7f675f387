"""Links within the project lead somewhere, to a heading too."""

import re
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, pages

_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_FENCED = re.compile(r"^[ \t]*(`{3,}).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """What a page links to within the project."""
    return [
        found["target"]
        for found in _LINK.finditer(_FENCED.sub("", text))
        if not re.match(r"\w+:", found["target"])
    ]


def anchors(text: str) -> set[str]:
    """The names of a page's headings, as Python-Markdown and GitHub both make them."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", _FENCED.sub("", text), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", one)).strip("-") for one in plain}


def is_there(page: Path, target: str) -> bool:
    """Whether a link of a page leads somewhere."""
    path, _, fragment = target.partition("#")
    led_to = (page.parent / path).resolve() if path else page
    if not led_to.exists():
        # What the site's build writes from the command and the changelog.
        return led_to.relative_to(ROOT).as_posix() in {
            "docs/about/changes.md",
            "docs/reference/command.md",
        }
    written = led_to.suffix == ".md" and ":::" not in led_to.read_text()
    return not (fragment and written) or fragment in anchors(led_to.read_text())


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    """To a file of the project, and where they name a heading, to one that it has."""
    path = ROOT / page

    assert [one for one in links(path.read_text()) if not is_there(path, one)] == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("## What it *does*", "what-it-does"), ("# `local up`, and more", "local-up-and-more")],
)
def test_headings_have_the_names_that_links_use(heading: str, anchor: str) -> None:
    """Signs go, spaces become hyphens."""
    assert anchors(heading) == {anchor}
