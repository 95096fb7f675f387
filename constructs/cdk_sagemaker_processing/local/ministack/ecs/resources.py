"""What IAM looks at in a request to ECS: its resource, and the condition keys that it sets.

After the service authorization reference, "Actions, resources, and condition keys for Amazon
Elastic Container Service".
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ecs

_Members = Mapping[str, Any]

TARGET_PREFIX = "AmazonEC2ContainerServiceV20141113."


def resource(action: str, members: _Members, here: str) -> str | None:
    """Return the ARN of what a request acts on; None if this knows no better than MiniStack.

    Args:
        action: The operation's name.
        members: The request.
        here: What ARNs of ECS begin with, account included.
    """
    found = _RESOURCES.get(action)
    return found(members, here) if found else None


def context(members: _Members, here: str) -> dict[str, str]:
    """Return the condition keys that a request sets.

    Args:
        members: The request.
        here: What ARNs of ECS begin with, account included.
    """
    found = {}
    if "cluster" in members:
        found["ecs:cluster"] = f"{here}:cluster/{_cluster(members)}"
    if "enableExecuteCommand" in members:
        found["ecs:enable-execute-command"] = str(bool(members["enableExecuteCommand"])).lower()
    return found


def task_arn(reference: str, members: _Members, here: str) -> str:
    """Return the ARN of a task that a request names by it, or by the task's id."""
    if reference.startswith("arn:"):
        return reference
    return f"{here}:task/{_cluster(members)}/{reference}"


def _definition(members: _Members, here: str) -> str:
    wanted = str(members.get("taskDefinition", ""))
    # A family alone stands for its newest revision.
    return f"{here}:task-definition/{ecs._resolve_td_key(wanted) or wanted.rpartition('/')[2]}"


def _instances(members: _Members, here: str) -> str:
    return f"{here}:container-instance/{_cluster(members)}/*"


def _task(members: _Members, here: str) -> str:
    return task_arn(str(members.get("task", "*")), members, here)


def _first_task(members: _Members, here: str) -> str:
    return task_arn(str(next(iter(members.get("tasks") or ()), "*")), members, here)


def _cluster(members: _Members) -> str:
    return str(members.get("cluster") or "default").rpartition("/")[2]


_RESOURCES: dict[str, Callable[[_Members, str], str]] = {
    "DescribeTasks": _first_task,
    "ExecuteCommand": _task,
    "ListTasks": _instances,
    "RunTask": _definition,
    "StopTask": _task,
}
