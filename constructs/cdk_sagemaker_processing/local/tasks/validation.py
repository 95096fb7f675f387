"""What ECS refuses in a task definition when it is registered, and what the local cloud lacks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["problems"]

_Members = Mapping[str, Any]

_AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
_NOT_HERE = ("environmentFiles", "repositoryCredentials", "secrets", "volumesFrom")


def problems(definition: _Members) -> list[str]:
    """Return what is wrong with a task definition in the form of ECS's API.

    Looked at is what would keep its containers from being started; the rest is for ECS itself.
    """
    containers: Sequence[_Members] = definition["containerDefinitions"]
    names = {one["name"] for one in containers}
    volumes = {one["name"] for one in definition.get("volumes") or ()}
    found = [
        problem
        for one in containers
        for problem in (
            *_waits(one, names),
            *_mounts(one, volumes),
            *_logs(one, definition),
            *_lacks(one),
        )
    ]
    if all(one.get("essential") is False for one in containers):
        found.append("At least one container must be essential.")
    return found


def _waits(container: _Members, names: set[str]) -> Iterator[str]:
    for one in container.get("dependsOn") or ():
        if one["containerName"] not in names - {container["name"]}:
            yield f"Container {container['name']} depends on an unknown container: {one}."


def _mounts(container: _Members, volumes: set[str]) -> Iterator[str]:
    for one in container.get("mountPoints") or ():
        if one["sourceVolume"] not in volumes:
            yield f"Unknown volume '{one['sourceVolume']}'."


def _logs(container: _Members, definition: _Members) -> Iterator[str]:
    configuration = container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return
    missing = [one for one in _AWSLOGS if one not in (configuration.get("options") or {})]
    if missing:
        yield f"Log driver awslogs requires options: {', '.join(missing)}."
    if not definition.get("executionRoleArn"):
        yield (
            "Fargate requires task definition to have execution role ARN to support log driver "
            "awslogs."
        )


def _lacks(container: _Members) -> Iterator[str]:
    for name in _NOT_HERE:
        if container.get(name):
            yield f"The local cloud has no {name}: container {container['name']} asks for some."
