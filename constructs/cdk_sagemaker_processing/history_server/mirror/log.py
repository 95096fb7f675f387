"""The mirror's log: one plain line an event, on standard output."""

import sys
import threading
from collections.abc import Callable
from typing import Literal

Level = Literal["INFO", "WARNING", "ERROR", "ENDED"]
Tell = Callable[[Level, str], None]
"""Takes an event's level and text."""


class Log:
    """Writes lines, whole and at once, from any thread; nothing after the line that says ENDED."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_ended = False

    def __call__(self, level: Level, text: str) -> None:
        """Write one line.

        Args:
            level: `ENDED` for the last line of a mirror that ends by itself.
            text: What happened; line breaks in it become spaces.
        """
        with self._lock:
            if not self._has_ended:
                self._has_ended = level == "ENDED"
                sys.stdout.write(f"{level} {' '.join(text.split())}\n")
                sys.stdout.flush()
