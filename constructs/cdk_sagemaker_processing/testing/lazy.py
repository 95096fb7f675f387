"""Values by their names, each made when it is first asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

__all__ = ["Lazy"]

_Value = TypeVar("_Value")


class Lazy(Mapping[str, _Value]):
    """Values by their names, each made when it is first asked for.

    Args:
        makers: What makes each value.
        missing: How the error of a name that is not there begins.
    """

    def __init__(self, makers: Mapping[str, Callable[[], _Value]], missing: str) -> None:
        self._makers = makers
        self._missing = missing
        self._made: dict[str, _Value] = {}

    def __getitem__(self, name: str) -> _Value:
        """Return a value."""
        if name not in self._makers:
            raise KeyError(f"{self._missing} {name!r}: there are {', '.join(self) or 'none'}")
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._makers)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._makers)

    def __repr__(self) -> str:
        """Tell the names."""
        return f"<{', '.join(self) or 'nothing'}>"
