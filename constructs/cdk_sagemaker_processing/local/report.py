"""How long work tells what it is doing."""

from collections.abc import Callable

__all__ = ["Report", "silent"]

Report = Callable[[str], None]
"""Is told, in short sentences, what is being done."""


def silent(_: str) -> None:
    """Report to nobody."""
