"""When what of a run went on, as rows of bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.runs.progress import StateProgress, Status
from cdk_sagemaker_processing.runs.report.jobs import JobReport
from cdk_sagemaker_processing.runs.report.report import RunReport, StateReport

__all__ = ["Bar", "Row", "Tick", "ticks", "timeline"]

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAY = 86_400
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time.

    Attributes:
        kind: `state`, `prepare` or `run`.
        left: Where it begins, in percent of the whole.
        width: How long it is, in percent of the whole.
        told: What it is and how long, for those who read it.
    """

    kind: str
    left: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class Row:
    """A state, or one of the jobs of a state that had several.

    Attributes:
        name: Its name.
        kind: What it runs; empty for a job.
        status: Its status.
        depth: In how many states it is.
        bars: Its stretches of time, the longest first.
        seconds: How long it took; None if it did not begin.
    """

    name: str
    kind: str
    status: str
    depth: int
    bars: tuple[Bar, ...]
    seconds: float | None

    @property
    def told(self) -> str:
        """Its bars in words."""
        return "; ".join(bar.told for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale.

    Attributes:
        left: Where it is, in percent of the whole.
        label: Which time it marks, from the start.
    """

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def bar(self, kind: str, name: str, begun: datetime, over: datetime | None) -> Bar:
        until = over or self.end
        whole = max((self.end - self.start).total_seconds(), 0.001)
        left = self._clamp((begun - self.start).total_seconds() / whole)
        right = self._clamp((until - self.start).total_seconds() / whole)
        seconds = (until - begun).total_seconds()
        return Bar(
            kind,
            round(100 * left, 3),
            round(100 * max(right - left, 0), 3),
            f"{name} {words.duration(seconds)}",
        )

    @staticmethod
    def _clamp(share: float) -> float:
        # The services' clocks differ, and SageMaker tells a job's end before Step Functions does.
        return min(max(share, 0.0), 1.0)


def timeline(report: RunReport) -> tuple[Row, ...]:
    """Return the rows of what a run came to.

    Args:
        report: The run's report.
    """
    scale = _Scale(report.run.started, report.run.ended or report.made)
    return tuple(row for state in report.states for row in _rows(scale, state))


def ticks(seconds: float) -> tuple[Tick, ...]:
    """Return the lines of a scale of some seconds, eight at most.

    Args:
        seconds: How long the whole is.
    """
    step = next((step for step in _STEPS if seconds / step <= _TICKS), None)
    if step is None:
        step = _DAY * max(1, -(-round(seconds) // (_DAY * _TICKS)))
    marks = range(0, int(seconds) + 1, step)
    whole = max(seconds, 0.001)
    return tuple(Tick(round(100 * mark / whole, 3), _clock(mark)) for mark in marks)


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _rows(scale: _Scale, state: StateReport) -> Iterator[Row]:
    progress = state.progress
    if progress.entered is None:
        return
    outer = scale.bar("state", "in the state", progress.entered, progress.exited)
    alone = len(state.jobs) == 1
    exited = progress.exited or scale.end
    yield Row(
        name=progress.state.name,
        kind=_kind(progress),
        status=str(progress.status),
        depth=len(progress.state.parents),
        bars=(outer, *(_bars(scale, state.jobs[0]) if alone else ())),
        seconds=(exited - progress.entered).total_seconds(),
    )
    for job in () if alone else state.jobs:
        yield _job_row(scale, job, len(progress.state.parents) + 1)


def _kind(progress: StateProgress) -> str:
    told = f", {words.items(progress.items)}" if progress.items else ""
    return f"{progress.state.kind}{told}"


def _job_row(scale: _Scale, job: JobReport, depth: int) -> Row:
    status = _STATUSES.get(job.status, Status.WAITING)
    seconds = ((job.ended or scale.end) - job.created).total_seconds() if job.created else None
    return Row(job.name, "", str(status), depth, tuple(_bars(scale, job)), seconds)


_STATUSES = {
    "Completed": Status.SUCCEEDED,
    "Failed": Status.FAILED,
    "InProgress": Status.RUNNING,
    "Stopped": Status.STOPPED,
    "Stopping": Status.STOPPED,
}


def _bars(scale: _Scale, job: JobReport) -> Iterator[Bar]:
    if job.created:
        yield scale.bar("prepare", "preparing", job.created, job.started or job.ended)
    if job.started:
        yield scale.bar("run", "running", job.started, job.ended)
