"""The load balancer's resources, and what they let through."""

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_actions as actions
from constructs import Construct

from cdk_sagemaker_processing.history_server.containers import PORT
from cdk_sagemaker_processing.history_server.load_balancer import (
    HistoryCognito,
    HistoryLoadBalancer,
    HistoryOidc,
)
from cdk_sagemaker_processing.history_server.network import Network

__all__ = ["Listener", "listen"]

_HEALTH = "/api/v1/version"
# Spark's pages hold no session: what is under way ends with the task it is asked of.
_DRAIN = cdk.Duration.seconds(5)


@dataclass(frozen=True, slots=True)
class Listener:
    """What stands before the service.

    Attributes:
        load_balancer: The load balancer.
        listener: Its listener.
        target_group: Where it sends what it lets through.
    """

    load_balancer: elbv2.ApplicationLoadBalancer
    listener: elbv2.ApplicationListener
    target_group: elbv2.ApplicationTargetGroup


def listen(scope: Construct, given: HistoryLoadBalancer, network: Network) -> Listener:
    """A load balancer that takes HTTPS, and of it the way to the task.

    Args:
        scope: Where it is made, as ``LoadBalancer``.
        given: What the user asked for.
        network: The task's network.
    """
    made = elbv2.ApplicationLoadBalancer(
        scope,
        "LoadBalancer",
        vpc=network.vpc,
        internet_facing=given.internet_facing,
        drop_invalid_header_fields=True,
        deletion_protection=given.deletion_protection,
    )
    if given.access_logs_bucket:
        made.log_access_logs(given.access_logs_bucket, scope.node.path)
    targets = elbv2.ApplicationTargetGroup(
        made,
        "Servers",
        vpc=network.vpc,
        port=PORT,
        protocol=elbv2.ApplicationProtocol.HTTP,
        target_type=elbv2.TargetType.IP,
        deregistration_delay=_DRAIN,
        health_check=elbv2.HealthCheck(path=_HEALTH, healthy_threshold_count=2),
    )
    listener = made.add_listener(
        "Https",
        port=443,
        protocol=elbv2.ApplicationProtocol.HTTPS,
        certificates=[given.certificate],
        ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
        open=False,
        default_action=_action(given.authentication, targets),
    )
    for peer in given.allowed or [_everybody(given, network.vpc)]:
        listener.connections.allow_default_port_from(peer, "to the Spark History Server")
    for group in network.security_groups:
        group.connections.allow_from(made, ec2.Port.tcp(PORT), "from the load balancer")
    return Listener(made, listener, targets)


def _everybody(given: HistoryLoadBalancer, vpc: ec2.IVpc) -> ec2.IPeer:
    if given.internet_facing:
        anybody: ec2.IPeer = ec2.Peer.any_ipv4()
        return anybody
    near: ec2.IPeer = ec2.Peer.ipv4(vpc.vpc_cidr_block)
    return near


def _action(
    authentication: HistoryOidc | HistoryCognito | None, targets: elbv2.ApplicationTargetGroup
) -> elbv2.ListenerAction:
    forward: elbv2.ListenerAction = elbv2.ListenerAction.forward([targets])
    if authentication is None:
        return forward
    common: dict[str, Any] = {
        "next": forward,
        "scope": authentication.scope,
        "session_timeout": authentication.session_timeout,
    }
    action: elbv2.ListenerAction
    if isinstance(authentication, HistoryCognito):
        action = actions.AuthenticateCognitoAction(
            user_pool=authentication.user_pool,
            user_pool_client=authentication.user_pool_client,
            user_pool_domain=authentication.user_pool_domain,
            **common,
        )
    else:
        action = elbv2.ListenerAction.authenticate_oidc(
            issuer=authentication.issuer,
            authorization_endpoint=authentication.authorization_endpoint,
            token_endpoint=authentication.token_endpoint,
            user_info_endpoint=authentication.user_info_endpoint,
            client_id=authentication.client_id,
            client_secret=authentication.client_secret,
            **common,
        )
    return action
