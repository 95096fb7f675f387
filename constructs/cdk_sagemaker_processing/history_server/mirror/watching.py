"""Whether the task should go on: is the server used, does it answer, how old is it."""

import enum
from dataclasses import dataclass

from .settings import Settings

_START_SECONDS = 300
_SILENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the mirror ends, and with it the task.

    Attributes:
        reason: In words.
        code: The exit code.
    """

    reason: str
    code: int


class Restart(enum.Enum):
    """The server should be started again."""

    NEEDED = "needed"


class Watch:
    """Decides, from what is seen and when; looks at nothing itself.

    Args:
        settings: How long the task may be idle, and run.
        now: The time in seconds.
    """

    def __init__(self, settings: Settings, now: float) -> None:
        self._settings = settings
        self._begun = now
        self._used = now
        self._connected = False
        self._answered: float | None = None
        self._restarted: float | None = None

    def connections(self, count: int, now: float) -> None:
        """Take in how many connections the server has.

        One is only use if there was one at the look before as well: a health check's is gone by
        then, a browser keeps its own for longer.
        """
        if count and self._connected:
            self._used = now
        self._connected = bool(count)

    def answered(self, now: float) -> None:
        """Take in that the server answered."""
        if self._answered is None:
            # Nobody could use it before.
            self._used = now
        self._answered = now

    def verdict(self, now: float) -> Ending | Restart | None:
        """Decide what is to be done now."""
        return self._old(now) or self._idle(now) or self._silent(now)

    def _old(self, now: float) -> Ending | None:
        most = self._settings.max_seconds
        if most is None or now - self._begun < most:
            return None
        return Ending(f"too old: the task has run for {_minutes(most)}", 0)

    def _idle(self, now: float) -> Ending | None:
        most = self._settings.idle_seconds
        if most is None or now - self._used < most:
            return None
        return Ending(f"idle: nobody has used the server for {_minutes(most)}", 0)

    def _silent(self, now: float) -> Ending | Restart | None:
        if now < self._patience():
            return None
        if self._restarted is not None:
            return Ending("the server does not answer, although it was started again", 1)
        self._restarted = now
        return Restart.NEEDED

    def _patience(self) -> float:
        """Until when an answer is waited for."""
        if self._answered is None:
            return max(self._begun, self._restarted or 0) + _START_SECONDS
        if self._restarted is not None and self._answered <= self._restarted:
            return self._restarted + _START_SECONDS
        return self._answered + _SILENCE_SECONDS


def _minutes(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
