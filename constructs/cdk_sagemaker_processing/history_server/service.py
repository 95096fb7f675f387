"""A History Server that is always on: its ECS service, what stands before it, what watches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_ecs as ecs

from cdk_sagemaker_processing.history_server.alarms import alarms
from cdk_sagemaker_processing.history_server.containers import PORT, SERVER
from cdk_sagemaker_processing.history_server.listener import Listener, listen

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct

    from cdk_sagemaker_processing.history_server.options import Options
    from cdk_sagemaker_processing.history_server.resources import Resources

__all__ = ["Service", "keep_running"]

# A server with many logs answers long before it has read them, but not while Java starts.
_GRACE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Service:
    """What keeps a server running.

    Attributes:
        service: The ECS service.
        listener: The load balancer before it.
        alarms: What alarms when it does not run.
    """

    service: ecs.CfnService
    listener: Listener | None
    alarms: tuple[cloudwatch.Alarm, ...]


def keep_running(scope: Construct, options: Options, made: Resources) -> Service:
    """Keep one task running, with a load balancer before it if the user wants one."""
    given = options.load_balancer
    listener = listen(scope, given, made.network) if given else None
    service = _service(scope, made, listener)
    return Service(
        service,
        listener,
        alarms(
            scope,
            cluster=made.cluster.cluster_name,
            service=service.attr_name,
            family=made.family,
            log_group=made.log_group,
            listener=listener,
            topic=options.alarms_topic,
        ),
    )


def _service(scope: Construct, made: Resources, listener: Listener | None) -> ecs.CfnService:
    """A service of one task.

    Never of two: a new one is started when the old one has ended, as nobody
    pays for a second that shows the same.
    """
    types, network = ecs.CfnService, made.network
    service = types(
        scope,
        "Service",
        cluster=made.cluster.cluster_name,
        task_definition=made.task.ref,
        desired_count=1,
        launch_type="FARGATE",
        platform_version="1.4.0",
        deployment_configuration=types.DeploymentConfigurationProperty(
            minimum_healthy_percent=0,
            maximum_percent=100,
            deployment_circuit_breaker=types.DeploymentCircuitBreakerProperty(
                enable=True, rollback=True
            ),
        ),
        # It would start a second task to move the first.
        availability_zone_rebalancing="DISABLED",
        enable_execute_command=True,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        health_check_grace_period_seconds=_GRACE_SECONDS if listener else None,
        load_balancers=_targets(listener),
        network_configuration=types.NetworkConfigurationProperty(
            awsvpc_configuration=types.AwsVpcConfigurationProperty(
                subnets=[*network.subnets.ids],
                security_groups=network.security_group_ids,
                assign_public_ip=network.assign_public_ip,
            )
        ),
    )
    if listener:
        # ECS takes no target group that no listener sends to.
        service.node.add_dependency(listener.listener)
    for one in network.ways_out:
        service.add_resource_dependency(one)
    return service


def _targets(listener: Listener | None) -> list[ecs.CfnService.LoadBalancerProperty] | None:
    if listener is None:
        return None
    return [
        ecs.CfnService.LoadBalancerProperty(
            container_name=SERVER,
            container_port=PORT,
            target_group_arn=listener.target_group.target_group_arn,
        )
    ]
