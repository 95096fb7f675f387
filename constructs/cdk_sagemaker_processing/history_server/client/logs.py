"""What the containers of a task log, read on as it grows."""

from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.history_server.client.errors import explain, is_denied

__all__ = ["ENDED", "TaskLog", "is_over", "is_trouble"]

ENDED = "ENDED "
"""How the line begins by which the mirror says why it ends."""

_PREFIX = "history"
_FIRST_SYNC = "INFO first sync"
_SYNC_DONE = f"{_FIRST_SYNC} done"
_TROUBLE = ("WARNING ", "ERROR ", ENDED)
_OVER = ": nothing is wrong any more"
_MOST_PAGES = 20
_MISSING = "ResourceNotFoundException"


def is_trouble(line: str) -> bool:
    """Whether a line is one that a person should see: a warning, an error, or the end."""
    return line.startswith(_TROUBLE)


def is_over(line: str) -> bool:
    """Whether a line says of some trouble that it is over."""
    return line.startswith("INFO ") and line.endswith(_OVER)


class TaskLog:
    """The log of one container of one task.

    Args:
        logs: A boto3 client of CloudWatch Logs.
        group: The log group.
        container: The container's name.
        task_id: The task's id.

    Attributes:
        lines: All that has been read.
    """

    def __init__(self, logs: Any, group: str, container: str, task_id: str) -> None:
        self._logs = logs
        self._group = group
        self._stream = f"{_PREFIX}/{container}/{task_id}"
        self._token: str | None = None
        self._is_denied = False
        self.lines: list[str] = []

    @property
    def ended(self) -> str:
        """Why the container says that it ended; empty if it has not."""
        last = (line for line in reversed(self.lines) if line.startswith(ENDED))
        return next(last, "").removeprefix(ENDED)

    @property
    def is_filling(self) -> bool:
        """Whether the mirror says that it still brings the logs that were there when it began."""
        last = (line for line in reversed(self.lines) if line.startswith(_FIRST_SYNC))
        return not next(last, _SYNC_DONE).startswith(_SYNC_DONE)

    @property
    def place(self) -> str:
        """Where it is in CloudWatch Logs."""
        return f"{self._group} {self._stream}"

    def read(self) -> list[str]:
        """Read what is new, and return it; a log that is not there yet has nothing.

        Where reading is not allowed, one line says so, and nothing comes after it.
        """
        new: list[str] = []
        try:
            for _ in range(0 if self._is_denied else _MOST_PAGES):
                page, is_last = self._page()
                new += page
                if is_last:
                    break
        except ClientError as error:
            if is_denied(error):
                self._is_denied = True
                new.append(f"WARNING its log cannot be read: {explain(error)}")
            elif error.response["Error"]["Code"] != _MISSING:
                raise
        self.lines += new
        return new

    def _page(self) -> tuple[list[str], bool]:
        position = {"nextToken": self._token} if self._token else {}
        answer = self._logs.get_log_events(
            logGroupName=self._group,
            logStreamName=self._stream,
            startFromHead=True,
            **position,
        )
        token = answer["nextForwardToken"]
        lines = [
            line for event in answer["events"] for line in event["message"].splitlines() or [""]
        ]
        is_last = not answer["events"] or token == self._token
        self._token = token
        return lines, is_last
