"""Which process was meant: an id alone may belong to another one by now."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

__all__ = ["ProcessIdentity"]

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# proc(5): the 3rd field of stat is the state, the 22nd when it started, in ticks since the boot;
# here they are counted behind the 2nd, which may hold blanks.
_STATE = 0
_STARTED = 19


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process, told from every other one that ever has its id.

    Attributes:
        pid: Its id.
        begun: The boot of the machine and when after it the process began.
    """

    pid: int
    begun: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the identity of a process that runs, or None if there is none of this id.

        Args:
            pid: Its id.
        """
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        # A zombie has ended, though nobody asked it how.
        if fields[_STATE] in {"Z", "X"}:
            return None
        return cls(pid, f"{_BOOT.read_text().strip()} {fields[_STARTED]}")

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return ProcessIdentity.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nobody gets one if it has ended.

        Args:
            number: The signal.
        """
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(self.pid)
            try:
                # What is held now cannot be exchanged for another process of this id.
                if self.is_running:
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)
