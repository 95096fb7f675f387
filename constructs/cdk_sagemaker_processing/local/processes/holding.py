"""Signals that wait while a program is being started.

A handler that raises within `subprocess.Popen` would lose a program that is already running:
nobody would hold it, so nobody could end it.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["signals_held"]

_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_held() -> Iterator[Callable[[], None]]:
    """Hold signals back, until the function that it gives is called or the block ends.

    Call the function where what was started is in hand, so that a handler that raises finds
    somebody to end it. Other threads than the main one run no handlers, so nothing is held there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield _nothing
        return
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in _HELD}

    def release() -> None:
        while before:
            number, handler = before.popitem()
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        while came:
            signal.raise_signal(came.pop(0))

    try:
        yield release
    finally:
        release()


def _nothing() -> None:
    """Hold nothing."""
