"""EventBridge rules: what of an event a target is told."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact

__all__ = ["add_rule", "rule_role"]


def add_rule(
    scope: Construct,
    name: str,
    *,
    description: str,
    pattern: Mapping[str, Any],
    target_arn: str,
    told: events.RuleTargetInput,
    role: iam.IRole | None = None,
) -> events.CfnRule:
    """Make a rule of one target.

    Args:
        scope: Whose it is.
        name: Its id.
        description: What it is for.
        pattern: Which events it is for, in EventBridge's own words.
        target_arn: What is told.
        told: What that is told of an event.
        role: Which role tells it; none for targets whose own policy allows it.
    """
    rule = events.CfnRule(scope, name, description=description, event_pattern=pattern)
    bound = told.bind(rule)
    target = events.CfnRule.TargetProperty(
        id="Target",
        arn=target_arn,
        role_arn=role.role_arn if role else None,
        input=bound.input,
        input_transformer=events.CfnRule.InputTransformerProperty(
            input_template=bound.input_template, input_paths_map=bound.input_paths_map
        )
        if bound.input_template
        else None,
    )
    rule.targets = [target]
    return rule


def rule_role(scope: Construct, name: str, machine: sfn.StateMachine) -> iam.Role:
    """The role of rules that start executions of a machine, which no other account's may take.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    rules = f"arn:{PARTITION}:events:{REGION}:{ACCOUNT_ID}:rule/*"
    trusted = iam.ServicePrincipal(
        "events.amazonaws.com",
        conditions={
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": compact(rules)},
        },
    )
    role = iam.Role(scope, name, assumed_by=trusted)
    machine.grant_start_execution(role)
    return role
