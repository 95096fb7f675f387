"""The life of one task, from its folder to its end.

1. PENDING: all that its containers need is prepared (`prepare`).
2. Its containers start, each when what it depends on has come; when all have, it is RUNNING.
3. It is left to itself until an essential container ends or it is told to stop.
4. STOPPING: the others get SIGTERM, and SIGKILL after their time. DEPROVISIONING: its folder, its
   ports and its credentials go. STOPPED.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from cdk_sagemaker_processing.local.jobs.errors import Interrupted
from cdk_sagemaker_processing.local.jobs.sandbox import CommandError, SandboxUnavailable
from cdk_sagemaker_processing.local.tasks import order
from cdk_sagemaker_processing.local.tasks.container import RunningContainer
from cdk_sagemaker_processing.local.tasks.definition import Container, Definition
from cdk_sagemaker_processing.local.tasks.errors import StartError, not_started
from cdk_sagemaker_processing.local.tasks.prepare import Prepared, Settings, prepare
from cdk_sagemaker_processing.local.tasks.record import TaskRecord

__all__ = ["EXITED", "FAILED_TO_START", "Task"]

EXITED = "EssentialContainerExited"
FAILED_TO_START = "TaskFailedToStart"

_HURRIED_SECONDS = 2.0
_POLL_SECONDS = 0.1
_LOGGER = logging.getLogger(__name__)


class Task:
    """One task, in a thread of its own.

    Args:
        arn: Its ARN.
        definition: What it runs.
        settings: What all tasks share.
        changed: Called, from its thread, whenever something of the record has changed.
    """

    def __init__(
        self,
        arn: str,
        definition: Definition,
        settings: Settings,
        changed: Callable[["Task"], None],
    ) -> None:
        self.arn = arn
        self.definition = definition
        self.record = TaskRecord.of(definition)
        self._settings = settings
        self._tell = changed
        self._id = arn.rpartition("/")[2]
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[str, RunningContainer] = {}
        self._prepared: dict[str, Prepared] = {}

    def stop(self, reason: str, code: str) -> None:
        """Stop it: returns at once. What stops a task first is what it tells.

        Args:
            reason: Its `stoppedReason`.
            code: Its `stopCode`.
        """
        with self._lock:
            if self.record.desired_status == "STOPPED":
                return
            self.record.desired_status = "STOPPED"
            self.record.stopped_reason, self.record.stop_code = reason, code
            self.record.mark("stoppingAt")
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Run it to its end; never raises."""
        try:
            with ExitStack() as resources:
                self._live(resources)
                self._set("STOPPING")
                self._end_containers()
                self.record.mark("executionStoppedAt")
                self._set("DEPROVISIONING")
        except Exception as error:
            _LOGGER.exception("The task %s failed", self.arn)
            self.stop(f"InternalError: {type(error).__name__}: {error}", FAILED_TO_START)
        for container in self.record.containers.values():
            container.last_status = "STOPPED"
        self.record.mark("stoppedAt")
        self._set("STOPPED")

    def _set(self, status: str) -> None:
        self.record.last_status = status
        self._tell(self)

    def _live(self, resources: ExitStack) -> None:
        try:
            self._set("PENDING")
            self._prepared = prepare(
                self.arn,
                self.definition,
                self._settings,
                resources,
                stop=self._stopping,
                record=self.record,
            )
            resources.callback(self._close_containers)
            self._attend()
        except Interrupted:
            return
        except StartError as error:
            if error.container:
                self.record.containers[error.container].reason = error.detail
            self.stop(str(error), FAILED_TO_START)

    def _attend(self) -> None:
        while not self._stopping.is_set():
            self._start_ready()
            self._wake.wait()
            self._wake.clear()
            self._look()

    def _start_ready(self) -> None:
        waiting = [one for one in self.definition.containers if one.name not in self._running]
        ready = [one for one in waiting if order.may_start(one, self.record.containers)]
        for container in ready:
            self._start(container)
        if ready and len(ready) == len(waiting):
            self.record.mark("startedAt")
            self._set("RUNNING")
        elif ready:
            # One that started may be what the next waits for.
            self._start_ready()

    def _start(self, container: Container) -> None:
        ready = self._prepared[container.name]
        try:
            self._running[container.name] = RunningContainer(
                ready.program, ready.log, ready.health_check, self._wake.set
            )
        except (CommandError, SandboxUnavailable) as error:
            raise not_started(container.name, str(error)) from error
        self.record.is_running(container.name, self._id)

    def _look(self) -> None:
        """Note what has become of the containers, and what follows for the task."""
        for name, running in self._running.items():
            record = self.record.containers[name]
            record.health_status = running.health
            if running.exit_code is not None:
                record.last_status, record.exit_code = "STOPPED", running.exit_code
        records = self.record.containers.values()
        over = [one for one in records if one.last_status == "STOPPED"]
        if any(one.essential for one in over) or len(over) == len(records):
            self.stop("Essential container in task exited", EXITED)
        for container in self.definition.containers:
            lost = order.hopeless(container, self.record.containers)
            if lost and container.name not in self._running:
                raise not_started(
                    container.name,
                    f"the container {lost.container} did not come to {lost.condition}",
                )
        self._tell(self)

    def _end_containers(self) -> None:
        running = [one for one in self.definition.containers if one.name in self._running]
        while running:
            ending = order.to_stop(running)
            threads = [threading.Thread(target=self._end, args=[one]) for one in ending]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            running = [one for one in running if one not in ending]
            self._tell(self)

    def _end(self, container: Container) -> None:
        running, record = self._running[container.name], self.record.containers[container.name]
        if running.exit_code is None:
            running.terminate()
            self._be_patient(container, running)
        running.close()
        record.last_status, record.exit_code = "STOPPED", running.exit_code

    def _be_patient(self, container: Container, running: RunningContainer) -> None:
        asked = time.monotonic()
        while not running.wait(_POLL_SECONDS):
            hurried = self._settings.closing.is_set()
            limit = _HURRIED_SECONDS if hurried else container.stop_seconds
            if time.monotonic() - asked > min(limit, container.stop_seconds):
                return

    def _close_containers(self) -> None:
        for running in self._running.values():
            running.close()
