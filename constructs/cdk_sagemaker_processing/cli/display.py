"""What a person sees while the command works: stages, then a run's states.

On a terminal both are live; elsewhere each change is one plain line.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cdk_sagemaker_processing.cli import words
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.progress import StateProgress, Status

_MARKS = {
    Status.WAITING: ("·", "dim"),
    Status.RUNNING: ("▸", "cyan"),
    Status.RETRYING: ("↻", "yellow"),
    Status.SUCCEEDED: ("✓", "green"),
    Status.CAUGHT: ("!", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.STOPPED: ("■", "yellow"),
    Status.SKIPPED: ("-", "dim"),
}
_STAGE_WIDTH = 13
_REFRESH_PER_SECOND = 8
_PLAIN_REPORT_SECONDS = 10


class Stage:
    """One stage of the set-up, as its display shows it.

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


class Display:
    """Shows the command's progress on a console.

    Args:
        console: Where; whether it is a terminal decides the manner.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._stage: Stage | None = None
        self._told_at = 0.0
        self._statuses: dict[str, Status] = {}

    def report(self, text: str) -> None:
        """Show what the stage under way is doing."""
        stage = self._stage
        if stage is None:
            return
        stage.detail = text
        if not self.console.is_terminal and time.monotonic() - self._told_at > _PLAIN_REPORT_SECONDS:
            self._told_at = time.monotonic()
            self.console.print(Text(f"  … {stage.name}: {text}"), soft_wrap=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Show a stage for as long as the block lasts, and its outcome after it.

        Args:
            name: Its name, of at most 12 characters.
        """
        stage = self._stage = Stage(name)
        self._told_at = time.monotonic()
        mark = _MARKS[Status.FAILED]
        try:
            with self._live(lambda: _stage_line(_spinner(), stage)):
                yield stage
            mark = _MARKS[Status.SUCCEEDED]
        except Exception:
            stage.detail = "failed"
            raise
        except BaseException:
            mark, stage.detail = _MARKS[Status.STOPPED], "interrupted"
            raise
        finally:
            stage.end()
            self._stage = None
            self._print(_stage_line(Text(*mark), stage))
