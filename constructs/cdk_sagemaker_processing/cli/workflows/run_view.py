"""A run as a person sees it: a row for each state, live on a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS, live_width
from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.progress import RunProgress, StateProgress, Status

_REFRESH_PER_SECOND = 8
_ACTIVE = (Status.RUNNING, Status.RETRYING)
_UNTOLD = (Status.WAITING, Status.SKIPPED)
_LINES_BELOW = 2
_INDENT = "  "


class RunView:
    """Follows a run to its end and shows it.

    Args:
        console: Where. Not on a terminal, each change of a state is one line.
        follower: The run.
        logs: Whether to print the jobs' logs as they grow.
        poll_seconds: How long to wait between two looks at it.
    """

    def __init__(
        self,
        console: Console,
        follower: RunFollower,
        *,
        logs: bool = False,
        poll_seconds: float = 0.5,
    ) -> None:
        self._console = console
        self._follower = follower
        self._logs = logs
        self._poll_seconds = poll_seconds
        self._spinner = Spinner("dots", style="cyan")
        self._is_live = False
        self._told: dict[str, tuple[Status, int]] = {}

    def follow(self) -> None:
        """Show the run until it is over."""
        with self._live():
            for _ in self._follower.looks(self._poll_seconds):
                self._tell()
        self._console.print(_end(self._follower.progress))

    def show(self) -> None:
        """Show the run as it was at the last look."""
        if self._console.is_terminal:
            self._console.print(self.table())
            return
        now = datetime.now(tz=UTC)
        for progress in as_written(self._follower.progress.states):
            self._console.print(_change(progress, now), soft_wrap=True)

    def table(self, room: int | None = None) -> Table:
        """Return the states as they are now.

        Args:
            room: How many lines there are; where they are too few, states that are over and
                states that wait are counted instead of shown.
        """
        table = Table.grid(padding=(0, 1))
        table.width = live_width(self._console)
        table.add_column(width=1)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, style="dim")
        table.add_column(no_wrap=True, justify="right", min_width=8)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        now = datetime.now(tz=UTC)
        shown, over, waiting = _shown(as_written(self._follower.progress.states), room)
        if over:
            table.add_row(Text(*MARKS[Status.SUCCEEDED]), Text(f"{over} more are done", "dim"))
        for state in shown:
            table.add_row(*self._row(state, now))
            line = self._last_log_line(state)
            if line:
                table.add_row("", "", "", "", Text(f" {line}", "dim"))
        if waiting:
            table.add_row(Text(*MARKS[Status.WAITING]), Text(f"{waiting} more wait", "dim"))
        return table

    def _live_table(self) -> Table:
        return self.table(self._console.height - _LINES_BELOW)

    @contextmanager
    def _live(self) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        self._is_live = True
        try:
            with Live(
                console=self._console,
                get_renderable=self._live_table,
                refresh_per_second=_REFRESH_PER_SECOND,
                transient=True,
            ):
                yield
        finally:
            self._is_live = False
            self._console.print(self.table())

    def _row(self, progress: StateProgress, now: datetime) -> list[RenderableType]:
        sign, style = MARKS[progress.status]
        active = progress.status is Status.RUNNING
        name_style = "dim" if progress.status in _UNTOLD else "bold" if active else ""
        return [
            self._spinner if active and self._is_live else Text(sign, style),
            Text(f"{_INDENT * len(progress.state.parents)}{progress.state.name}", name_style),
            progress.state.kind,
            Text(_elapsed(progress, now), "" if active else "dim"),
            Text(f" {_remark(progress)}", style if progress.error else "dim"),
        ]

    def _last_log_line(self, progress: StateProgress) -> str:
        if progress.status not in _ACTIVE or not progress.job_names:
            return ""
        job = self._follower.jobs.get(progress.job_names[-1])
        return words.plain(job.log.last_line).strip() if job else ""

    def _tell(self) -> None:
        """Print what is new: state by state, a start, then log lines, then an end."""
        now = datetime.now(tz=UTC)
        lines = self._follower.new_log_lines if self._logs else []
        changed = [] if self._console.is_terminal else self._changed()
        for progress in as_written(self._follower.progress.states):
            change = _change(progress, now) if progress in changed else None
            if change and progress.status in _ACTIVE:
                self._console.print(change, soft_wrap=True)
            for state, line in lines:
                if state == progress.state:
                    self._console.print(_log_line(state, line), soft_wrap=True)
            if change and progress.status not in _ACTIVE:
                self._console.print(change, soft_wrap=True)

    def _changed(self) -> list[StateProgress]:
        changed = [
            state for state in as_written(self._follower.progress.states) if self._is_news(state)
        ]
        self._told |= {state.state.name: _news(state) for state in changed}
        return changed

    def _is_news(self, progress: StateProgress) -> bool:
        state, status = progress.state, progress.status
        if status in _UNTOLD or _news(progress) == self._told.get(state.name):
            return False
        # A job's name comes with its state's start or just after it.
        return not (status is Status.RUNNING and state.is_job and not progress.job_names)


def _log_line(state: State, line: str) -> Text:
    return Text.assemble((f"{state.name} │ ", "cyan"), (words.plain(line), "dim"))


def _shown(
    states: Sequence[StateProgress],
    room: int | None,
) -> tuple[list[StateProgress], int, int]:
    """Return the states that fit, how many done ones do not, and how many waiting ones."""
    active = sum(state.status in _ACTIVE for state in states)
    # Each active state takes a line for its log too, and each count takes one.
    surplus = 0 if room is None else len(states) + active - room
    if surplus <= 0:
        return list(states), 0, 0
    waiting = [state for state in states if state.status in _UNTOLD]
    over = [state for state in states if state.status is Status.SUCCEEDED]
    hidden_waiting = waiting[::-1][: surplus + 1]
    hidden_over = over[: max(surplus + 2 - len(hidden_waiting), 0)]
    hidden = {state.state.name for state in (*hidden_waiting, *hidden_over)}
    shown = [state for state in states if state.state.name not in hidden]
    return shown, len(hidden_over), len(hidden_waiting)


def _end(progress: RunProgress) -> Text:
    sign, style = MARKS[progress.status]
    took = ""
    if progress.started and progress.ended:
        took = f" after {words.duration((progress.ended - progress.started).total_seconds())}"
    return Text(f"{sign} {progress.status.capitalize()}{took}", f"bold {style}")


def _elapsed(progress: StateProgress, now: datetime) -> str:
    if progress.entered is None:
        return ""
    return words.duration(((progress.exited or now) - progress.entered).total_seconds())


def _remark(progress: StateProgress) -> str:
    parts = []
    if progress.visits > 1:
        parts.append(f"{progress.done} of {progress.visits} done")
    if progress.items:
        parts.append(words.items(progress.items))
    if progress.attempts > 1:
        parts.append(f"attempt {progress.attempts}")
    if progress.job_names:
        parts.append(progress.job_names[-1])
    parts += progress.executions[-1:]
    parts += [f"of {arn.rpartition(':')[2]}" for arn in progress.cached_from[-1:]]
    if progress.error and progress.status is not Status.SUCCEEDED:
        parts.append(progress.error)
    return "  ".join(parts)


def _news(progress: StateProgress) -> tuple[Status, int]:
    """Return what of a state is told anew when it changes: of many items each tenth of them."""
    items = progress.items
    return progress.status, 10 * items.done // items.total if items and items.total else 0


def _change(progress: StateProgress, now: datetime) -> Text:
    sign, _ = MARKS[progress.status]
    state = progress.state
    indent = _INDENT * len(state.parents)
    told = f"{sign} {indent}{state.name} ({state.kind}) {progress.status}"
    elapsed = "" if progress.status in _ACTIVE else _elapsed(progress, now)
    took = f" after {elapsed}" if elapsed else ""
    remark = _remark(progress)
    return Text(f"{told}{took}{f': {remark}' if remark else ''}")
