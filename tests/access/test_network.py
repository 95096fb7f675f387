"""What a job's role may do to join a VPC."""

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.request.model import NetworkConfig, VpcConfig
from cdk_sagemaker_processing.request.values import Reference
from tests.access.statements import HERE, statements_for
from tests.request.examples import request

IDS = VpcConfig(SecurityGroupIds=("sg-1",), Subnets=("subnet-1",))
RUN_TIME = VpcConfig(
    SecurityGroupIds=(Reference(jsonpath="$.group"),), Subnets=Reference(jsonpath="$.subnets")
)


@pytest.mark.parametrize("vpc", [IDS, RUN_TIME], ids=["known", "run time"])
def test_a_job_in_a_vpc_makes_its_network_interfaces(stack: cdk.Stack, vpc: VpcConfig) -> None:
    """SageMaker does it in the role's name, in whichever subnets the request names."""
    ec2 = f"arn:<AWS::Partition>:ec2:{HERE}"

    statements = statements_for(stack, request(NetworkConfig=NetworkConfig(VpcConfig=vpc)))

    assert statements == [
        {
            "Sid": "MakeNetworkInterfaces",
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            "Resource": [
                f"{ec2}:network-interface/*",
                f"{ec2}:security-group/*",
                f"{ec2}:subnet/*",
            ],
        },
        {
            "Sid": "LookAtNetwork",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            "Resource": ["*"],
        },
    ]


@pytest.mark.parametrize(
    "network", [None, NetworkConfig(EnableNetworkIsolation=True)], ids=["none", "isolated"]
)
def test_a_job_in_no_vpc_touches_no_network(
    stack: cdk.Stack, network: NetworkConfig | None
) -> None:
    """Isolation needs no permission."""
    assert statements_for(stack, request(NetworkConfig=network)) == []
