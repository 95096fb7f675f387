"""A run's durations beside those of the runs before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.runs.report.earlier import median
from cdk_sagemaker_processing.runs.report.report import RunReport, StateReport

__all__ = ["Column", "Comparison", "compare"]

# Less is what a run's start and the services' polling make of it.
_NOTED = 0.1


@dataclass(frozen=True, slots=True)
class Column:
    """A run's duration as a column.

    Attributes:
        height: Its height, in percent of the longest one's.
        told: Which run it is and how long it took.
        is_this: Whether it is the run that the report tells of.
    """

    height: float
    told: str
    is_this: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """One duration and the earlier ones.

    Attributes:
        name: Of what: a state's name; empty for the run.
        seconds: How long it took in this run.
        median: The median of the earlier ones; None if there are none.
        columns: All of them, oldest first, this run's last.
        median_height: Where the median is, in percent of the longest one's height.
    """

    name: str
    seconds: float
    median: float | None
    columns: tuple[Column, ...]
    median_height: float

    @property
    def told(self) -> str:
        """How this run's is to the median, in words."""
        if self.median is None:
            return "nothing to compare with"
        change = (self.seconds - self.median) / self.median if self.median else 0.0
        if abs(change) < _NOTED:
            return "about the median"
        return f"{abs(change):.0%} {'longer' if change > 0 else 'shorter'} than the median"


def compare(report: RunReport) -> tuple[Comparison, ...]:
    """Return the run's duration, then its states', beside those of the earlier runs.

    Args:
        report: The run's report.
    """
    if not report.earlier:
        return ()
    names = [f"{one.name} took {words.duration(one.seconds)}" for one in report.earlier]
    seconds = [one.seconds for one in report.earlier]
    whole = _comparison("", report.seconds, seconds, names)
    return (whole, *(made for state in report.states if (made := _of_state(state))))


def _of_state(state: StateReport) -> Comparison | None:
    progress = state.progress
    if not (state.earlier_seconds and progress.entered and progress.exited):
        return None
    told = [words.duration(seconds) for seconds in state.earlier_seconds]
    seconds = (progress.exited - progress.entered).total_seconds()
    return _comparison(progress.state.name, seconds, state.earlier_seconds, told)


def _comparison(
    name: str, seconds: float, earlier: Sequence[float], told: Sequence[str]
) -> Comparison:
    longest = max(*earlier, seconds, 0.001)
    middle = median(earlier)
    columns = [
        Column(round(100 * one / longest, 2), text) for one, text in zip(earlier, told, strict=True)
    ]
    this = Column(round(100 * seconds / longest, 2), f"this run: {words.duration(seconds)}", True)
    return Comparison(
        name, seconds, middle, (*columns, this), round(100 * (middle or 0) / longest, 2)
    )
