"""A folder in which a page's files lie."""

import shutil
from pathlib import Path

from tests.docs.blocks import ROOT, Block, blocks_of

# What stands in for a file that a page names and does not show.
_STAND_INS = {".py": "print('a job')\n", ".txt": "pandas==2.2.3\n"}


def is_file(block: Block) -> bool:
    """Whether a block is a file of the page's project."""
    title = block.title or ""
    return "recorded" not in block.marks and " " not in title and _is_name_of_file(Path(title))


def lay_out(page: str, folder: Path) -> None:
    """Write a page's files into a folder: those that it names, and above them those it shows."""
    blocks = blocks_of(page)
    for item in " ".join(block.marks.get("files", "") for block in blocks).split():
        name, _, original = item.partition("=")
        _written(folder / name, _STAND_INS.get(Path(name).suffix, "content"))
        if original:
            shutil.copyfile(ROOT / original, folder / name)
    for block in blocks:
        if is_file(block):
            assert block.title
            _written(folder / block.title, block.text)


def _written(path: Path, text: str) -> None:
    if _is_name_of_file(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    else:
        path.mkdir(parents=True, exist_ok=True)
        (path / "__init__.py").write_text('"""A package."""\n')


def _is_name_of_file(path: Path) -> bool:
    return bool(path.suffix) or path.name == "Dockerfile"
