"""Folders that one process at a time works on."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["locked_folder"]


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Have a folder to oneself while the block lasts; made before it, removed after it if empty.

    The system frees the lock when its holder ends, however it ends.

    Args:
        folder: The folder.
    """
    lock = _lock(folder)
    try:
        yield
    finally:
        # The last deed: from then on another one may make it anew.
        with suppress(OSError):
            folder.rmdir()
        os.close(lock)


def _lock(folder: Path) -> int:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        # Its own exist_ok raises if the folder goes while it looks.
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_at(lock, folder):
                return lock
            # Whoever held it before has removed the folder.
            os.close(lock)


def _is_at(descriptor: int, folder: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), folder.stat())
    except FileNotFoundError:
        return False
