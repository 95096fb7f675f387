"""What MiniStack's records learn of tasks, and services of theirs; nothing runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import ecs

from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.ecs.tasks import Tasks
from cdk_sagemaker_processing.local.tasks.container import UNHEALTHY
from cdk_sagemaker_processing.local.tasks.record import ContainerRecord, TaskRecord

_PLACE = ("000000000000", "us-east-1")
_CLUSTER = "arn:aws:ecs:us-east-1:000000000000:cluster/main"
_ARN = "arn:aws:ecs:us-east-1:000000000000:task/main/0123456789abcdef0123456789abcdef"
_UNKNOWN: tuple[int, dict[str, str], bytes] = (200, {}, b"asked MiniStack")


@dataclass(slots=True)
class Task:
    """A task that does what a test says."""

    arn: str
    changed: Callable[["Task"], None]
    record: TaskRecord = field(
        default_factory=lambda: TaskRecord({"main": ContainerRecord("main", True, True)})
    )
    stops: list[tuple[str, str]] = field(default_factory=list)

    def stop(self, reason: str, code: str) -> None:
        """Note why."""
        self.stops.append((reason, code))

    def becomes(self, status: str, code: str | None = None, lasted: float = 0) -> None:
        """Come to a status, after so many seconds since it started."""
        self.record.last_status, self.record.stop_code = status, code
        self.record.times = {"startedAt": 1000.0, "stoppedAt": 1000.0 + lasted}
        self.changed(self)


@dataclass(slots=True)
class Closing:
    """The cloud's end; notes how long somebody would wait for it."""

    has_come: bool = False
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> bool:
        """Let the time go by at once."""
        self.waits.append(seconds)
        return self.has_come

    def is_set(self) -> bool:
        """Whether it has come."""
        return self.has_come


@dataclass(slots=True)
class Runner:
    """Keeps tasks and runs none."""

    closing: Closing = field(default_factory=Closing)
    tasks: dict[str, Task] = field(default_factory=dict)

    def start(
        self, arn: str, _definition: Any, _overrides: Any, changed: Callable[[Task], None]
    ) -> Task:
        """Keep a task."""
        return self.tasks.setdefault(arn, Task(arn, changed))

    def task(self, arn: str) -> Task | None:
        """Return one that has not ended."""
        return self.tasks.get(arn)


@dataclass(slots=True)
class Records:
    """MiniStack's records of one task, and what was done about its service.

    Attributes:
        task: The record.
        runner: What runs it.
        mends: The functions that stand where MiniStack would call Docker.
        service: What was told of the service.
    """

    task: dict[str, Any]
    runner: Runner
    mends: dict[str, Callable[..., Any]]
    service: list[str] = field(default_factory=list)

    def start(self) -> Task:
        """Start the task, as MiniStack's worker would."""
        self.mends["_run_task_worker"](None, self.task, {}, [], None, *_PLACE)
        return self.runner.tasks[_ARN]

    def stop(self, task: str = _ARN, **members: str) -> Any:
        """Answer StopTask."""
        return ecs._ACTION_MAP["StopTask"]({"cluster": "main", "task": task, **members})

    def note(self, word: str) -> Callable[..., None]:
        """A function of MiniStack's that only notes that it was called."""
        return lambda *_, **_members: self.service.append(word)


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """The records of a task of a service that is about to start."""
    mends: dict[str, Callable[..., Any]] = {}

    def mend(_module: Any, functions: Mapping[str, Callable[..., Any]]) -> None:
        mends.update(functions)

    monkeypatch.setattr(seams, "mend", mend)
    monkeypatch.setitem(ecs._ACTION_MAP, "StopTask", lambda _data: _UNKNOWN)
    task = {
        "taskArn": _ARN,
        "clusterArn": _CLUSTER,
        "group": "service:always",
        "lastStatus": "PROVISIONING",
        "desiredStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "containers": [{"name": "main"}],
        "overrides": {},
    }
    found = Records(task, Runner(), mends)
    for name, word in {
        "_record_service_task_failure": "failure",
        "_reconcile_service_tasks": "replacement",
        "_schedule_service_deployment_completion": "steady",
    }.items():
        monkeypatch.setattr(ecs, name, found.note(word))
    runner: Any = found.runner
    Tasks(runner).install()
    with request_scope(*_PLACE):
        ecs._tasks[_ARN] = task
        yield found
        del ecs._tasks[_ARN]


def test_a_task_may_be_stopped_before_it_has_started(records: Records) -> None:
    """It is stopped as soon as it does; the answer has nothing of how."""
    code, _, body = records.stop(reason="changed my mind")
    answered = json.loads(body)["task"]
    assert (code, answered["taskArn"]) == (200, _ARN)
    assert not [member for member in answered if member.startswith("_")]
    assert records.start().stops == [("changed my mind", "UserInitiated")]


def test_a_task_that_runs_is_stopped_at_once(records: Records) -> None:
    """With ECS's own reason when none is given; by a service's scheduler under its own code."""
    task = records.start()
    assert task.stops == []
    records.stop()
    data = {"cluster": "main", "task": _ARN, "reason": "scaled in"}
    records.mends["_stop_task"](lambda _data: _UNKNOWN, data)
    assert task.stops == [
        ("Task stopped by user", "UserInitiated"),
        ("scaled in", "ServiceSchedulerInitiated"),
    ]


def test_a_task_that_is_over_is_told_as_it_is(records: Records) -> None:
    """Nothing is kept for later."""
    records.task |= {"lastStatus": "STOPPED", "stoppedReason": "seen enough"}
    _, _, body = records.stop()
    assert json.loads(body)["task"]["stoppedReason"] == "seen enough"
    assert "_stopped" not in records.task


def test_an_unknown_task_is_ministack_s_to_refuse(records: Records) -> None:
    """With its own words."""
    assert records.stop("nonesuch") == _UNKNOWN


def test_no_task_at_all_stops_none(records: Records) -> None:
    """Such as an empty variable of a script: MiniStack would take any task of the cluster."""
    task = records.start()
    code, _, body = records.stop("")
    assert (code, json.loads(body)["__type"]) == (400, "InvalidParameterException")
    assert task.stops == []


def test_a_service_is_steady_once_its_task_runs(records: Records) -> None:
    """That is told once, however often the task tells of itself."""
    task = records.start()
    for status in ("PENDING", "RUNNING", "RUNNING"):
        task.becomes(status)
    assert (records.service, records.task["lastStatus"]) == (["steady"], "RUNNING")


def test_a_service_s_task_that_is_not_well_is_stopped(records: Records) -> None:
    """One that has just ended needs no stopping."""
    task = records.start()
    task.becomes("RUNNING")
    task.record.containers["main"].health_status = UNHEALTHY
    task.becomes("RUNNING")
    assert records.task["healthStatus"] == UNHEALTHY
    reason = "Task failed container health checks"
    assert task.stops == [(reason, "ServiceSchedulerInitiated")]
    records.runner.tasks.clear()
    task.becomes("RUNNING")
    assert len(task.stops) == 1


def test_another_task_that_is_not_well_is_left_alone(records: Records) -> None:
    """Nobody's service cares for it."""
    records.task["group"] = "family:once"
    task = records.start()
    task.record.containers["main"].health_status = UNHEALTHY
    task.becomes("RUNNING")
    task.becomes("STOPPED", "EssentialContainerExited")
    assert (task.stops, records.service) == ([], [])


def test_a_task_that_was_stopped_is_replaced_at_once(records: Records) -> None:
    """It is no failure."""
    records.start().becomes("STOPPED", "UserInitiated")
    assert (records.service, records.runner.closing.waits) == (["replacement"], [])


def test_a_service_waits_longer_for_each_task_that_does_not_last(records: Records) -> None:
    """Up to a minute; after one that has lasted it begins anew."""
    task = records.start()
    for _ in range(8):
        task.becomes("STOPPED", "EssentialContainerExited", lasted=5)
    task.becomes("STOPPED", "TaskFailedToStart", lasted=61)
    assert records.runner.closing.waits == [1, 2, 4, 8, 16, 32, 60, 60, 1]
    assert records.service == ["failure"] * 9


@pytest.mark.parametrize("code", ["EssentialContainerExited", "UserInitiated"])
def test_nothing_is_replaced_in_a_cloud_that_ends(records: Records, code: str) -> None:
    """Whyever its task has ended, and though the service was waiting."""
    records.runner.closing.has_come = True
    records.start().becomes("STOPPED", code)
    assert records.service == []
