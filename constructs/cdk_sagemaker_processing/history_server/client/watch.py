"""A task, watched while something is waited for: what it does, what its mirror says, its end."""

from collections.abc import Callable, Iterator
from typing import Any

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explained
from cdk_sagemaker_processing.history_server.client.found import Server
from cdk_sagemaker_processing.history_server.client.logs import (
    ENDED,
    TaskLog,
    is_over,
    is_trouble,
)
from cdk_sagemaker_processing.history_server.client.tasks import Task, Tasks
from cdk_sagemaker_processing.history_server.containers import MIRROR, SERVER
from cdk_sagemaker_processing.runs.clock import Clock

__all__ = ["TaskEndedError", "Told", "Watch", "doing"]

Told = Callable[[str], None]
"""Is told one line."""

_TAIL = 15
# ECS tells of a task it has just started within this time.
_UNKNOWN_SECONDS = 60
_WORDS = {
    "PROVISIONING": "getting a network interface",
    "PENDING": "waiting for a machine",
    "ACTIVATING": "starting its containers",
    "RUNNING": "running",
    "DEACTIVATING": "ending",
    "STOPPING": "ending",
    "DEPROVISIONING": "ending",
    "STOPPED": "ended",
}


class TaskEndedError(HistoryError):
    """The task ended.

    Attributes:
        is_planned: Whether it ended as it should: idle for long, too old, or told to.
    """

    def __init__(self, told: str, *, is_planned: bool) -> None:
        super().__init__(told)
        self.is_planned = is_planned


class Watch:
    """One task, looked at.

    Args:
        tasks: The tasks of the server.
        logs: A boto3 client of CloudWatch Logs.
        server: The server.
        task: The task.
        tell: Is told what the mirror warns of, as it comes.
        clock: How time is told and spent.

    Attributes:
        task: The task as it was at the last look.
        log: The mirror's log.
    """

    def __init__(
        self,
        tasks: Tasks,
        logs: Any,
        server: Server,
        task: Task,
        *,
        tell: Told,
        clock: Clock,
    ) -> None:
        self.task = task
        self.log = TaskLog(logs, server.log_group, MIRROR, task.identity)
        self._server_log = TaskLog(logs, server.log_group, SERVER, task.identity)
        self._tasks = tasks
        self._tell = tell
        self._clock = clock
        self._told: set[str] = set()
        self._last_known = clock.now()

    def look(self) -> Task:
        """Ask how the task is, and tell what its mirror warns of.

        Raises:
            TaskEndedError: If it has ended.
            HistoryError: If AWS refuses to tell.
        """
        now = self._tasks.look(self.task)
        if now is None:
            self._raise_if_unknown_for_long()
            return self.task
        self.task, self._last_known = now, self._clock.now()
        with explained():
            news = self.log.read()
        for line in news:
            self._pass_on(line)
        if now.has_ended:
            raise self._ended()
        return now

    def _pass_on(self, line: str) -> None:
        """Tell a trouble, but not each time that the mirror says that it lasts."""
        if is_over(line):
            self._told.clear()
        # Why it ended is in what is raised then.
        if is_trouble(line) and not line.startswith(ENDED) and line not in self._told:
            self._told.add(line)
            self._tell(line)

    def _raise_if_unknown_for_long(self) -> None:
        if self._clock.now() - self._last_known > _UNKNOWN_SECONDS:
            raise TaskEndedError(
                f"ECS knows no task {self.task.identity} (any more): open it again",
                is_planned=False,
            )

    def _ended(self) -> TaskEndedError:
        with explained():
            self._server_log.read()
        mirror = self.task.container(MIRROR)
        is_planned = mirror is not None and mirror.exit_code == 0 and bool(self.log.ended)
        why = self.log.ended or self.task.reason or "ECS gave no reason"
        first = f"the History Server's task ended: {why}"
        if is_planned:
            return TaskEndedError(first, is_planned=True)
        told = [first, *self._facts(), *self.log.lines[-_TAIL:], *self._server_log.lines[-_TAIL:]]
        return TaskEndedError("\n".join(told), is_planned=False)

    def _facts(self) -> Iterator[str]:
        if self.log.ended and self.task.reason:
            yield f"ECS: {self.task.reason}"
        for one in self.task.containers:
            code = "" if one.exit_code is None else f"exit code {one.exit_code}"
            said = ", ".join(filter(None, (code, one.reason)))
            if said:
                yield f"{one.name}: {said}"
        yield f"its logs: {self.log.place} and {self._server_log.place}"


def doing(task: Task) -> str:
    """Return what a task is doing, in words."""
    if task.status == "PENDING" and task.is_pulling:
        return "pulling its images"
    return _WORDS.get(task.status, task.status.lower() or "asked for")
