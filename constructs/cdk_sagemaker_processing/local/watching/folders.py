"""The folders of an app that a person edits, and what is in them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mark", "files_in", "folders_below", "mark_of"]

_MADE = frozenset({"__pycache__", "node_modules", "cdk.out", "site-packages"})


@dataclass(frozen=True, slots=True)
class Mark:
    """What changes when a file is written, or another takes its place.

    Attributes:
        changed: When it was written last, in nanoseconds.
        size: How many bytes it has.
        inode: Which file it is.
    """

    changed: int
    size: int
    inode: int


def mark_of(path: Path) -> Mark | None:
    """The mark of a file; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Mark(found.st_mtime_ns, found.st_size, found.st_ino)


def files_in(folder: Path) -> list[Path]:
    """The files that lie in a folder; none if it is gone."""
    try:
        return [one for one in folder.iterdir() if one.is_file()]
    except OSError:
        return []


def folders_below(folder: Path) -> Iterator[Path]:
    """Yield a folder and those in it, without hidden ones and what programs made."""
    if not folder.is_dir() or _is_made(folder):
        return
    yield folder
    try:
        with os.scandir(folder) as entries:
            inside = [Path(one) for one in entries if one.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for one in sorted(inside):
        if one.name not in _MADE and not one.name.startswith("."):
            yield from folders_below(one)


def _is_made(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists() or (folder / "cdk.out").is_file()
