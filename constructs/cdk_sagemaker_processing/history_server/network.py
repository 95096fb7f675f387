"""The network that a History Server's task is in: the user's, or a minimal one of its own.

Nothing in it is reached from outside, and nothing in it costs while no task runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact
from cdk_sagemaker_processing.cdk.structs import keywords_of
from cdk_sagemaker_processing.errors import Problem

__all__ = ["Network", "Subnets", "own_network", "subnets_of", "users_network"]

# Room for 59 tasks at a time; it is nobody else's, so that it can meet no other network.
_CIDR = "10.0.0.0/26"
_SUBNET_CIDRS = ("10.0.0.0/27", "10.0.0.32/27")
_ANYWHERE = "0.0.0.0/0"
_HTTPS = 443
# Of the two, ten minutes are a tenth of the records:
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
_AGGREGATION_SECONDS = 600
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
_MOST_OF_TAG = 256
_FLOW_LOGS = "vpc-flow-logs.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Subnets:
    """Subnets of a VPC.

    Attributes:
        ids: Their ids.
        are_public: Whether a task in them needs a public IP address to reach AWS.
    """

    ids: tuple[str, ...]
    are_public: bool


@dataclass(frozen=True, slots=True)
class Network:
    """What a task is connected to.

    Attributes:
        vpc: The VPC.
        subnets: Its subnets that tasks are in.
        security_groups: The security groups of tasks.
        ways_out: What must be there before a task can start, of a VPC of its own.
    """

    vpc: ec2.IVpc
    subnets: Subnets
    security_groups: Sequence[ec2.ISecurityGroup]
    ways_out: Sequence[cdk.CfnResource] = ()

    @property
    def assign_public_ip(self) -> str:
        """Whether tasks get a public IP address, as ECS is told."""
        return "ENABLED" if self.subnets.are_public else "DISABLED"

    @property
    def connections(self) -> ec2.Connections:
        """The ways to and from tasks."""
        return ec2.Connections(security_groups=[*self.security_groups])

    @property
    def security_group_ids(self) -> list[str]:
        """The ids of the security groups."""
        return [one.security_group_id for one in self.security_groups]


def users_network(
    scope: Construct,
    vpc: ec2.IVpc,
    subnets: Subnets,
    security_groups: Sequence[ec2.ISecurityGroup],
) -> Network:
    """A network in a VPC of the user's, with a security group where the user has none for it."""
    return Network(vpc, subnets, security_groups or [_security_group(scope, vpc)])


def _security_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        scope,
        "SecurityGroup",
        vpc=vpc,
        allow_all_outbound=False,
        description="Spark History Server: no way in, HTTPS out",
    )
    # Registries and S3 have no addresses of their own to name.
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(_HTTPS), "S3, registries, logs, tunnel")
    return group


def subnets_of(vpc: ec2.IVpc, chosen: ec2.SubnetSelection | None) -> Subnets | Problem:
    """The subnets of a user's VPC: the chosen ones, else private ones that reach AWS, else public.

    Args:
        vpc: The VPC.
        chosen: Which subnets the user wants.
    """
    if chosen is not None:
        return _chosen(vpc, chosen)
    for found, are_public in ((vpc.private_subnets, False), (vpc.public_subnets, True)):
        if found:
            return Subnets(tuple(one.subnet_id for one in found), are_public)
    return Problem(
        f"the VPC {vpc.node.path!r} has neither private subnets with a way out nor public ones: "
        "a task must reach Amazon S3, CloudWatch Logs, Systems Manager and its images' registries: "
        "name others, subnets=ec2.SubnetSelection(...), or leave vpc out for one of its own"
    )


def _chosen(vpc: ec2.IVpc, chosen: Any) -> Subnets | Problem:
    if not isinstance(chosen, ec2.SubnetSelection | Mapping):
        return Problem(f"subnets must be an ec2.SubnetSelection, got {chosen!r}")
    try:
        selection = dict(chosen) if isinstance(chosen, Mapping) else keywords_of(chosen)
        found = vpc.select_subnets(**selection)
        ids = tuple(found.subnet_ids)
    except (TypeError, RuntimeError) as error:
        return Problem(f"subnets: {str(error).splitlines()[0]}; write ec2.SubnetSelection(...)")
    if not ids:
        return Problem(f"subnets: the VPC {vpc.node.path!r} has no such subnet")
    return Subnets(ids, bool(found.has_public))


def own_network(scope: Construct, flow_log: logs.ILogGroup) -> Network:
    """A network in a VPC of two public subnets, in which a task pays for no NAT gateway.

    It is made of the resources themselves: `ec2.Vpc` would look up the zones of
    the stack's account, which nobody has to give a stack. A region has at
    least two.

    Args:
        scope: Where the VPC is made, as ``Vpc``.
        flow_log: Where the traffic in it is logged.
    """
    place = Construct(scope, "Vpc")
    vpc = ec2.CfnVPC(
        place,
        "Vpc",
        cidr_block=_CIDR,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=[_name(place)],
    )
    routes, way_out = _routes_out(place, vpc)
    zones = [cdk.Fn.select(at, cdk.Fn.get_azs()) for at in range(len(_SUBNET_CIDRS))]
    ways_out, ids = [way_out], []
    for at, (cidr, zone) in enumerate(zip(_SUBNET_CIDRS, zones, strict=True), 1):
        subnet = ec2.CfnSubnet(
            place,
            f"Subnet{at}",
            vpc_id=vpc.ref,
            cidr_block=cidr,
            availability_zone=zone,
            # Each task asks for a public address of its own.
            map_public_ip_on_launch=False,
            tags=[_name(place)],
        )
        ways_out.append(
            ec2.CfnSubnetRouteTableAssociation(
                place, f"Subnet{at}Routes", subnet_id=subnet.ref, route_table_id=routes.ref
            )
        )
        ids.append(subnet.ref)
    _s3_endpoint(place, vpc, routes)
    _flow_log(place, vpc, flow_log)
    seen = ec2.Vpc.from_vpc_attributes(
        place,
        "Imported",
        vpc_id=vpc.ref,
        vpc_cidr_block=_CIDR,
        availability_zones=zones,
        public_subnet_ids=ids,
        public_subnet_route_table_ids=[routes.ref for _ in ids],
    )
    subnets = Subnets(tuple(ids), are_public=True)
    return Network(seen, subnets, [_security_group(scope, seen)], ways_out)


def _name(place: Construct) -> cdk.CfnTag:
    return cdk.CfnTag(key="Name", value=place.node.path[-_MOST_OF_TAG:])


def _routes_out(place: Construct, vpc: ec2.CfnVPC) -> tuple[ec2.CfnRouteTable, cdk.CfnResource]:
    gateway = ec2.CfnInternetGateway(place, "Gateway", tags=[_name(place)])
    attachment = ec2.CfnVPCGatewayAttachment(
        place, "GatewayAttachment", vpc_id=vpc.ref, internet_gateway_id=gateway.ref
    )
    table = ec2.CfnRouteTable(place, "Routes", vpc_id=vpc.ref, tags=[_name(place)])
    route = ec2.CfnRoute(
        place,
        "WayOut",
        route_table_id=table.ref,
        destination_cidr_block=_ANYWHERE,
        gateway_id=gateway.ref,
    )
    route.add_resource_dependency(attachment)
    return table, route


def _s3_endpoint(place: Construct, vpc: ec2.CfnVPC, routes: ec2.CfnRouteTable) -> None:
    """S3 by Amazon's own network, which costs nothing, and by which nothing can be written."""
    ec2.CfnVPCEndpoint(
        place,
        "S3",
        vpc_id=vpc.ref,
        service_name=compact(f"com.amazonaws.{REGION}.s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=[routes.ref],
        policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    # Layers of images in Amazon ECR lie in buckets of Amazon's.
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": "*",
                }
            ],
        },
    )


def _flow_log(place: Construct, vpc: ec2.CfnVPC, log_group: logs.ILogGroup) -> None:
    """A log of the traffic: none flows, and nothing is paid, while no task runs.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    here = f"{REGION}:{ACCOUNT_ID}"
    conditions = {
        "ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:ec2:{here}:vpc-flow-log/*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
    }
    role = iam.Role(
        place,
        "FlowLogRole",
        assumed_by=iam.ServicePrincipal(_FLOW_LOGS, conditions=compact(conditions)),
        inline_policies={"WriteFlowLog": _policy(_write_flow_log(log_group.log_group_arn))},
    )
    ec2.CfnFlowLog(
        place,
        "FlowLog",
        resource_id=vpc.ref,
        resource_type="VPC",
        traffic_type="ALL",
        max_aggregation_interval=_AGGREGATION_SECONDS,
        log_destination_type="cloud-watch-logs",
        log_group_name=log_group.log_group_name,
        deliver_logs_permission_arn=role.role_arn,
    )


def _write_flow_log(log_group_arn: str) -> dict[str, Any]:
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    return {"Effect": "Allow", "Action": actions, "Resource": [log_group_arn]}


def _policy(*statements: dict[str, Any]) -> iam.PolicyDocument:
    document = {"Version": "2012-10-17", "Statement": [*statements]}
    made: iam.PolicyDocument = iam.PolicyDocument.from_json(document)
    return made
