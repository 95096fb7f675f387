"""What a job's containers may reach, from what the user gave."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request import model

if TYPE_CHECKING:
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
    """

    config: model.NetworkConfig | None
    connections: ec2.Connections | None


def network(step: Construct, options: Options) -> Network:
    """The network that a step's jobs are in.

    Args:
        step: The step, which gets a security group where it was given none.
        options: What the user asked for, of the right kinds.
    """
    groups = _security_groups(step, options)
    config = model.NetworkConfig(
        EnableInterContainerTrafficEncryption=_flag(options.encrypt_inter_container_traffic),
        EnableNetworkIsolation=_flag(options.enable_network_isolation),
        VpcConfig=_vpc_config(options, groups),
    )
    return Network(
        config if config != model.NetworkConfig() else None,
        _ec2().Connections(security_groups=groups) if groups else None,
    )


def _flag(value: Any) -> Any:
    # JSONata gives a boolean of its own; text would be refused at run time.
    return None if value is None else run_time.json_value(value)


def _vpc_config(options: Options, groups: list[ec2.ISecurityGroup]) -> model.VpcConfig | None:
    if options.vpc is not None:
        return model.VpcConfig(
            SecurityGroupIds=tuple(one.security_group_id for one in groups),
            Subnets=run_time.texts(_subnets(options.vpc, options.vpc_subnets)),
        )
    if not options.subnets and not options.security_group_ids:
        return None
    return model.VpcConfig(
        SecurityGroupIds=run_time.texts(options.security_group_ids),
        Subnets=run_time.texts(options.subnets),
    )


def _subnets(vpc: ec2.IVpc, chosen: Any) -> list[str]:
    selection = chosen if isinstance(chosen, dict) else _fields_of(chosen)
    return list(vpc.select_subnets(**selection).subnet_ids)


def _fields_of(selection: Any) -> dict[str, Any]:
    # jsii keeps what a struct was made of, and `select_subnets` takes only keywords.
    return {} if selection is None else dict(selection._values)  # noqa: SLF001 # jsii's own way


def _security_groups(step: Construct, options: Options) -> list[ec2.ISecurityGroup]:
    if options.vpc is None:
        return []
    return list(options.security_groups) or [_own_security_group(step, options.vpc)]


def _own_security_group(step: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    group: ec2.SecurityGroup = _ec2().SecurityGroup(step, "SecurityGroup", vpc=vpc)
    # The instances of a job must reach each other: Amazon SageMaker developer guide,
    # "Give SageMaker AI Processing Jobs Access to Resources in Your Amazon VPC".
    group.connections.allow_internally(_ec2().Port.all_traffic(), "between instances of a job")
    return group


def _ec2() -> Any:
    # It takes seconds to load, so only those pay who have a VPC, and have loaded it already.
    return import_module("aws_cdk.aws_ec2")
