"""One running container: a process tree in namespaces of its own, its log, its health."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.local.jobs.logs import JobLog
from cdk_sagemaker_processing.local.jobs.sandbox import (
    CommandError,
    SandboxedProcess,
    SandboxUnavailable,
    launch,
)
from cdk_sagemaker_processing.local.tasks.definition import HealthCheck

__all__ = ["HEALTHY", "UNHEALTHY", "UNKNOWN", "Program", "RunningContainer"]

HEALTHY = "HEALTHY"
UNHEALTHY = "UNHEALTHY"
UNKNOWN = "UNKNOWN"

# The user that root is inside: root's rights over the machine are no container's.
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Program:
    """What a container runs.

    Attributes:
        command: The program and its arguments.
        variables: Its environment variables, all of them.
        folder: Where it starts.
    """

    command: Sequence[str]
    variables: Mapping[str, str]
    folder: str

    def start(self, command: Sequence[str] | None = None) -> SandboxedProcess:
        """Start it, or another command in its place.

        Raises:
            CommandError: The program is missing or not executable.
            SandboxUnavailable: The machine refuses namespaces.
        """
        plan: dict[str, Any] = {
            "command": list(command or self.command),
            "environment": dict(self.variables),
            "folder": self.folder,
            "isolate_network": False,
            "mounts": [],
            "user": os.geteuid() or _NOBODY,
            "visible": [],
        }
        return launch(plan)


class RunningContainer:
    """A container that was started; `log` is closed with it.

    Args:
        program: What it runs.
        log: Receives what it writes.
        health_check: What tells whether it is well.
        changed: Called, from any thread, when it ends or its health changes.

    Raises:
        CommandError: The program is missing or not executable.
        SandboxUnavailable: The machine refuses namespaces.
    """

    def __init__(
        self,
        program: Program,
        log: JobLog,
        health_check: HealthCheck | None,
        changed: Callable[[], None],
    ) -> None:
        self.health = UNKNOWN
        self.exit_code: int | None = None
        self._program = program
        self._log = log
        self._changed = changed
        self._over = threading.Event()
        self._probe: SandboxedProcess | None = None
        self._process = program.start()
        threads = [threading.Thread(target=self._attend, daemon=True)]
        if health_check:
            check = threading.Thread(target=self._watch, args=[health_check], daemon=True)
            threads.append(check)
        self._threads = threads
        for thread in threads:
            thread.start()

    def terminate(self) -> None:
        """Ask it to end, by SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """End all of it at once."""
        self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; return whether it has come."""
        return self._over.wait(seconds)

    def close(self) -> None:
        """End what still runs of it; its log is delivered when this returns."""
        self._process.kill()
        self._over.wait()
        if self._probe:
            self._probe.kill()
        for thread in self._threads:
            thread.join()
        self._process.end()

    def _attend(self) -> None:
        self._log.copy(self._process.output)
        code = self._process.wait()
        self._log.close()
        self.exit_code = code
        self._over.set()
        self._changed()

    def _watch(self, check: HealthCheck) -> None:
        start, failed = time.monotonic(), 0
        while not self._over.wait(check.interval):
            if self._is_well(check):
                failed = 0
                self._set_health(HEALTHY)
            elif time.monotonic() - start > check.start_period:
                failed += 1
                if failed >= check.retries:
                    self._set_health(UNHEALTHY)

    def _is_well(self, check: HealthCheck) -> bool:
        try:
            process = self._program.start(check.command)
        except (CommandError, SandboxUnavailable):
            return False
        self._probe = process
        guard = threading.Timer(check.timeout, process.kill)
        guard.start()
        try:
            process.output.read()
            return process.wait() == 0
        finally:
            guard.cancel()
            process.end()

    def _set_health(self, health: str) -> None:
        if self.health != health:
            self.health = health
            self._changed()
