"""A workflow that another one runs."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import definition, resolved, statements_of, warnings_of

JSONATA = sfn.QueryLanguage.JSONATA


def part(stack: cdk.Stack, script: Path, source: str = "s3://raw/") -> tuple[Any, str]:
    """A nested stack's workflow, and the output of its only step."""
    nested = cdk.NestedStack(stack, f"Part{len(stack.node.children)}")
    step = processing.SKLearnStep(
        nested,
        "Clean",
        code=script,
        inputs=[processing.ProcessingInput(source, input_name="in")],
        outputs=[processing.ProcessingOutput("out")],
        storage=processing.ProcessingStorage.of(stack),
    )
    workflow = processing.ProcessingWorkflow(nested, "Flow", definition=step)
    return workflow, step.output("out")


def state_of(
    stack: cdk.Stack, step: processing.WorkflowStep, language: sfn.QueryLanguage | None = None
) -> dict[str, Any]:
    """The step's state, in a workflow of its own."""
    flow = processing.ProcessingWorkflow(stack, "All", definition=step, query_language=language)
    state: dict[str, Any] = definition(flow.state_machine)["States"][step.node.id]
    return state


def test_its_execution_has_the_name_and_the_input_of_the_one_that_starts_it(
    stack: cdk.Stack, script: Path
) -> None:
    """And what it gives is not kept: the state's output is its input."""
    workflow, _ = part(stack, script)

    state = state_of(stack, processing.WorkflowStep(stack, "Run", workflow=workflow))

    arn = state["Parameters"].pop("StateMachineArn")
    assert arn.startswith("<")
    assert state == {
        "Type": "Task",
        "Resource": "arn:<AWS::Partition>:states:::states:startExecution.sync:2",
        "Parameters": {"Name.$": "$$.Execution.Name", "Input.$": "$"},
        "ResultPath": None,
        "End": True,
    }


def test_the_same_in_jsonata(stack: cdk.Stack, script: Path) -> None:
    """In the words of that language."""
    workflow, _ = part(stack, script)

    state = state_of(stack, processing.WorkflowStep(stack, "Run", workflow=workflow), JSONATA)

    assert state["Arguments"]["Name"] == "{% $states.context.Execution.Name %}"
    assert state["Arguments"]["Input"] == state["Output"] == "{% $states.input %}"
    assert "Parameters" not in state


@pytest.mark.parametrize("language", [None, JSONATA])
def test_an_input_of_its_own(
    stack: cdk.Stack, script: Path, language: sfn.QueryLanguage | None
) -> None:
    """In the words of either language; a comment and a name are the state's."""
    workflow, _ = part(stack, script)
    day = "{% $states.input.day %}" if language else sfn.JsonPath.string_at("$.day")

    state = state_of(
        stack,
        processing.WorkflowStep(
            stack,
            "Run",
            workflow=workflow,
            input={"day": day, "full": True},
            query_language=language,
            comment="first",
        ),
        language,
    )

    assert state["Comment"] == "first"
    assert (state.get("Arguments") or state["Parameters"])["Input"] == (
        {"day": day, "full": True} if language else {"day.$": "$.day", "full": True}
    )


def test_the_machine_may_run_that_workflow_alone(stack: cdk.Stack, script: Path) -> None:
    """Start it, follow and stop its executions, and hear of their ends."""
    workflow, _ = part(stack, script)
    state_of(stack, processing.WorkflowStep(stack, "Run", workflow=workflow))

    found = {
        tuple(one["Action"] if isinstance(one["Action"], list) else [one["Action"]]): one
        for one in statements_of(stack, "AllStateMachineRole")
    }

    assert found[("states:StartExecution",)]["Resource"] != "*"
    following = found[("states:DescribeExecution", "states:StopExecution")]["Resource"]
    assert resolved(stack, following).startswith(
        "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<"
    )
    hearing = found[("events:DescribeRule", "events:PutRule", "events:PutTargets")]["Resource"]
    assert hearing.endswith(":rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")


@pytest.mark.parametrize("named", [True, False])
def test_outputs_of_other_machines_are_found_by_the_name(
    stack: cdk.Stack, script: Path, *, named: bool
) -> None:
    """Where nobody gives the executions one name, a warning tells of it."""
    first, output = part(stack, script)
    second, _ = part(stack, script, output)
    runs = [
        processing.WorkflowStep(stack, f"Run{at}", workflow=one)
        for at, one in enumerate((first, second))
        if named
    ]
    if runs:
        processing.ProcessingWorkflow(stack, "All", definition=runs[0].next(runs[1]))

    told = [one for one in warnings_of(stack) if "not in this state machine" in one]

    assert len(told) == (0 if named else 1)


def test_anything_else_is_no_workflow(stack: cdk.Stack, script: Path) -> None:
    """A state machine of the CDK's has no name to give by itself."""
    workflow, _ = part(stack, script)

    with pytest.raises(
        processing.ValidationError,
        match=r"Prod/Run \(WorkflowStep\): workflow must be a Proc.*got St",
    ):
        processing.WorkflowStep(stack, "Run", workflow=workflow.state_machine)
