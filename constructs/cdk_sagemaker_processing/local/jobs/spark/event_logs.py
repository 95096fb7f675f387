"""The container's copying of event logs, which a Continuous output then uploads."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

_INTERVAL = 20.0


class EventLogCopier:
    """Copies Spark's event logs every 20 seconds, and once more at the end.

    As in the container, the target's name is its folder and the log's name put together: without
    a slash at the folder's end the copies land beside it. And a log that is still being written
    loses its `.inprogress`.

    Args:
        source: The folder that Spark writes to.
        target: The folder to copy to, as it was given on the command line.
        note: Told what goes wrong.
        interval: Seconds between two rounds.
    """

    def __init__(
        self,
        source: Path,
        target: str,
        note: Callable[[str], None],
        interval: float = _INTERVAL,
    ) -> None:
        self._source = source
        self._target = target
        self._note = note
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event logs", daemon=True)

    def start(self) -> None:
        """Make the target and begin."""
        self._source.mkdir(parents=True, exist_ok=True)
        Path(self._target).mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def finish(self) -> None:
        """Copy once more and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._interval):
                self._copy()
            self._copy()
        except IsADirectoryError as error:
            self._note(
                f"Event logs are no longer copied: {error.filename} is a folder. The container "
                "copies files only: leave spark.eventLog.rolling.enabled false."
            )

    def _copy(self) -> None:
        for log in sorted(self._source.iterdir()):
            if log.name.startswith("."):
                # Hadoop's checksum of the log beside it, which no history server asks for.
                continue
            shutil.copyfile(log, f"{self._target}{log.name.replace('.inprogress', '')}")
