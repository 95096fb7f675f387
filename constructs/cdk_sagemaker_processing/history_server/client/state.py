"""How a History Server is: its tasks and what their mirrors last warned of; and how it is ended."""

from dataclasses import dataclass

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explained
from cdk_sagemaker_processing.history_server.client.logs import TaskLog, is_trouble
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.tasks import Task, Tasks
from cdk_sagemaker_processing.history_server.containers import MIRROR

__all__ = ["TaskState", "read_state", "stop_tasks"]

_TROUBLE_LINES = 5
_STOP_MINUTES = 5


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task and the last that its mirror warned of.

    Attributes:
        task: The task.
        trouble: The last lines of its mirror's log that begin with WARNING, ERROR or ENDED.
    """

    task: Task
    trouble: tuple[str, ...]


def read_state(opening: Opening) -> tuple[TaskState, ...]:
    """Return the tasks that run, oldest first; if none does, the last that ran, if within the hour.

    Args:
        opening: Whose and how.

    Raises:
        HistoryError: If AWS refuses to tell.
    """
    tasks = Tasks(opening.client_of("ecs"), opening.server)
    last = () if (running := tasks.running()) else (tasks.newest_stopped(),)
    return tuple(TaskState(one, _trouble(opening, one)) for one in (*running, *last) if one)


def stop_tasks(opening: Opening) -> tuple[Task, ...]:
    """Stop all tasks of the server, and wait until they have ended.

    Args:
        opening: Whose and how.

    Returns:
        The tasks that were stopped.

    Raises:
        HistoryError: If AWS refuses, or one has not ended after five minutes.
    """
    tasks = Tasks(opening.client_of("ecs"), opening.server)
    running = tasks.running()
    for task in running:
        tasks.stop(task, "Stopped by `sagemaker-processing history stop`")
    left = running
    for _ in opening.clock.looks(_STOP_MINUTES * 60):
        left = tuple(task for task in left if not _has_ended(tasks, task))
        if not left:
            return running
        opening.report(f"waiting for {', '.join(task.identity for task in left)} to end")
    names = ", ".join(task.identity for task in left)
    raise HistoryError(f"still ending after {_STOP_MINUTES} minutes: {names}")


def _has_ended(tasks: Tasks, task: Task) -> bool:
    now = tasks.look(task)
    return now is None or now.has_ended


def _trouble(opening: Opening, task: Task) -> tuple[str, ...]:
    log = TaskLog(opening.client_of("logs"), opening.server.log_group, MIRROR, task.identity)
    with explained():
        while log.read():
            pass
    return tuple(filter(is_trouble, log.lines))[-_TROUBLE_LINES:]
