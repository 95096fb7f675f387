"""Ctrl-C and its kin: taken once, so that what is being ended then ends undisturbed."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_TAKEN = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXIT_BASE = 128
_AGAIN_SECONDS = 0.01


class Interrupted(BaseException):
    """The user, or the system, asked the command to end.

    Attributes:
        number: The signal's number.
        exit_code: The exit code that tells so, such as 130 for Ctrl-C.
        is_ctrl_c: Whether it was Ctrl-C.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
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
        with _none_lost(interrupt):
            yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _none_lost(interrupt: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Send a signal again that Python could raise nothing for, as it was just finalizing an object.

    Which it does at any moment, and then drops what is raised.
    """
    told = sys.unraisablehook
    lost: list[threading.Timer] = []

    def tell(unraisable: "sys.UnraisableHookArgs") -> None:
        error = unraisable.exc_value
        if not isinstance(error, Interrupted):
            told(unraisable)
            return
        for each in _TAKEN:
            signal.signal(each, interrupt)
        again = threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), error.number))
        lost.append(again)
        again.start()

    sys.unraisablehook = tell
    try:
        yield
        for again in lost:
            # It comes now, if it has not come yet.
            again.join()
    finally:
        sys.unraisablehook = told
