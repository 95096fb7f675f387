"""What executors write, shown in their host's log, as the container shows YARN's."""

import threading
from collections.abc import Callable
from pathlib import Path

_INTERVAL = 1.0


class ExecutorLogs:
    """Shows every line that this host's executors write to stdout and stderr.

    Args:
        folder: The worker's folder, in which each executor has `<application>/<number>/`.
        show: Is told each line.
        interval: Seconds between two looks.
    """

    def __init__(
        self, folder: Path, show: Callable[[str], None], interval: float = _INTERVAL
    ) -> None:
        self._folder = folder
        self._show = show
        self._interval = interval
        self._read: dict[Path, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="executor logs", daemon=True)

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Look once more and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self._look(last=False)
        self._look(last=True)

    def _look(self, *, last: bool) -> None:
        for log in sorted(self._folder.glob("*/*/std*")):
            with log.open("rb") as file:
                file.seek(self._read.get(log, 0))
                content = file.read()
            end = len(content) if last else content.rfind(b"\n") + 1
            self._read[log] = self._read.get(log, 0) + end
            for line in content[:end].decode(errors="replace").splitlines():
                self._show(f"executor {log.parent.name}: {line}")
