"""A VPC and what is in it, of the right kind."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from cdk_sagemaker_processing.steps.argument_types import network
from tests.steps.argument_types.checked import said

WRONG: dict[str, tuple[Callable[[str, Any], Any], Any, str]] = {
    "an id": (
        network.wrong_vpc,
        "vpc-1",
        "it must be an ec2.IVpc, got 'vpc-1': write ec2.Vpc.from",
    ),
    "a number": (
        network.wrong_vpc,
        5,
        "it must be an ec2.IVpc, got 5: give an ec2.IVpc, or subnets",
    ),
    "ids of subnets": (
        network.wrong_vpc_subnets,
        ["subnet-1"],
        "it must be an ec2.SubnetSelection, got ['subnet-1']: ids go to subnets",
    ),
    "an id of a group": (
        network.wrong_security_groups,
        ["sg-1"],
        "it[0] must be an ec2.ISecurityGroup, got 'sg-1': ids go to security_group_ids",
    ),
    "a number for a group": (network.wrong_security_groups, [5], "got 5: give the construct"),
    "no list": (network.wrong_security_groups, 5, "it must be a list of ec2.ISecurityGroup, got 5"),
}


def test_what_fits_is_taken(stack: cdk.Stack) -> None:
    """Made here or imported; a selection may be a mapping."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"], private_subnet_ids=["subnet-1"]
    )
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")

    assert said(network.wrong_vpc, vpc) == []
    assert said(network.wrong_vpc, None) == []
    for one in (None, {}, ec2.SubnetSelection(), {"one_per_az": True}):
        assert said(network.wrong_vpc_subnets, one) == []
    for groups in ((), [group]):
        assert said(network.wrong_security_groups, groups) == []


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_what_does(case: str) -> None:
    """Once, with where its ids would go."""
    check, value, words = WRONG[case]

    (problem,) = said(check, value)

    assert words in problem
