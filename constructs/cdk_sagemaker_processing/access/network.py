"""What a job's role may do to join a VPC."""

import aws_cdk as cdk

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest

__all__ = ["network_statements"]


def network_statements(request: CreateProcessingJobRequest) -> list[Statement]:
    """The network interfaces of a job in a VPC; nothing for a job in none.

    Source: Amazon SageMaker developer guide, "CreateProcessingJob API: Execution
    Role Permissions".
    """
    if request.NetworkConfig is None or request.NetworkConfig.VpcConfig is None:
        return []
    here = f"arn:{cdk.Aws.PARTITION}:ec2:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    return [
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
                f"{here}:network-interface/*",
                f"{here}:security-group/*",
                f"{here}:subnet/*",
            ],
        },
        {
            # None of these has a resource to name:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
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
