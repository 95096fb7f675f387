"""A figure of quality, and what is off about it."""

from dataclasses import dataclass

__all__ = ["Figure"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is measured.

    Attributes:
        name: What is measured.
        measured: What it is now.
        wanted: What it has to be.
        offenders: Each thing that is off, with its place. None: the figure is as wanted.
        remark: What else a reader has to know of it.
    """

    name: str
    measured: str
    wanted: str
    offenders: tuple[str, ...] = ()
    remark: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing is off."""
        return not self.offenders
