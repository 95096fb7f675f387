"""What a job's containers may reach, from what the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.structs import keywords_of
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import is_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from cdk_sagemaker_processing.steps.options import Options

__all__ = ["Network", "network"]


@dataclass(frozen=True, slots=True)
class Network:
    """The network of a step's jobs.

    Attributes:
        config: What the request says of it; None where that is nothing.
        connections: The containers as the CDK opens ways to and from them;
            None without a VPC of the CDK's.
        problems: What is wrong with it beyond the request's own limits.
    """

    config: model.NetworkConfig | None
    connections: ec2.Connections | None
    problems: tuple[Problem, ...] = ()


def network(step: Construct, options: Options) -> Network:
    """The network that a step's jobs are in.

    Args:
        step: The step, which gets a security group where it was given none.
        options: What the user asked for, of the right kinds.
    """
    subnets = _subnets(options)
    if isinstance(subnets, Problem):
        return Network(None, None, (subnets,))
    groups = _security_groups(step, options)
    config = model.NetworkConfig(
        EnableInterContainerTrafficEncryption=_encryption(options),
        EnableNetworkIsolation=_flag(options.enable_network_isolation),
        VpcConfig=_vpc_config(options, groups, subnets),
    )
    return Network(
        config if config != model.NetworkConfig() else None,
        _ec2().Connections(security_groups=groups) if groups else None,
    )


def _encryption(options: Options) -> Any:
    """Whether what instances send each other is encrypted, which one alone has no use for."""
    chosen = options.encrypt_inter_container_traffic
    alone = is_known(options.instance_count) and options.instance_count == 1
    return _flag(True if chosen is None and not alone else chosen)


def _flag(value: Any) -> Any:
    # JSONata gives a boolean of its own; text would be refused at run time.
    return None if value is None else run_time.json_value(value)


def _vpc_config(
    options: Options, groups: list[ec2.ISecurityGroup], subnets: Sequence[str] | str
) -> model.VpcConfig | None:
    if not subnets:
        return None
    ids = [one.security_group_id for one in groups] or options.security_group_ids
    return model.VpcConfig(SecurityGroupIds=run_time.texts(ids), Subnets=run_time.texts(subnets))


def _subnets(options: Options) -> Sequence[str] | str | Problem:
    """The ids of the subnets, or why the VPC has none such."""
    vpc, chosen = options.vpc, options.vpc_subnets or {}
    if vpc is None:
        return options.subnets
    selection = dict(chosen) if isinstance(chosen, Mapping) else keywords_of(chosen)
    try:
        found = list(vpc.select_subnets(**selection).subnet_ids)
    except (TypeError, RuntimeError) as error:
        return Problem(f"vpc_subnets: {str(error).splitlines()[0]}; write ec2.SubnetSelection(...)")
    return found or Problem(f"vpc_subnets: the VPC {vpc.node.path!r} has no such subnet")


def _security_groups(step: Construct, options: Options) -> list[ec2.ISecurityGroup]:
    if options.vpc is None:
        return []
    return list(options.security_groups) or [_own_security_group(step, options.vpc)]


def _own_security_group(step: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    group: ec2.SecurityGroup = _ec2().SecurityGroup(step, "SecurityGroup", vpc=vpc)
    # The instances of a job must reach each other: Amazon SageMaker developer guide,
    # "Give SageMaker AI Processing Jobs Access to Resources in Your Amazon VPC".
    # A rule for the way in alone: the CDK warns of one for the way out, where all is allowed.
    group.add_ingress_rule(group, _ec2().Port.all_traffic(), "between instances of a job")
    return group


def _ec2() -> Any:
    # It takes seconds to load, so only those pay who have a VPC, and have loaded it already.
    return import_module("aws_cdk.aws_ec2")
