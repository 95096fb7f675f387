"""How time is told and spent while something is waited for."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["Clock"]


@dataclass(frozen=True, slots=True)
class Clock:
    """How time is told and spent.

    Attributes:
        now: Returns seconds that only ever grow.
        sleep: Waits for some seconds.
        every: How many seconds there are between two looks.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    every: float = 1

    def looks(self, seconds: float) -> Iterator[None]:
        """Return now and again for so many seconds, at least once."""
        end = self.now() + seconds
        while True:
            yield
            if self.now() >= end:
                return
            self.sleep(self.every)
