"""What ECS's API tells of a task: its state and its containers', in the API's own members."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cdk_sagemaker_processing.local.tasks.container import HEALTHY, UNHEALTHY, UNKNOWN
from cdk_sagemaker_processing.local.tasks.definition import Definition

__all__ = ["ContainerRecord", "TaskRecord"]


@dataclass(slots=True)
class ContainerRecord:
    """What is known of a container; the names are the API's."""

    name: str
    essential: bool
    checked: bool
    last_status: str = "PENDING"
    health_status: str = UNKNOWN
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    network_bindings: Sequence[dict[str, Any]] = ()

    def members(self) -> dict[str, Any]:
        """It as DescribeTasks has it; what there is nothing of is None."""
        return {
            "name": self.name,
            "lastStatus": self.last_status,
            "healthStatus": self.health_status,
            "exitCode": self.exit_code,
            "reason": self.reason,
            "runtimeId": self.runtime_id,
            "networkBindings": list(self.network_bindings),
        }


@dataclass(slots=True)
class TaskRecord:
    """What is known of a task; the names are the API's, times are seconds since 1970."""

    containers: dict[str, ContainerRecord]
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    stop_code: str | None = None
    stopped_reason: str | None = None
    times: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: Definition) -> "TaskRecord":
        """Return the record of a task that is about to start."""
        return cls(
            {
                one.name: ContainerRecord(one.name, one.essential, one.health_check is not None)
                for one in definition.containers
            }
        )

    def mark(self, member: str) -> None:
        """Note that a time has come, such as `startedAt`; the first one counts."""
        self.times.setdefault(member, round(time.time(), 3))

    def is_running(self, name: str, task_id: str) -> None:
        """Note that a container runs."""
        container = self.containers[name]
        container.last_status = "RUNNING"
        container.runtime_id = f"{task_id.replace('-', '')}-{secrets.randbelow(10**10):010}"

    @property
    def health_status(self) -> str:
        """The health of the essential containers that have a check: the worst of it."""
        found = {
            one.health_status for one in self.containers.values() if one.essential and one.checked
        }
        if UNHEALTHY in found:
            return UNHEALTHY
        return HEALTHY if found == {HEALTHY} else UNKNOWN

    def members(self) -> dict[str, Any]:
        """It as DescribeTasks has it; what there is nothing of is None."""
        return {
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "healthStatus": self.health_status,
            "stopCode": self.stop_code,
            "stoppedReason": self.stopped_reason,
            "containers": [one.members() for one in self.containers.values()],
            **self.times,
        }
