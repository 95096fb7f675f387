"""A task definition of ECS, with a task's overrides, as what a machine needs of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Container", "Definition", "Dependency", "HealthCheck", "LogTarget"]

_Members = Mapping[str, Any]

# API reference, ContainerDefinition: stopTimeout.
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A container's health check; times are in seconds.

    Attributes:
        command: The program and its arguments.
        interval: From one check to the next.
        timeout: How long one may take.
        retries: How many must fail in a row for the container to be unhealthy.
        start_period: For how long after the container's start failures do not count.
    """

    command: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float

    @classmethod
    def of(cls, members: _Members) -> "HealthCheck":
        """Read `healthCheck`; the defaults are those of the API reference, HealthCheck."""
        kind, *words = members["command"]
        command = ("/bin/sh", "-c", *words) if kind == "CMD-SHELL" else tuple(words)
        return cls(
            command=command,
            interval=float(members.get("interval") or 30),
            timeout=float(members.get("timeout") or 5),
            retries=int(members.get("retries") or 3),
            start_period=float(members.get("startPeriod") or 0),
        )


@dataclass(frozen=True, slots=True)
class Dependency:
    """What another container must have come to before this one starts.

    Attributes:
        container: The other's name.
        condition: START, COMPLETE, SUCCESS or HEALTHY.
    """

    container: str
    condition: str


@dataclass(frozen=True, slots=True)
class LogTarget:
    """Where the driver awslogs writes.

    Attributes:
        group: The log group.
        prefix: What the stream's name begins with.
        region: The group's region.
        with_group: Whether a missing group is made.
    """

    group: str
    prefix: str
    region: str
    with_group: bool

    def stream(self, container: str, task_id: str) -> str:
        """The name of a container's log stream."""
        return f"{self.prefix}/{container}/{task_id}"


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a task.

    Attributes:
        name: Its name.
        image: Its image's URI.
        command: The entry point and the command; empty for what the image runs by itself.
        environment: The environment variables of definition and overrides.
        essential: Whether its end is the task's.
        depends_on: What it waits for.
        health_check: What tells whether it is well, None for nothing.
        stop_seconds: From SIGTERM to SIGKILL.
        mounts: By their paths in the container, the names of the volumes.
        ports: The ports that it lists.
        log: Where its log goes, None for nowhere.
    """

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    essential: bool = True
    depends_on: tuple[Dependency, ...] = ()
    health_check: HealthCheck | None = None
    stop_seconds: float = _STOP_SECONDS
    mounts: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    log: LogTarget | None = None

    @classmethod
    def of(cls, members: _Members, override: _Members) -> "Container":
        """Read a container definition and the override of the same name."""
        health = members.get("healthCheck")
        command = override.get("command") or members.get("command") or ()
        return cls(
            name=members["name"],
            image=members["image"],
            command=(*(members.get("entryPoint") or ()), *command),
            environment=_variables(members) | _variables(override),
            essential=members.get("essential") is not False,
            depends_on=tuple(
                Dependency(one["containerName"], one["condition"])
                for one in members.get("dependsOn") or ()
            ),
            health_check=HealthCheck.of(health) if health else None,
            stop_seconds=float(members.get("stopTimeout") or _STOP_SECONDS),
            mounts={
                one["containerPath"].rstrip("/"): one["sourceVolume"]
                for one in members.get("mountPoints") or ()
            },
            ports=tuple(int(one["containerPort"]) for one in members.get("portMappings") or ()),
            log=_log(members.get("logConfiguration")),
        )


@dataclass(frozen=True, slots=True)
class Definition:
    """A task.

    Attributes:
        containers: Its containers.
        volumes: The names of its volumes.
        task_role: The ARN of the role that its containers act as, if any.
        execution_role: The ARN of the role in whose name ECS acts, if any.
    """

    containers: tuple[Container, ...]
    volumes: tuple[str, ...] = ()
    task_role: str | None = None
    execution_role: str | None = None

    @classmethod
    def of(cls, definition: _Members, overrides: _Members | None = None) -> "Definition":
        """Read a task definition and the overrides of RunTask, both in the API's form."""
        given = overrides or {}
        by_name = {one["name"]: one for one in given.get("containerOverrides") or ()}
        return cls(
            containers=tuple(
                Container.of(one, by_name.get(one["name"], {}))
                for one in definition["containerDefinitions"]
            ),
            volumes=tuple(one["name"] for one in definition.get("volumes") or ()),
            task_role=given.get("taskRoleArn") or definition.get("taskRoleArn") or None,
            execution_role=given.get("executionRoleArn")
            or definition.get("executionRoleArn")
            or None,
        )


def _variables(members: _Members) -> dict[str, str]:
    listed: Sequence[_Members] = members.get("environment") or ()
    return {one["name"]: str(one["value"]) for one in listed}


def _log(configuration: _Members | None) -> LogTarget | None:
    if not configuration or configuration["logDriver"] != "awslogs":
        return None
    options = configuration.get("options") or {}
    return LogTarget(
        group=options["awslogs-group"],
        prefix=options["awslogs-stream-prefix"],
        region=options["awslogs-region"],
        with_group=options.get("awslogs-create-group") == "true",
    )
