"""Who may publish to a topic."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

__all__ = ["let_publish"]

# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey*")


def let_publish(scope: Construct, topic: sns.ITopic, service: str, arns: Sequence[str]) -> None:
    """Let a service publish to a topic on behalf of resources, by the policies of it and its key.

    Each must be let: any policy takes the place of the one that topics come
    with, by which all of the account may.

    Args:
        scope: Who warns where the topic is imported.
        topic: The topic.
        service: The service, such as ``events.amazonaws.com``.
        arns: The ARNs of the resources.
    """
    source = {"ArnEquals": {"aws:SourceArn": arns[0] if len(arns) == 1 else list(arns)}}
    added = topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            principals=[iam.ServicePrincipal(service, conditions=source)],
        )
    )
    if topic.master_key:
        topic.master_key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=list(_KEY_ACTIONS),
                resources=["*"],
                principals=[iam.ServicePrincipal(service)],
            )
        )
    if not added.statement_added:
        cdk.Annotations.of(scope).add_warning_v2(
            "cdk-sagemaker-processing:topicPolicyNotChanged",
            f"the policy of the imported topic cannot be changed by this app: let {service} do "
            "sns:Publish on it, else nobody is told",
        )
