"""What runs until it is stopped, at the latest at the end of a `with` statement."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

__all__ = ["Stoppable"]


class Stoppable(ABC):
    """Something already running, which the end of its `with` statement stops."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it; a second time does nothing."""

    def __enter__(self) -> Self:
        """Return it, already running."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()
