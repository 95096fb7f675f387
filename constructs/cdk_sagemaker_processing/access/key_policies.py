"""What a state machine and its log need of the key that encrypts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

__all__ = ["let_logs_use", "let_machine_use"]

_LOGS_PAGE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
_STATES_PAGE = "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"
_WARNING = "cdk-sagemaker-processing:keyPolicyNotChanged"
_LOG_ACTIONS = (
    "kms:Decrypt",
    "kms:Describe*",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
)


def let_logs_use(
    key: kms.IKey, owner: Construct, log_groups: str, *, by_delivery: bool = False
) -> None:
    """Let Amazon CloudWatch Logs encrypt log groups with a key, by the key's own policy.

    The policy of a key that the app only imports cannot be changed from here:
    a warning then tells what it must allow.

    Args:
        key: The key.
        owner: The construct whose logs they are.
        log_groups: The pattern of the log groups' names.
        by_delivery: Whether they are written by the log delivery service, as
            those of state machines are.

    Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    stack = cdk.Stack.of(owner)
    service = f"logs.{stack.region}.{cdk.Aws.URL_SUFFIX}"
    statement = iam.PolicyStatement(
        actions=list(_LOG_ACTIONS),
        principals=[iam.ServicePrincipal(service)],
        resources=["*"],
        conditions={
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": stack.format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=log_groups,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            }
        },
    )
    if not key.add_to_resource_policy(statement).statement_added:
        delivery = f"; the service delivery.logs.amazonaws.com kms:Decrypt* ({_STATES_PAGE})"
        cdk.Annotations.of(owner).add_warning_v2(
            _WARNING,
            "the policy of encryption_key cannot be changed by this app, and must allow: the "
            f"service logs.<region>.amazonaws.com {', '.join(_LOG_ACTIONS)} for log groups "
            f"{log_groups} ({_LOGS_PAGE}){delivery if by_delivery else ''}. Acknowledge this "
            "warning once it does",
        )


def let_machine_use(key: kms.IKey, machine: sfn.StateMachine) -> None:
    """Let the role of a state machine encrypt and read its own executions with a key, no others'.

    The CDK's statement for it names the machine by its physical name, of which a
    machine that CloudFormation names has none, so that it allows nothing; and
    the machine's ARN can stand in no policy that the machine waits for.

    Args:
        key: The key.
        machine: The state machine, which is made with the key.

    Sources: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    iam.Policy(
        machine,
        "Encryption",
        roles=[machine.role],
        statements=[
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[key.key_arn],
                conditions={
                    "StringEquals": {
                        "kms:EncryptionContext:aws:states:stateMachineArn": (
                            machine.state_machine_arn
                        )
                    }
                },
            )
        ],
    )
