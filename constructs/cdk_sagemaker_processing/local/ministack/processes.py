"""The processes around the local AWS: whom it must not outlive, who must not outlive it."""

import asyncio
import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_TERM_SECONDS = 1.0


def when_ended(process: int, action: Callable[[], None]) -> None:
    """Call `action` from the running event loop when a process ends; now if it already has."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        action()
        return
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        action()

    loop.add_reader(descriptor, ended)


def end_children() -> None:
    """End every process that descends from this one."""
    running = {handle for child in descendants(os.getpid()) for handle in _handles(child)}
    deadline = time.monotonic() + _TERM_SECONDS
    _signal(running, signal.SIGTERM)
    while running and time.monotonic() < deadline:
        ended, _, _ = select.select(running, [], [], _TERM_SECONDS)
        running -= set(ended)
    _signal(running, signal.SIGKILL)


def _handles(process: int) -> Iterable[int]:
    with contextlib.suppress(ProcessLookupError):
        yield os.pidfd_open(process)


def descendants(process: int) -> list[int]:
    """Return the ids of the running processes that descend from a process."""
    parents = dict(_parents())
    found = []
    for candidate in parents:
        ancestor = parents.get(candidate)
        while ancestor not in (None, process):
            ancestor = parents.get(ancestor)
        if ancestor == process:
            found.append(candidate)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = _state_and_parent(folder / "stat")
                if state != "Z":
                    yield int(folder.name), parent


def _state_and_parent(stat: Path) -> tuple[str, int]:
    # The second field is the program's name in brackets, which may hold blanks and brackets.
    state, parent = stat.read_text().rpartition(")")[2].split()[:2]
    return state, int(parent)


def _signal(handles: Iterable[int], number: signal.Signals) -> None:
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, number)
