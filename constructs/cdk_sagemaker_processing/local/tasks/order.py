"""In which order the containers of a task start and stop, by what depends on what."""

from collections.abc import Iterable, Mapping

from cdk_sagemaker_processing.local.tasks.container import HEALTHY, UNHEALTHY
from cdk_sagemaker_processing.local.tasks.definition import Container, Dependency
from cdk_sagemaker_processing.local.tasks.record import ContainerRecord

__all__ = ["hopeless", "may_start", "to_stop"]

_Records = Mapping[str, ContainerRecord]


def may_start(container: Container, records: _Records) -> bool:
    """Whether all that a container waits for has come."""
    return all(_holds(one, records[one.container]) for one in container.depends_on)


def hopeless(container: Container, records: _Records) -> Dependency | None:
    """Return something that a container waits for and that cannot come any more."""
    return next(
        (one for one in container.depends_on if _is_lost(one, records[one.container])), None
    )


def to_stop(running: Iterable[Container]) -> list[Container]:
    """Return those of the running containers that no other running one depends on.

    ECS stops in the reverse of the order that containers depend on each other: developer guide,
    "Container dependency".
    """
    found = list(running)
    needed = {one.container for container in found for one in container.depends_on}
    return [container for container in found if container.name not in needed] or found


def _holds(dependency: Dependency, record: ContainerRecord) -> bool:
    if dependency.condition == "HEALTHY":
        return record.health_status == HEALTHY
    if dependency.condition == "START":
        return record.last_status != "PENDING"
    over = record.last_status == "STOPPED"
    return over and (dependency.condition == "COMPLETE" or record.exit_code == 0)


def _is_lost(dependency: Dependency, record: ContainerRecord) -> bool:
    over = record.last_status == "STOPPED"
    if dependency.condition == "HEALTHY":
        return over or record.health_status == UNHEALTHY
    return dependency.condition == "SUCCESS" and over and record.exit_code != 0
