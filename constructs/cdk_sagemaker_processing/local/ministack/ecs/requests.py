"""Requests about tasks, held to what ECS asks of them where MiniStack asks for less."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import ecs

from cdk_sagemaker_processing.local.jobs import Call
from cdk_sagemaker_processing.local.ministack import permissions, roles, seams
from cdk_sagemaker_processing.local.ministack.ecs import resources
from cdk_sagemaker_processing.local.tasks import problems

_Data = dict[str, Any]
_Response = tuple[int, dict[str, str], bytes]
_Operation = Callable[[_Data], _Response]

_OK = 200
_CONFLICT = (
    "The RunTask request could not be processed due to conflicts. The provided clientToken is "
    "already in use with a different RunTask request. Run RunTask with a unique clientToken, or "
    "with the clientToken and the original set of parameters."
)


class _Refused(Exception):  # noqa: N818 - an answer, no failure
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response: _Response = error_response_json(code, message, 400)


def install(*, enforce_iam: bool) -> None:
    """Hold requests to their rules.

    Args:
        enforce_iam: Whether who runs a task must be allowed to pass its roles, and who describes
            several to see each.
    """
    operations = ecs._ACTION_MAP
    # Stacks register definitions by it as well.
    seams.mend(ecs, {"_register_task_definition": _register})
    operations["RegisterTaskDefinition"] = ecs._register_task_definition
    operations["RunTask"] = _RunTask(operations["RunTask"], enforce_iam=enforce_iam)
    if enforce_iam:
        operations["DescribeTasks"] = partial(_describe, operations["DescribeTasks"])


def _register(original: _Operation, data: _Data) -> _Response:
    response = original(data)
    if response[0] != _OK:
        return response
    if found := problems(data):
        made = json.loads(response[2])["taskDefinition"]
        del ecs._task_defs[f"{made['family']}:{made['revision']}"]
        ecs._task_def_latest[made["family"]] = made["revision"] - 1
        return _Refused("ClientException", " ".join(found)).response
    return response


class _RunTask:
    """RunTask as ECS's API has it.

    A client token makes it idempotent: the same request gets the same tasks.
    """

    def __init__(self, original: _Operation, *, enforce_iam: bool) -> None:
        self._original = original
        self._enforce_iam = enforce_iam
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], tuple[str, list[str]]] = {}

    def __call__(self, data: _Data) -> _Response:
        """Answer a request."""
        try:
            definition = _definition(data)
            _check(data, definition)
            if self._enforce_iam:
                _check_roles(data, definition)
            data = {
                "group": f"family:{definition['family']}",
                **data,
                "taskDefinition": definition["taskDefinitionArn"],
            }
            if not data.get("clientToken"):
                return self._original(data)
            with self._lock:
                return self._once(data)
        except _Refused as refused:
            return refused.response

    def _once(self, data: _Data) -> _Response:
        cluster = ecs._resolve_cluster_name(data.get("cluster"))
        key = (get_account_id(), get_region(), cluster, data["clientToken"])
        request = json.dumps(data, sort_keys=True)
        first, arns = self._known.get(key, (request, []))
        if first != request:
            raise _Refused("ConflictException", _CONFLICT)
        if arns:
            tasks = [ecs._sanitize(ecs._tasks[arn]) for arn in arns]
            response: _Response = json_response({"tasks": tasks, "failures": []})
            return response
        response = self._original(data)
        if response[0] == _OK:
            made = [task["taskArn"] for task in json.loads(response[2])["tasks"]]
            self._known[key] = request, made
        return response


def _definition(data: _Data) -> _Data:
    wanted = data.get("taskDefinition", "")
    family = wanted.rpartition("/")[2]
    if ":" in family:
        found = ecs._task_defs.get(ecs._resolve_td_key(wanted))
        if found and found["status"] != "ACTIVE":
            raise _Refused("ClientException", "TaskDefinition is inactive")
    else:
        found = _newest(family)
    if not found:
        raise _Refused("ClientException", "TaskDefinition not found.")
    return dict(found)


def _newest(family: str) -> _Data | None:
    revisions = (
        one
        for one in ecs._task_defs.values()
        if one["family"] == family and one["status"] == "ACTIVE"
    )
    return max(revisions, key=lambda one: int(one["revision"]), default=None)


def _check(data: _Data, definition: _Data) -> None:
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    if cluster not in ecs._clusters:
        raise _Refused("ClusterNotFoundException", "Cluster not found.")
    if definition["networkMode"] == "awsvpc" and not data.get("networkConfiguration"):
        raise _Refused(
            "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )


def _check_roles(data: _Data, definition: _Data) -> None:
    context = {"iam:PassedToService": roles.TASKS_PRINCIPAL}
    for role in _roles(data, definition):
        reason = permissions.refusal_of_caller(
            iam_evaluator.caller_arn(), Call("iam:PassRole", role, context)
        )
        if reason:
            raise _Refused("AccessDeniedException", reason)


def _describe(original: _Operation, data: _Data) -> _Response:
    """DescribeTasks: MiniStack has asked about the first of the tasks."""
    here = f"arn:aws:ecs:{get_region()}:{get_account_id()}"
    for task in data.get("tasks", [])[1:]:
        arn = resources.task_arn(task, data, here)
        call = Call("ecs:DescribeTasks", arn, resources.context(data, here))
        if reason := permissions.refusal_of_caller(iam_evaluator.caller_arn(), call):
            return _Refused("AccessDeniedException", reason).response
    return original(data)


def _roles(data: _Data, definition: _Data) -> Iterator[str]:
    overrides = data.get("overrides") or {}
    for member in ("taskRoleArn", "executionRoleArn"):
        if role := overrides.get(member) or definition.get(member):
            yield role
