"""Parts of an execution that can be ended from outside: by a stop, a timeout, a failed branch."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ministack.services.stepfunctions import _ExecutionError


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a part of an execution was ended.

    Attributes:
        error: The error's name.
        cause: What happened.
    """

    error: str
    cause: str


class EndedError(_ExecutionError):  # type: ignore[misc]  # MiniStack ships no types
    """Raised where a part of an execution finds that it was ended."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.error, ending.cause)


class Scope:
    """A part of an execution: the whole, a Parallel or Map state, one branch, one task.

    Ending a scope ends the scopes within it, and runs what was registered for its end.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._ending: Ending | None = None
        self._actions: list[Callable[[Ending], None]] = []

    @property
    def ending(self) -> Ending | None:
        """Why it was ended, or None."""
        return self._ending

    def end(self, ending: Ending) -> None:
        """End it; only the first call counts."""
        with self._lock:
            if self._ending is not None:
                return
            self._ending = ending
            actions = list(self._actions)
        self._over.set()
        for action in actions:
            action(ending)

    def check(self) -> None:
        """Raise if it was ended.

        Raises:
            EndedError: It was.
        """
        if self._ending is not None:
            raise EndedError(self._ending)

    def sleep(self, seconds: float) -> None:
        """Sleep, unless or until it is ended.

        Raises:
            EndedError: It was ended.
        """
        self._over.wait(seconds)
        self.check()

    @contextmanager
    def on_end(self, action: Callable[[Ending], None]) -> Iterator[None]:
        """Run `action` if it is ended while the block runs, at once if it was ended before."""
        with self._lock:
            ending = self._ending
            if ending is None:
                self._actions.append(action)
        if ending is not None:
            action(ending)
        try:
            yield
        finally:
            with self._lock:
                if action in self._actions:
                    self._actions.remove(action)

    @contextmanager
    def child(self) -> Iterator["Scope"]:
        """Open a scope within this one."""
        scope = Scope()
        with self.on_end(scope.end):
            yield scope
