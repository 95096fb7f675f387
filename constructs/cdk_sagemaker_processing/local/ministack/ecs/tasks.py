"""Tasks in MiniStack's records: started where it would call Docker, stopped, replaced."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import error_response_json, json_response, request_scope
from ministack.services import ecs

from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.tasks import Task, TaskRunner

_Record = dict[str, Any]
_Response = tuple[int, dict[str, str], bytes]

_USER = "UserInitiated"
_SCHEDULER = "ServiceSchedulerInitiated"
_FAILURES = frozenset({"EssentialContainerExited", "TaskFailedToStart"})
_SERVICE = "service:"
_NO_TASK = "The referenced task was not found."
# ECS waits longer each time before it replaces a service's task that does not last: developer
# guide, "Amazon ECS service throttle logic". Here it need not wait for a quarter of an hour.
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_LASTING_SECONDS = 60.0


class Tasks:
    """The tasks behind MiniStack's ECS.

    Args:
        runner: Runs them.
    """

    def __init__(self, runner: TaskRunner) -> None:
        self._runner = runner
        self._pauses: dict[str, float] = {}

    def install(self) -> None:
        """Put them where MiniStack would call Docker."""
        seams.mend(
            ecs,
            {
                # Whole seconds do not tell which of two tasks is the older.
                "_iso": lambda _original: round(time.time(), 3),
                "_get_docker": lambda _original: self,
                "_deployment_needs_first_task": lambda *_: False,
                "_run_task_worker": self._start,
                "_stop_task": partial(self._stop, _SCHEDULER),
            },
        )
        ecs._ACTION_MAP["StopTask"] = partial(self._stop, _USER, ecs._ACTION_MAP["StopTask"])

    def _start(
        self,
        _original: Callable[..., None],
        record: _Record,
        definition: Mapping[str, Any],
        _overrides: Any,
        _docker: Any,
        account: str,
        region: str,
    ) -> None:
        arn = record["taskArn"]
        changed = partial(self._changed, record, account, region)
        with resource_lock("ecs-task", arn):
            task = self._runner.start(arn, definition, record["overrides"], changed)
            stopped = record.get("_stopped")
        if stopped:
            task.stop(*stopped)

    def _stop(
        self, code: str, original: Callable[..., _Response], data: Mapping[str, Any]
    ) -> _Response:
        if not data.get("task"):
            # To MiniStack every task's name ends with none.
            refused: _Response = error_response_json("InvalidParameterException", _NO_TASK, 400)
            return refused
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        record = ecs._resolve_task(data["task"], cluster)
        if not record:
            return original(data)
        reason = data.get("reason") or "Task stopped by user"
        arn = record["taskArn"]
        with resource_lock("ecs-task", arn):
            task = self._runner.task(arn)
            if task is None and record["lastStatus"] != "STOPPED":
                record["_stopped"] = reason, code
        if task:
            task.stop(reason, code)
            _write(record, task)
        with resource_lock("ecs-task", arn):
            response: _Response = json_response({"task": ecs._sanitize(record)})
        return response

    def _changed(self, record: _Record, account: str, region: str, task: Task) -> None:
        with request_scope(account, region):
            before = _write(record, task)
            cluster = ecs._cluster_name_from_arn(record["clusterArn"])
            ecs._recount_cluster(cluster)
            ecs._refresh_service_state(cluster, record["group"])
            if record["group"].startswith(_SERVICE):
                self._tell_service(f"{cluster}/{record['group'][len(_SERVICE) :]}", record, before)

    def _tell_service(self, key: str, record: _Record, before: str) -> None:
        status = record["lastStatus"]
        if status == "STOPPED":
            self._replace(key, record)
        elif status == "RUNNING" and before != status:
            account, region = record["taskArn"].split(":")[4], record["taskArn"].split(":")[3]
            ecs._schedule_service_deployment_completion(
                key.partition("/")[0], key, account, region, healthy_task=record
            )
        elif record["healthStatus"] == "UNHEALTHY":
            task = self._runner.task(record["taskArn"])
            if task:
                task.stop("Task failed container health checks", _SCHEDULER)

    def _replace(self, key: str, record: _Record) -> None:
        failed = record["stopCode"] in _FAILURES
        if failed and self._runner.closing.wait(self._pause(key, record)):
            return
        if failed:
            ecs._record_service_task_failure(record)
        elif not self._runner.closing.is_set():
            ecs._reconcile_service_tasks(key.partition("/")[0], key)

    def _pause(self, key: str, record: _Record) -> float:
        lasted = record["stoppedAt"] - (record.get("startedAt") or record["stoppedAt"])
        last = 0.0 if lasted > _LASTING_SECONDS else self._pauses.get(key, 0.0)
        pause = min(last * 2 or _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
        self._pauses[key] = pause
        return pause


def _write(record: _Record, task: Task) -> str:
    """Write a task's state into MiniStack's record of it; return the status that it had."""
    with resource_lock("ecs-task", task.arn):
        members = task.record.members()
        states = {one["name"]: one for one in members.pop("containers")}
        for container in record["containers"]:
            container.update(states[container["name"]])
        before = str(record["lastStatus"])
        if (before, record["desiredStatus"]) != (members["lastStatus"], members["desiredStatus"]):
            ecs._bump_task_version(record)
        record.update(members)
    return before
