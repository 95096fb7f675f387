"""The tasks of a local cloud."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.tasks.credentials import RoleSession
from cdk_sagemaker_processing.local.tasks.definition import Definition
from cdk_sagemaker_processing.local.tasks.images import Images, StandIns
from cdk_sagemaker_processing.local.tasks.logs import AwsLogs, LogStreams
from cdk_sagemaker_processing.local.tasks.prepare import Settings
from cdk_sagemaker_processing.local.tasks.task import Task

__all__ = ["TaskRunner"]

_CLOSED = "The local cloud is shutting down"


class TaskRunner:
    """Runs ECS's tasks as processes of this machine; safe to use from threads.

    Args:
        home: The folder in which every task gets one of its own, removed at its end.
        endpoint_url: The local cloud's address, which containers are told.
        assume: Gives a session of a task's role, by its ARN and the task's; raises LookupError
            with the reason.
        execution: Gives credentials of an execution role alike, good for as long as the task runs.
        ca_bundle: The certificates that vouch for `endpoint_url`, when it is HTTPS.
        images: Where images come from; the machine's stand-ins by default.
        pull_refusal: Says, in AWS's words, why a role may not pull an image; by default it may.
        streams: Where logs go; CloudWatch Logs at `endpoint_url` by default.
    """

    def __init__(
        self,
        *,
        home: Path,
        endpoint_url: str,
        assume: Callable[[str, str], RoleSession],
        execution: Callable[[str, str], Credentials],
        ca_bundle: Path | None = None,
        images: Images | None = None,
        pull_refusal: Callable[[str, str], str | None] | None = None,
        streams: LogStreams | None = None,
    ) -> None:
        self._settings = Settings(
            home=home.absolute(),
            endpoint_url=endpoint_url,
            ca_bundle=ca_bundle,
            images=images or StandIns(),
            assume=assume,
            execution=execution,
            pull_refusal=pull_refusal or _nothing_refused,
            streams=streams or AwsLogs(endpoint_url, ca_bundle),
        )
        self._lock = threading.Lock()
        self._tasks: dict[str, tuple[Task, threading.Thread]] = {}

    def start(
        self,
        arn: str,
        definition: Mapping[str, Any],
        overrides: Mapping[str, Any],
        changed: Callable[[Task], None],
    ) -> Task:
        """Start a task.

        Args:
            arn: Its ARN.
            definition: The task definition, in the form of ECS's API.
            overrides: The overrides of RunTask.
            changed: Called, from the task's thread, whenever its record has changed; for the last
                time when it is STOPPED.
        """
        task = Task(arn, Definition.of(definition, overrides), self._settings, changed)
        thread = threading.Thread(target=partial(self._run, task), name=f"task {arn}", daemon=True)
        with self._lock:
            if self._settings.closing.is_set():
                task.stop(_CLOSED, "TaskFailedToStart")
            self._tasks[arn] = task, thread
        thread.start()
        return task

    @property
    def closing(self) -> threading.Event:
        """Set when no task is to start any more."""
        return self._settings.closing

    def task(self, arn: str) -> Task | None:
        """Return a task that has not ended."""
        with self._lock:
            found = self._tasks.get(arn)
        return found[0] if found else None

    def close(self) -> None:
        """Stop every task and wait until nothing of any is left."""
        with self._lock:
            self._settings.closing.set()
            running = list(self._tasks.values())
        for task, _ in running:
            task.stop(_CLOSED, "TerminationNotice")
        for _, thread in running:
            thread.join()

    def _run(self, task: Task) -> None:
        try:
            task.run()
        finally:
            with self._lock:
                del self._tasks[task.arn]


def _nothing_refused(_role: str, _image: str) -> str | None:
    return None
