"""The tasks of a History Server: found, started, looked at and stopped."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explained
from cdk_sagemaker_processing.history_server.client.found import Server

__all__ = ["Container", "Task", "Tasks"]

_STOPPED = "STOPPED"
# So often may a token of a task that has ended come up; each time the next is tried.
_MOST_TOKENS = 10
# DescribeTasks takes so many:
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
_MOST_DESCRIBED = 100


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a task.

    Attributes:
        name: Its name.
        status: Its `lastStatus`.
        health: Its `healthStatus`, `UNKNOWN` if it has no health check.
        exit_code: Its exit code once it has ended.
        reason: Why it stopped or could not start, if ECS says so.
        runtime_id: The id by which Systems Manager knows it, once it runs.
        agent: The status of ECS Exec's agent in it, such as `RUNNING`.
        host_port: The port of this machine that leads to it, in the local cloud.
    """

    name: str
    status: str
    health: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str = ""
    runtime_id: str | None = None
    agent: str | None = None
    host_port: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task, as DescribeTasks last told of it.

    Attributes:
        arn: Its ARN.
        definition: The ARN of its task definition, with the revision.
        status: Its `lastStatus`.
        is_ending: Whether it is to stop, or has.
        created: When it was made.
        started: When its containers had started.
        stopped: When it had ended.
        reason: Its `stoppedReason`.
        health: Its `healthStatus`.
        is_pulling: Whether images are being pulled.
        containers: Its containers.
    """

    arn: str
    definition: str
    status: str
    is_ending: bool
    created: datetime
    started: datetime | None = None
    stopped: datetime | None = None
    reason: str = ""
    health: str = "UNKNOWN"
    is_pulling: bool = False
    containers: tuple[Container, ...] = ()

    @property
    def identity(self) -> str:
        """Its id, the last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def revision(self) -> str:
        """The family and the revision of its task definition."""
        return self.definition.rpartition("/")[2]

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self.status == _STOPPED

    def container(self, name: str) -> Container | None:
        """Return a container, or None before ECS tells of it."""
        return next((one for one in self.containers if one.name == name), None)


class Tasks:
    """The tasks of one History Server.

    Args:
        ecs: A boto3 client of ECS.
        server: The server.
    """

    def __init__(self, ecs: Any, server: Server) -> None:
        self._ecs = ecs
        self._server = server

    def running(self) -> tuple[Task, ...]:
        """Return the tasks that run or are to run, oldest first."""
        return self._listed("RUNNING")

    def newest_stopped(self) -> Task | None:
        """Return the last task that was stopped or is stopping; ECS tells of it for an hour."""
        stopped = self._listed(_STOPPED)
        return stopped[-1] if stopped else None

    def start(self) -> Task:
        """Start a task, or return the one that somebody else starts at the same time.

        The client token is derived from the request and the newest task that has stopped: whoever
        asks between the same two tasks asks with the same token, and gets the same task. Where
        two looked at different moments, the older of their tasks stays.

        Raises:
            HistoryError: If ECS starts none.
        """
        with explained():
            own = self._run()
        there = {task.arn: task for task in (*self.running(), own)}
        kept = min(there.values(), key=_age)
        if kept.arn != own.arn:
            self.stop(own, "Another task of this History Server was started a moment before")
        return kept

    def look(self, task: Task) -> Task | None:
        """Return a task as it is now, or None if ECS does not know it (yet, or any more)."""
        return next(iter(self._described([task.arn])), None)

    def stop(self, task: Task, reason: str) -> None:
        """Ask ECS to stop a task; it does not wait.

        Args:
            task: The task.
            reason: What ECS is to tell as the reason, at most 255 characters.
        """
        with explained():
            self._ecs.stop_task(cluster=self._server.cluster, task=task.arn, reason=reason)

    def _listed(self, status: str) -> tuple[Task, ...]:
        server = self._server
        of = {"serviceName": server.service} if server.service else {"family": server.family}
        with explained():
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=server.cluster, desiredStatus=status, **of
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
        tasks = [
            task
            for at in range(0, len(arns), _MOST_DESCRIBED)
            for task in self._described(arns[at : at + _MOST_DESCRIBED])
        ]
        # What is listed may have gone on since.
        fitting = [task for task in tasks if task.is_ending == (status == _STOPPED)]
        return tuple(sorted(fitting, key=_age))

    def _described(self, arns: Sequence[str]) -> list[Task]:
        with explained():
            answer = self._ecs.describe_tasks(cluster=self._server.cluster, tasks=list(arns))
        return [_task(one) for one in answer["tasks"]]

    def _run(self) -> Task:
        request = self._request()
        newest = self.newest_stopped()
        after = newest.arn if newest else ""
        for _ in range(_MOST_TOKENS):
            answer = self._ecs.run_task(**request, clientToken=_token(request, after))
            if not answer["tasks"]:
                reasons = ", ".join(one.get("reason", "") for one in answer.get("failures", ()))
                raise HistoryError(f"ECS started no task: {reasons or 'it gave no reason'}")
            (started,) = answer["tasks"]
            # A token stays with its task for an hour after the task's end:
            # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
            if _STOPPED not in {started.get("lastStatus"), started.get("desiredStatus")}:
                return _task(started)
            after = started["taskArn"]
        raise HistoryError(
            f"the last {_MOST_TOKENS} tasks of {self._server.family} stopped within the hour: look "
            f"at their logs in {self._server.log_group}, and try again"
        )

    def _request(self) -> dict[str, Any]:
        server = self._server
        return {
            "cluster": server.cluster,
            # Without a revision: the newest.
            "taskDefinition": server.family,
            "count": 1,
            "launchType": "FARGATE",
            # ECS Exec and ephemeral storage need 1.4.0 or newer, which LATEST is:
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
            "platformVersion": "LATEST",
            "enableExecuteCommand": True,
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": list(server.subnets),
                    "securityGroups": list(server.security_groups),
                    "assignPublicIp": server.assign_public_ip,
                }
            },
        }


def _token(request: Mapping[str, Any], after: str) -> str:
    told = json.dumps([request, after], sort_keys=True)
    # RunTask takes at most 64 characters, which is what this has.
    return hashlib.sha256(told.encode()).hexdigest()


def _age(task: Task) -> tuple[datetime, str]:
    return task.created, task.arn


def _task(told: Mapping[str, Any]) -> Task:
    status = told.get("lastStatus", "")
    return Task(
        arn=told["taskArn"],
        definition=told.get("taskDefinitionArn", ""),
        status=status,
        is_ending=_STOPPED in {status, told.get("desiredStatus")},
        created=told["createdAt"],
        started=told.get("startedAt"),
        stopped=told.get("stoppedAt"),
        reason=told.get("stoppedReason", ""),
        health=told.get("healthStatus", "UNKNOWN"),
        is_pulling="pullStartedAt" in told and "pullStoppedAt" not in told,
        containers=tuple(_container(one) for one in told.get("containers", ())),
    )


def _container(told: Mapping[str, Any]) -> Container:
    ports = (one.get("hostPort") for one in told.get("networkBindings") or ())
    agents = (one.get("lastStatus") for one in told.get("managedAgents") or ())
    return Container(
        name=told["name"],
        status=told.get("lastStatus", ""),
        health=told.get("healthStatus", "UNKNOWN"),
        exit_code=told.get("exitCode"),
        reason=told.get("reason", ""),
        runtime_id=told.get("runtimeId"),
        agent=next(agents, None),
        host_port=next((port for port in ports if port), None),
    )
