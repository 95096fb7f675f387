"""A terminal with a command in it, for tests that press its keys and look at what is left."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Any

from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.waiting import until

_WATCHED = str(Path(__file__).parent / "watched.py")
_CTRL_C = b"\x03"
_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_SECONDS = 120


@dataclass
class Terminal:
    """A terminal whose foreground is a command.

    Attributes:
        watcher: The process that runs the command there.
        screen: The terminal's other side.
        file: Where the watcher tells what it knows.
        shown: All that the command has shown, without styles and movements.
    """

    watcher: "subprocess.Popen[bytes]"
    screen: int
    file: Path
    shown: str = ""

    def wait_for(self, pattern: str) -> None:
        """Wait until something is shown."""
        until(lambda: re.search(pattern, self.shown) or self._is_over(), _SECONDS)
        assert re.search(pattern, self.shown), self.shown[-2000:]

    def press_ctrl_c(self) -> None:
        """Press Ctrl-C: the terminal sends SIGINT to the processes of its foreground."""
        os.write(self.screen, _CTRL_C)

    def send(self, number: Signals) -> None:
        """Send a signal to the command alone."""
        os.kill(self._said()["pid"], number)

    def find(self, word: str) -> int:
        """Wait for the newest process below the command whose command line holds a word."""

        def found() -> list[int]:
            return [one for one in descendants(self.watcher.pid) if word in _command(one)]

        return int(max(until(found, _SECONDS)))

    def end(self) -> int:
        """Wait until the command has ended, and return its exit code."""
        return self.watcher.wait(_SECONDS)

    @property
    def left(self) -> list[str]:
        """What went on running when the command had ended."""
        return list(self._said()["left"])

    @property
    def stayed(self) -> list[str]:
        """What of that did not end by itself either."""
        return list(self._said()["stayed"])

    def read(self) -> None:
        """Read what is shown until nobody has the terminal open any more."""
        while True:
            try:
                read = os.read(self.screen, 1 << 16)
            except OSError:
                return
            self.shown += _STYLES.sub("", read.decode(errors="replace"))

    def _is_over(self) -> bool:
        return self.watcher.poll() is not None

    def _said(self) -> dict[str, Any]:
        until(self.file.exists)
        return dict(json.loads(self.file.read_text()))


@contextmanager
def terminal(
    folder: Path, command: Sequence[str], variables: Mapping[str, str]
) -> Iterator[Terminal]:
    """Open a terminal with a command in it.

    Args:
        folder: A folder for what is known of the command.
        command: The command.
        variables: What its environment has beside this process's.
    """
    screen, inside = pty.openpty()
    file = folder / "watched.json"
    with subprocess.Popen(
        [sys.executable, _WATCHED, str(file), *command],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200", **variables},
        start_new_session=True,
    ) as watcher:
        os.close(inside)
        opened = Terminal(watcher, screen, file)
        reader = threading.Thread(target=opened.read)
        reader.start()
        try:
            yield opened
        finally:
            watcher.kill()
            watcher.wait()
            reader.join()
            os.close(screen)


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
