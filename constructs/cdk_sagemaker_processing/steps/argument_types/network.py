"""A VPC and what is in it, of the right kind."""

from collections.abc import Iterator, Mapping

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.steps.argument_types.values import is_list

__all__ = ["wrong_security_groups", "wrong_vpc", "wrong_vpc_subnets"]


def wrong_vpc(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a VPC."""
    if value is not None and not hasattr(value, "select_subnets"):
        hint = "write ec2.Vpc.from_lookup(...)" if isinstance(value, str) else "give an ec2.IVpc"
        yield Problem(
            f"{name} must be an ec2.IVpc, got {value!r}: {hint}, or subnets and "
            "security_group_ids by their ids"
        )


def wrong_vpc_subnets(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a choice of subnets."""
    if value is not None and not isinstance(value, Mapping) and not hasattr(value, "_values"):
        yield Problem(f"{name} must be an ec2.SubnetSelection, got {value!r}: ids go to subnets")


def wrong_security_groups(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with security groups."""
    if not is_list(value):
        yield Problem(f"{name} must be a list of ec2.ISecurityGroup, got {value!r}")
        return
    for at, one in enumerate(value):
        if not hasattr(one, "security_group_id"):
            hint = "ids go to security_group_ids" if isinstance(one, str) else "give the construct"
            yield Problem(f"{name}[{at}] must be an ec2.ISecurityGroup, got {one!r}: {hint}")
