"""Word that something in one of many folders may have changed."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from cdk_sagemaker_processing.local.processes.stoppable import Stoppable

__all__ = ["Wakeups"]

_SETTLED_MILLISECONDS = 50
_AT_MOST_MILLISECONDS = 400
# Where the kernel gives no word, as of folders of another machine or beyond its limit of watches.
_POLL_MILLISECONDS = 300


class Wakeups(Stoppable):
    """Tells when a file in one of some folders was written, moved or removed.

    Word comes once a burst of changes has settled for 50 ms, and after 400 ms of it at the latest.
    It may come for nothing: what has changed is seen by a look.
    """

    def __init__(self) -> None:
        self._word = threading.Event()
        self._folders: frozenset[Path] = frozenset()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch these folders, each without the folders in it, instead of those before.

        Args:
            folders: The folders. Of one that is not there nothing is told.
        """
        wanted = frozenset(folder for folder in folders if folder.is_dir())
        if wanted == self._folders:
            return
        self.stop()
        self._folders = wanted
        if wanted:
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._listen, name="watcher", daemon=True)
            self._thread.start()
        # What happened in between had no watcher.
        self._word.set()

    def wait(self, seconds: float) -> bool:
        """Wait for word.

        Args:
            seconds: At most how long.

        Returns:
            Whether there was any since the last time that this returned True.
        """
        if not self._word.wait(seconds):
            return False
        self._word.clear()
        return True

    def _listen(self) -> None:
        try:
            self._pass_on(force_polling=None)
        except OSError:
            # The limit of watches is reached, or a folder is gone already.
            with suppress(OSError):
                self._pass_on(force_polling=True)

    def _pass_on(self, *, force_polling: bool | None) -> None:
        for _ in watch(
            *self._folders,
            watch_filter=None,
            debounce=_AT_MOST_MILLISECONDS,
            step=_SETTLED_MILLISECONDS,
            stop_event=self._over,
            recursive=False,
            force_polling=force_polling,
            poll_delay_ms=_POLL_MILLISECONDS,
            ignore_permission_denied=True,
        ):
            self._word.set()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        if self._thread:
            self._thread.join()
        self._thread = None
