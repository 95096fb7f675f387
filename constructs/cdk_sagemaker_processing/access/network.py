"""What a job's role may do to join a VPC."""

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest, VpcConfig
from cdk_sagemaker_processing.request.values import is_run_time

__all__ = ["network_statements"]


def network_statements(request: CreateProcessingJobRequest) -> list[Statement]:
    """The network interfaces of a job in a VPC; nothing for a job in none.

    Source: Amazon SageMaker developer guide, "CreateProcessingJob API: Execution
    Role Permissions". Which resources and conditions each action knows:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    if request.NetworkConfig is None or request.NetworkConfig.VpcConfig is None:
        return []
    vpc = request.NetworkConfig.VpcConfig
    subnets = _subnets(vpc)
    return [
        {
            "Sid": "JoinSubnets",
            "Effect": "Allow",
            "Action": ["ec2:CreateNetworkInterface"],
            # An interface has no name before it is made.
            "Resource": [*subnets, *_security_groups(vpc), _arn("network-interface", "*")],
        },
        {
            "Sid": "UseNetworkInterfaces",
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            "Resource": [_arn("network-interface", "*")],
            "Condition": {"ArnLike": {"ec2:Subnet": subnets}},
        },
        {
            # None of these has a resource to name.
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


def _subnets(vpc: VpcConfig) -> list[str]:
    # The subnets of a VPC that is shared are another account's.
    return [_arn("subnet", one, account="*") for one in _ids(vpc.Subnets)]


def _security_groups(vpc: VpcConfig) -> list[str]:
    return [_arn("security-group", one, account="*") for one in _ids(vpc.SecurityGroupIds)]


def _ids(given: object) -> list[str]:
    """The ids, or any where only the run knows one."""
    if not isinstance(given, tuple) or any(map(is_run_time, given)):
        return ["*"]
    return list(given)


def _arn(kind: str, name: str, account: str = ACCOUNT_ID) -> str:
    return f"arn:{PARTITION}:ec2:{REGION}:{account}:{kind}/{name}"
