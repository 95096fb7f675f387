"""How far the first synchronisation is."""

from collections.abc import Callable, Collection

from .event_logs import EventLog
from .log import Tell

_INTERVAL_SECONDS = 10


class FirstSync:
    """Tells how many logs there are, and how many of them have come.

    Args:
        tell: The log.
        clock: The time in seconds.
    """

    def __init__(self, tell: Tell, clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._begun = clock()
        self._told: float | None = None
        self.is_over = False

    def update(self, logs: Collection[EventLog], missing: Collection[EventLog]) -> None:
        """Compare what is wanted with what has not come.

        Args:
            logs: All that are to be mirrored.
            missing: Those of which no version has come yet, and may still.
        """
        if self.is_over:
            return
        now = self._clock()
        if not missing:
            self.is_over = True
            self._tell("INFO", f"first sync done: {_amount(logs)} in {now - self._begun:.0f} s")
        elif self._told is None:
            self._told = now
            self._tell("INFO", f"first sync: {_amount(logs)}, to be fetched {_amount(missing)}")
        elif now - self._told >= _INTERVAL_SECONDS:
            self._told = now
            self._tell("INFO", f"first sync: still to come {_amount(missing)}")


def _amount(logs: Collection[EventLog]) -> str:
    mebibytes = sum(each.size for each in logs) / (1 << 20)
    return f"{len(logs)} log{'' if len(logs) == 1 else 's'} ({mebibytes:,.1f} MiB)"
