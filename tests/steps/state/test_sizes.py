"""What outgrows AWS's limits is told at synth."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.checks.template_sizes import LARGEST_TEMPLATE
from cdk_sagemaker_processing.steps.state.sizes import (
    LARGEST_DEFINITION,
    MANAGED_POLICIES_KEY,
    MOST_MANAGED_POLICIES,
)
from tests.support import warnings_of

LONG = 70_000


def flow_of(stack: cdk.Stack, script: Path, characters: int) -> processing.ProcessingWorkflow:
    """A workflow of a step, and of a state that is as long as it is told."""
    step = processing.SKLearnStep(stack, "Clean", code=script)
    long = sfn.Pass(stack, "Long", comment="x" * characters)
    return processing.ProcessingWorkflow(stack, "Flow", definition=step.next(long))


def synthesize(stack: cdk.Stack) -> None:
    """Synthesize the stack's app."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    app.synth()


def allow(workflow: processing.ProcessingWorkflow, policies: int) -> None:
    """Give the machine's role what fills that many managed policies beside its inline one."""
    # The CDK fills an inline policy up to 10,000 characters, a managed one up to 6,000.
    role = workflow.state_machine.role
    for number in range(6 + 5 * policies):
        bucket = f"arn:aws:s3:::{number:060}"
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket + "/" + "k" * 940])
        )


def told(stack: cdk.Stack, words: str) -> list[str]:
    """The warnings with some words in them."""
    return [one for one in warnings_of(stack) if words in one]


def test_a_definition_that_is_too_long_is_an_error(stack: cdk.Stack, script: Path) -> None:
    """With the machine's path, what came, what is allowed and the way out."""
    flow_of(stack, script, LARGEST_DEFINITION)

    with pytest.raises(
        RuntimeError,
        match=r"Prod/Flow/StateMachine/Resource: the state machine's definition has about "
        r"1,0[45]\d,\d{3} characters, and Step Functions takes 1,048,576: put .* WorkflowStep",
    ):
        synthesize(stack)


def test_one_that_comes_near_is_a_warning(stack: cdk.Stack, script: Path) -> None:
    """From four fifths on."""
    flow_of(stack, script, LARGEST_DEFINITION * 82 // 100)

    (warning,) = told(stack, "Step Functions takes")

    assert "definition has about 86" in warning


def test_what_is_far_from_its_limits_is_not_spoken_of(stack: cdk.Stack, script: Path) -> None:
    """Nor is anything looked at after the synth."""
    flow_of(stack, script, 1_000)
    assert not told(stack, "takes")
    assert not told(stack, "IAM attaches")


def test_more_policies_than_a_role_takes_are_an_error(stack: cdk.Stack, script: Path) -> None:
    """They would be refused in the midst of a deploy."""
    allow(flow_of(stack, script, LONG), MOST_MANAGED_POLICIES + 1)

    with pytest.raises(
        RuntimeError,
        match=r"Prod/Flow/StateMachine/Resource: the permissions of the state machine's role fill "
        r"11 managed policies beside its inline one, and IAM attaches 10 to a role: put",
    ):
        synthesize(stack)


def test_an_account_may_be_allowed_more(stack: cdk.Stack, script: Path) -> None:
    """It is told in the context."""
    stack.node.set_context(MANAGED_POLICIES_KEY, 12)
    allow(flow_of(stack, script, LONG), MOST_MANAGED_POLICIES + 1)

    (warning,) = told(stack, "IAM attaches")

    assert "IAM attaches 12 to a role" in warning


def test_policies_that_come_near_are_a_warning(stack: cdk.Stack, script: Path) -> None:
    """From nine on."""
    allow(flow_of(stack, script, LONG), 9)

    assert len(told(stack, "fill 9 managed policies")) == 1


def test_a_nested_stack_tells_of_its_own_machine(stack: cdk.Stack, script: Path) -> None:
    """Once, though the parent's check sees it too."""
    flow_of(stack, script, 0)
    flow_of(cdk.NestedStack(stack, "Nested"), script, LARGEST_DEFINITION)

    with pytest.raises(RuntimeError) as error:
        synthesize(stack)

    assert str(error.value).count("Step Functions takes") == 1
    assert "Prod/Nested/Flow/StateMachine/Resource: the state" in str(error.value)


@pytest.mark.parametrize("nested", [False, True], ids=["alone", "nested"])
def test_a_template_that_is_too_large_is_an_error(
    stack: cdk.Stack, script: Path, *, nested: bool
) -> None:
    """Of which the CDK itself only warns; a nested stack's too, which is a file of its own."""
    inner = cdk.NestedStack(stack, "Nested") if nested else stack
    flow_of(inner, script, LONG)
    cdk.CfnResource(
        inner,
        "Large",
        type="Own::Kind::Large",
        properties={"Text": ["x"] * (LARGEST_TEMPLATE // 10)},
    )

    with pytest.raises(
        RuntimeError, match=r"template has 1,0\d\d,\d{3} bytes, and CloudFormation takes 1,000,000"
    ) as error:
        synthesize(stack)

    assert inner.node.path in str(error.value).split()
    assert "suppressTemplateIndentation" in str(error.value)


def test_one_that_fits_without_indentation_is_none(tmp_path: Path, script: Path) -> None:
    """As the error says."""
    app = cdk.App(
        outdir=str(tmp_path / "cdk.out"),
        context={"@aws-cdk/core:suppressTemplateIndentation": True},
    )
    stack = cdk.Stack(app, "Prod")
    flow_of(stack, script, LONG)
    cdk.CfnResource(
        stack,
        "Large",
        type="Own::Kind::Large",
        properties={"Text": ["x"] * (LARGEST_TEMPLATE // 10)},
    )

    synthesize(stack)
