"""A task that runs: the one that is there, else a new one."""

from collections.abc import Iterator
from contextlib import contextmanager

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.tasks import Task, Tasks
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError, Watch, doing

__all__ = ["TaskGoesOnError", "going_on", "running_task"]

_MOST_MINUTES = 10


class TaskGoesOnError(HistoryError):
    """It does not come to a page, but there is a task, which goes on."""


@contextmanager
def going_on() -> Iterator[None]:
    """Raise what goes wrong in the block, other than the task's end, as a TaskGoesOnError."""
    try:
        yield
    except TaskEndedError:
        raise
    except HistoryError as error:
        raise TaskGoesOnError(str(error)) from error


def running_task(opening: Opening) -> Watch:
    """Return a task that runs, found or started.

    Args:
        opening: Whose and how.

    Raises:
        TaskEndedError: If it ends before it runs.
        TaskGoesOnError: If AWS lets it be started, but not looked at.
        HistoryError: If AWS refuses, or it does not run within ten minutes.
    """
    tasks = Tasks(opening.client_of("ecs"), opening.server)
    found = _found(opening, tasks)
    if found is not None:
        try:
            return _until_running(opening, tasks, found)
        except TaskEndedError as ended:
            # It was about to end when it was found.
            if not ended.is_planned:
                raise
    return _until_running(opening, tasks, _new(opening, tasks))


def _found(opening: Opening, tasks: Tasks) -> Task | None:
    running = tasks.running()
    if not running:
        return None
    oldest, newest = running[0], opening.server.newest
    if newest and oldest.definition != newest:
        opening.tell(
            f"The task that runs is of {oldest.revision}, deployed before "
            f"{newest.rpartition('/')[2]}: `history stop` ends it, the next one is new."
        )
    return oldest


def _new(opening: Opening, tasks: Tasks) -> Task:
    if opening.server.service:
        return _of_service(opening, tasks)
    opening.report("starting a task")
    return tasks.start()


def _of_service(opening: Opening, tasks: Tasks) -> Task:
    service = opening.server.service
    for _ in opening.clock.looks(_MOST_MINUTES * 60):
        opening.report(f"waiting for service {service} to start a task")
        running = tasks.running()
        if running:
            return running[0]
    raise HistoryError(
        f"service {service} started no task within {_MOST_MINUTES} minutes: its events in ECS say "
        "why"
    )


def _until_running(opening: Opening, tasks: Tasks, task: Task) -> Watch:
    watch = Watch(
        tasks,
        opening.client_of("logs"),
        opening.server,
        task,
        tell=opening.tell,
        clock=opening.clock,
    )
    for _ in opening.clock.looks(_MOST_MINUTES * 60):
        with going_on():
            now = watch.look()
        if now.status == "RUNNING":
            return watch
        opening.report(f"{now.identity}: {doing(now)}")
    raise HistoryError(
        f"task {task.identity} does not run after {_MOST_MINUTES} minutes ({doing(watch.task)}): "
        "`history stop` ends it"
    )
