"""Which process was meant: an id alone may belong to another one by now."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

__all__ = ["ProcessIdentity"]

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# proc(5): the 3rd field of stat is the state, the 6th the session, the 22nd when it started, in
# ticks since the boot; here they are counted behind the 2nd, which may hold blanks.
_STATE = 0
_SESSION = 3
_STARTED = 19
_ENDED = frozenset({"Z", "X"})


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
        fields = _stat(pid)
        # A zombie has ended, though nobody asked it how.
        if fields is None or fields[_STATE] in _ENDED:
            return None
        return cls(pid, _begun(fields))

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

    def end_session(self) -> None:
        """Kill what it has left behind in the session that it led, once it has ended itself."""
        for pid in self._left():
            if member := ProcessIdentity.of(pid):
                member.send(signal.SIGKILL)

    def _left(self) -> list[int]:
        leader = _stat(self.pid)
        # The kernel gives no new process an id by which a session is still known.
        if leader and (_begun(leader) != self.begun or leader[_STATE] not in _ENDED):
            return []
        if not self.begun.startswith(_boot()):
            return []
        found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
        return [pid for pid in found if (stat := _stat(pid)) and int(stat[_SESSION]) == self.pid]


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _begun(fields: list[str]) -> str:
    return f"{_boot()} {fields[_STARTED]}"


def _boot() -> str:
    return _BOOT.read_text().strip()
