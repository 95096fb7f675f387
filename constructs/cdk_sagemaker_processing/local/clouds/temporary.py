"""Temporary homes of local clouds, of which those of processes that were killed are found again."""

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self

from cdk_sagemaker_processing.local.disk.folders import remove

__all__ = ["TemporaryHome"]

_PREFIX = "sagemaker-processing-"
# It has a lock, which the system frees when its holder ends, however it ends.
_HELD = ".held"


class TemporaryHome:
    """A folder that goes with its local cloud, or when the next one is made.

    Attributes:
        folder: The folder.
    """

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def make(cls) -> Self:
        """Make one, after all that processes have left which were killed are removed.

        Raises:
            OSError: If there is no place for it.
        """
        _sweep(Path(tempfile.gettempdir()))
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        unheld = folder / f"{_HELD}.new"
        lock = os.open(unheld, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Under its name it is never seen without its lock.
        unheld.rename(folder / _HELD)
        return cls(folder, lock)

    def keep(self) -> None:
        """Leave it where it is for ever."""
        (self.folder / _HELD).unlink(missing_ok=True)

    def end(self) -> None:
        """Remove it, unless it is to be kept; a second time does nothing."""
        if self._lock < 0:
            return
        if (self.folder / _HELD).exists():
            remove(self.folder)
        os.close(self._lock)
        self._lock = -1


def _sweep(place: Path) -> None:
    for held in place.glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError):
            if held.stat().st_uid == os.geteuid():
                _remove_unheld(held)


def _remove_unheld(held: Path) -> None:
    lock = os.open(held, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(held.parent)
    finally:
        os.close(lock)
