"""Folders that are made once, whole or not at all, however many processes want them."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["make_once"]


def make_once(
    target: Path,
    make: Callable[[Path], None],
    *,
    waiting: Callable[[], None],
    pause: Callable[[], None],
) -> None:
    """Make a folder, unless it is there.

    It is made beside its place and renamed into it, under a lock that other processes respect and
    that the system frees when its holder ends, however it ends. What an interrupted making left
    is removed.

    Args:
        target: The folder's place.
        make: Makes the folder at the path it is given, which does not exist.
        waiting: Called once if another process is making it.
        pause: Called between two looks at the lock; may raise to give up.
    """
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f"{target.name}.building")
    with _locked(target.with_name(f"{target.name}.lock"), waiting, pause):
        if target.is_dir():
            return
        shutil.rmtree(staging, ignore_errors=True)
        try:
            make(staging)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _locked(path: Path, waiting: Callable[[], None], pause: Callable[[], None]) -> Iterator[None]:
    with path.open("w") as lock:
        if not _try_lock(lock.fileno()):
            waiting()
            while not _try_lock(lock.fileno()):
                pause()
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
