"""The task definition: the two containers, as ECS is told of them."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from cdk_sagemaker_processing.history_server.containers import (
    FOLDER,
    MIRROR,
    PORT,
    SERVER,
    Container,
)

__all__ = ["Task", "task_definition"]

_VOLUME = "history"
_STREAM_PREFIX = "history"
# Both end by themselves as soon as they are told to, and leave nothing that anybody needs.
_STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Task:
    """What a task definition says beside its containers.

    Attributes:
        family: The name that its revisions share.
        cpu: Its CPU units.
        memory_mib: Its memory, in MiB.
        ephemeral_gib: Its ephemeral storage, in GiB; None for what it has anyway.
        architecture: ``ARM64`` or ``X86_64``.
        task_role_arn: The role of what runs in it.
        execution_role_arn: The role in which ECS starts it.
        log_group: The name of the log group of both containers.
    """

    family: str
    cpu: str
    memory_mib: int
    ephemeral_gib: int | None
    architecture: str
    task_role_arn: str
    execution_role_arn: str
    log_group: str


def task_definition(
    scope: Construct, task: Task, containers: tuple[Container, Container]
) -> ecs.CfnTaskDefinition:
    """The task definition of a mirror and a server, in this order."""
    storage = task.ephemeral_gib
    return ecs.CfnTaskDefinition(
        scope,
        "Task",
        family=task.family,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=task.cpu,
        memory=str(task.memory_mib),
        ephemeral_storage=ecs.CfnTaskDefinition.EphemeralStorageProperty(size_in_gib=storage)
        if storage
        else None,
        runtime_platform=ecs.CfnTaskDefinition.RuntimePlatformProperty(
            cpu_architecture=task.architecture, operating_system_family="LINUX"
        ),
        task_role_arn=task.task_role_arn,
        execution_role_arn=task.execution_role_arn,
        # On Fargate a volume of a name alone lies on the task's ephemeral storage, encrypted.
        volumes=[ecs.CfnTaskDefinition.VolumeProperty(name=_VOLUME)],
        container_definitions=[
            _definition(one, cdk.Stack.of(scope).region, task.log_group) for one in containers
        ],
    )


def _definition(
    container: Container, region: str, log_group: str
) -> ecs.CfnTaskDefinition.ContainerDefinitionProperty:
    is_mirror = container.name == MIRROR
    types = ecs.CfnTaskDefinition
    return types.ContainerDefinitionProperty(
        name=container.name,
        image=container.image,
        essential=True,
        entry_point=[*container.entry_point],
        environment=[
            types.KeyValuePairProperty(name=name, value=value)
            for name, value in container.environment.items()
        ],
        readonly_root_filesystem=container.readonly_root,
        # The tunnel goes through the mirror: else processes of ECS Exec's that ended stay there.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        linux_parameters=types.LinuxParametersProperty(init_process_enabled=True)
        if is_mirror
        else None,
        mount_points=[
            types.MountPointProperty(container_path=FOLDER, source_volume=_VOLUME, read_only=False)
        ],
        port_mappings=[types.PortMappingProperty(container_port=PORT, protocol="tcp")]
        if container.name == SERVER
        else None,
        depends_on=None
        if is_mirror
        else [types.ContainerDependencyProperty(container_name=MIRROR, condition="START")],
        health_check=types.HealthCheckProperty(
            command=[*container.health_check], interval=15, timeout=10, retries=3, start_period=60
        )
        if container.health_check
        else None,
        stop_timeout=_STOP_SECONDS,
        log_configuration=types.LogConfigurationProperty(
            log_driver="awslogs",
            options={
                "awslogs-group": log_group,
                "awslogs-region": region,
                "awslogs-stream-prefix": _STREAM_PREFIX,
            },
        ),
    )
