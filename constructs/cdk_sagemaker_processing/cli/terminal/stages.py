"""The stages of the set-up as a person sees them: one line each, live on a terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cdk_sagemaker_processing.cli.terminal import words
from cdk_sagemaker_processing.cli.terminal.marks import MARKS, live_width
from cdk_sagemaker_processing.runs.progress import Status

_NAME_WIDTH = 13
_TIME_WIDTH = 11
_REFRESH_PER_SECOND = 8
_PLAIN_REPORT_SECONDS = 10


class Stage:
    """One stage under way.

    Attributes:
        name: Its name.
        detail: What it does at the moment, or at its end what it came to.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.detail = ""
        self._started = time.monotonic()
        self._ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return (self._ended or time.monotonic()) - self._started

    def end(self) -> None:
        """Let its time stand still."""
        self._ended = time.monotonic()


class Stages:
    """Shows one stage after the other.

    Args:
        console: Where. Not on a terminal, a stage that takes long tells what it does every ten
            seconds, and each stage its outcome.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage: Stage | None = None
        self._told_at = 0.0

    def report(self, text: str) -> None:
        """Show what the stage under way is doing."""
        if self._stage is None:
            return
        self._stage.detail = text
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told_at > _PLAIN_REPORT_SECONDS:
            self._told_at = now
            self._console.print(Text(f"… {self._stage.name}: {text}", "dim"), soft_wrap=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show a stage for as long as the block lasts, and its outcome after it.

        Args:
            name: Its name, of at most 12 characters.
        """
        stage = self._stage = Stage(name)
        self._told_at = time.monotonic()
        status = Status.FAILED
        try:
            with self._live(stage):
                yield stage
            status = Status.SUCCEEDED
        except Exception:
            stage.detail = "failed"
            raise
        except BaseException:
            status, stage.detail = Status.STOPPED, "interrupted"
            raise
        finally:
            stage.end()
            self._stage = None
            self._print_outcome(status, stage)

    @contextmanager
    def _live(self, stage: Stage) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        spinner = Spinner("dots", style="cyan")

        def line() -> Table:
            return self._line(spinner, stage)

        with Live(
            console=self._console,
            get_renderable=line,
            refresh_per_second=_REFRESH_PER_SECOND,
            transient=True,
        ):
            yield

    def _print_outcome(self, status: Status, stage: Stage) -> None:
        if self._console.is_terminal:
            self._console.print(self._line(Text(*MARKS[status]), stage))
            return
        mark = MARKS[status][0]
        took = words.duration(stage.seconds)
        text = f"{mark} {stage.name:<{_NAME_WIDTH}}{took:>{_TIME_WIDTH}}  {stage.detail}"
        self._console.print(Text(text), soft_wrap=True)

    def _line(self, mark: Spinner | Text, stage: Stage) -> Table:
        line = Table.grid(padding=(0, 1))
        line.add_column(width=1)
        line.add_column(width=_NAME_WIDTH - 1)
        line.add_column(width=_TIME_WIDTH, justify="right", style="dim")
        line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        line.width = live_width(self._console)
        line.add_row(
            mark,
            Text(stage.name, "bold"),
            words.duration(stage.seconds),
            Text(f" {stage.detail}"),
        )
        return line
