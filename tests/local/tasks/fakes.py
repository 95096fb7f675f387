"""What tasks run on in tests: tiny shell containers, and logs in memory."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs import Credentials
from cdk_sagemaker_processing.local.jobs.errors import Interrupted
from cdk_sagemaker_processing.local.jobs.logs import LogStream, LogStreamError
from cdk_sagemaker_processing.local.report import Report
from cdk_sagemaker_processing.local.tasks import Image, ImageError, RoleSession, Task, TaskRunner
from cdk_sagemaker_processing.local.tasks.definition import Container
from tests.waiting import until

ARN = "arn:aws:ecs:eu-west-1:123456789012:task/cluster/{id}"
ROLE = "arn:aws:iam::123456789012:role/task"
SH = "shell"
SLOW = "slow"


class ShellImages:
    """Has one image, a shell's, and one that takes until it is given up."""

    def pull(self, uri: str, _report: Report, stop: threading.Event) -> Image:
        """Return the image."""
        if uri == SLOW:
            stop.wait()
            raise Interrupted
        if uri != SH:
            raise ImageError(f"no {uri}")
        return Image({"PATH": "/usr/bin:/bin"}, {"greet": ("/bin/echo", "hello from")})


@dataclass
class Lines:
    """A log stream in memory."""

    lines: list[str] = field(default_factory=list)

    def put(self, events: Sequence[tuple[int, str]]) -> None:
        """Add lines."""
        self.lines += [line for _, line in events]


@dataclass
class MemoryLogs:
    """Logs in memory, by the containers' names; `refused` is why there are none."""

    of: dict[str, Lines] = field(default_factory=dict)
    refused: str | None = None
    written_with: list[Credentials | None] = field(default_factory=list)

    def make(
        self, container: Container, _task_id: str, credentials: Credentials | None
    ) -> LogStream | None:
        """Make a log."""
        if self.refused:
            raise LogStreamError(self.refused)
        self.written_with.append(credentials)
        return self.of.setdefault(container.name, Lines())

    def __getitem__(self, container: str) -> list[str]:
        """What a container wrote."""
        return self.of[container].lines


@dataclass
class Here:
    """A runner of tasks, and what became of them."""

    home: Path
    logs: MemoryLogs = field(default_factory=MemoryLogs)
    statuses: list[str] = field(default_factory=list)
    roles: dict[str, timedelta] = field(default_factory=lambda: {ROLE: timedelta(hours=1)})
    forbidden_images: dict[str, str] = field(default_factory=dict)
    runner: TaskRunner = field(init=False)

    def __post_init__(self) -> None:
        """Make the runner."""
        self.runner = TaskRunner(
            home=self.home,
            endpoint_url="http://127.0.0.1:1",
            assume=self.assume,
            execution=lambda role, task: self.assume(role, task).credentials,
            ca_bundle=Path("/certificate.pem"),
            images=ShellImages(),
            pull_refusal=lambda _role, image: self.forbidden_images.get(image),
            streams=self.logs,
        )
        self.given = 0

    def assume(self, role: str, _task: str) -> RoleSession:
        """Give a session of one of the roles."""
        if role not in self.roles:
            raise LookupError("there is no such role")
        self.given += 1
        given = Credentials(f"KEY{self.given}", "secret", "token")
        return RoleSession(given, datetime.now(UTC) + self.roles[role])

    def start(self, *containers: dict[str, Any], **members: Any) -> Task:
        """Start a task of some containers."""
        overrides = members.pop("overrides", {})
        definition = {"containerDefinitions": list(containers), **members}
        arn = ARN.format(id=f"{len(self.statuses)}-{time.monotonic_ns()}")
        return self.runner.start(arn, definition, overrides, self._note)

    def run(self, *containers: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Run a task to its end, and return what ECS would tell of it."""
        task = self.start(*containers, **members)
        return self.ended(task)

    def ended(self, task: Task) -> dict[str, Any]:
        """Wait for a task's end, and return what ECS would tell of it."""
        until(lambda: self.runner.task(task.arn) is None)
        return dict(task.record.members())

    def _note(self, task: Task) -> None:
        if self.statuses[-1:] != [task.record.last_status]:
            self.statuses.append(task.record.last_status)


def shell(script: str, name: str = "main", **members: Any) -> dict[str, Any]:
    """A container that runs a script."""
    return {"name": name, "image": SH, "entryPoint": ["sh", "-c"], "command": [script], **members}


def container(members: dict[str, Any], name: str = "main") -> dict[str, Any]:
    """One container of what ECS tells of a task."""
    (found,) = (one for one in members["containers"] if one["name"] == name)
    return dict(found)
