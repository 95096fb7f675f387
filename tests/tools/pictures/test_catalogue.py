"""The pictures that are there, those that are made, and those that pages show."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, pages
from tools.pictures.machine import traces
from tools.pictures.scenes import SCENES

PICTURES = ROOT / "docs" / "pictures"
# Drawn from what a benchmark found: `make bench`.
ELSEWHERE = {"performance.svg"}
DRAWINGS = sorted(path.name for path in PICTURES.glob("*.svg"))
_MARKDOWN = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
_HTML = re.compile(r'<img\s+src="(?P<target>[^"]+)"[^>]*?\salt="(?P<alt>[^"]*)"')
_FETCHED = re.compile(r'(?:href|src)="(?!#)|url\((?!#)|@import')


def shown() -> Iterator[tuple[str, Path, str]]:
    """Each picture of each page: the page, the picture's file and what it says in words."""
    for page in pages():
        text = (ROOT / page).read_text()
        for found in (*_MARKDOWN.finditer(text), *_HTML.finditer(text)):
            yield page, ((ROOT / page).parent / found["target"]).resolve(), found["alt"]


def test_every_picture_of_the_docs_is_made_by_a_run_and_shown_by_a_page() -> None:
    """None is drawn by hand, none is left over."""
    there = {path.name for path in PICTURES.iterdir()}
    made = [name for scene in SCENES for name in scene.makes]

    assert sorted(there) == sorted([*made, *ELSEWHERE])
    assert there - {path.name for _, path, _ in shown()} == set()


def test_every_picture_of_a_page_exists_and_says_what_it_shows() -> None:
    """To those who cannot see it, too."""
    every = list(shown())

    assert len(every) >= len(DRAWINGS)
    assert [(page, path.name) for page, path, _ in every if not path.is_file()] == []
    assert [(page, path.name) for page, path, alt in every if len(alt) < len("a picture")] == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_shows_nothing_of_the_machine_and_fetches_nothing(name: str) -> None:
    """It is the same wherever it is looked at."""
    drawing = (PICTURES / name).read_text()

    assert traces(drawing) == []
    assert str(ROOT) not in drawing
    assert _FETCHED.findall(drawing) == []
