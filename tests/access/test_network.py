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


@pytest.mark.parametrize(
    ("vpc", "subnet", "group"), [(IDS, "subnet-1", "sg-1"), (RUN_TIME, "*", "*")]
)
def test_a_job_in_a_vpc_makes_its_network_interfaces(
    stack: cdk.Stack, vpc: VpcConfig, subnet: str, group: str
) -> None:
    """SageMaker does it in the role's name: in these subnets and security groups and no others."""
    anyones = "arn:<AWS::Partition>:ec2:<AWS::Region>:*"

    statements = statements_for(stack, request(NetworkConfig=NetworkConfig(VpcConfig=vpc)))

    assert statements == [
        {
            "Sid": "JoinSubnets",
            "Effect": "Allow",
            "Action": ["ec2:CreateNetworkInterface"],
            "Resource": [
                f"{anyones}:subnet/{subnet}",
                f"{anyones}:security-group/{group}",
                f"arn:<AWS::Partition>:ec2:{HERE}:network-interface/*",
            ],
        },
        {
            "Sid": "UseNetworkInterfaces",
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            "Resource": [f"arn:<AWS::Partition>:ec2:{HERE}:network-interface/*"],
            "Condition": {"ArnLike": {"ec2:Subnet": [f"{anyones}:subnet/{subnet}"]}},
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
