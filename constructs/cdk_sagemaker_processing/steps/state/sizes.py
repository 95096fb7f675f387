"""Whether a state machine is of a size that AWS takes, told before a deploy finds out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.cdk.lengths import length_of

__all__ = [
    "LARGEST_DEFINITION",
    "MANAGED_POLICIES_KEY",
    "MOST_MANAGED_POLICIES",
    "Size",
    "is_large",
    "sizes",
]

LARGEST_DEFINITION = 1_048_576
"""Characters of a definition.

Source: AWS Step Functions API reference, CreateStateMachine, ``definition``.
"""
MOST_MANAGED_POLICIES = 10
"""Managed policies of a role, unless the account's quota is another.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
MANAGED_POLICIES_KEY = "cdk-sagemaker-processing:managedPoliciesPerRole"
"""The key of the app's context under which stands how many the account's quota allows."""

# From which share of what is allowed a warning tells.
_NEAR = 0.8
# No machine with a definition shorter than this is in a template or has a role near its limit: a
# template has less than four times the characters of its definitions, a role less than half.
_WORTH_A_LOOK = 65_536
_WAY_OUT = (
    "put some of its steps into another ProcessingWorkflow, in a cdk.NestedStack, which this "
    "machine runs by a WorkflowStep; or make one step in a Map of those that differ in values only"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of something, near its limit or above it.

    Attributes:
        what: What it is, in a word, for an id.
        is_error: Whether it is above the limit.
        text: What there is, what is allowed and the way out.
    """

    what: str
    is_error: bool
    text: str


def is_large(definition: Any) -> bool:
    """Whether a definition, resolved, is so large that something may be near its limit."""
    return length_of(definition) > _WORTH_A_LOOK


def sizes(machine: sfn.CfnStateMachine, definition: Any) -> list[Size]:
    """What of a machine is near its limit or above it.

    Args:
        machine: The machine.
        definition: Its definition, resolved.
    """
    if not is_large(definition):
        return []
    return [*_of_definition(length_of(definition)), *_of_policies(machine)]


def _of_definition(length: int) -> Iterator[Size]:
    if length > LARGEST_DEFINITION * _NEAR:
        yield Size(
            "definition-size",
            length > LARGEST_DEFINITION,
            f"the state machine's definition has about {length:,} characters, and Step Functions "
            f"takes {LARGEST_DEFINITION:,}: {_WAY_OUT}",
        )


def _of_policies(machine: sfn.CfnStateMachine) -> Iterator[Size]:
    around = machine.node.scope
    role = around.role if isinstance(around, sfn.StateMachine) else None
    if not isinstance(role, iam.Role):
        return
    # The CDK has put into policies of their own what the role's inline policy does not take.
    attached = sum(isinstance(one, iam.ManagedPolicy) for one in role.node.children)
    if attached <= MOST_MANAGED_POLICIES * _NEAR:
        return
    allowed = machine.node.try_get_context(MANAGED_POLICIES_KEY) or MOST_MANAGED_POLICIES
    if attached > int(allowed) * _NEAR:
        yield Size(
            "policies-size",
            attached > int(allowed),
            f"the permissions of the state machine's role fill {attached} managed policies beside "
            f"its inline one, and IAM attaches {allowed} to a role: {_WAY_OUT}. If the account's "
            f'quota is higher, tell it in the context of the app: "{MANAGED_POLICIES_KEY}": 20',
        )
