"""Ctrl-C and its kin: taken once, so that what is being ended then ends undisturbed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_TAKEN = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXIT_BASE = 128


class Interrupted(BaseException):
    """The user, or the system, asked the command to end.

    Attributes:
        exit_code: The exit code that tells so, such as 130 for Ctrl-C.
        is_ctrl_c: Whether it was Ctrl-C.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = _EXIT_BASE + number
        self.is_ctrl_c = number == signal.SIGINT


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` in the block at the first signal, and let later ones pass."""

    def interrupt(number: int, _: FrameType | None) -> None:
        for each in _TAKEN:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    before = {each: signal.signal(each, interrupt) for each in _TAKEN}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
