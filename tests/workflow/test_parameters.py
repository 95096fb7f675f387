"""The states that check an execution's input before anything runs."""

import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.parameters.input_check import problems_in
from tests.support import definition

JSONATA = sfn.QueryLanguage.JSONATA
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
DAY = processing.WorkflowParameter("day", pattern=r"\d{4}")
COUNT = processing.WorkflowParameter("instances", type="integer", default=3)


def step(stack: cdk.Stack, name: str = "Clean") -> processing.ProcessingStep:
    """A step that is given the day."""
    return processing.ProcessingStep(stack, name, image_uri=IMAGE, arguments=[DAY.value])


def test_every_parameter_is_checked_and_kept_before_the_definition(stack: cdk.Stack) -> None:
    """In JSONata, though the machine is JSONPath."""
    workflow = processing.ProcessingWorkflow(
        stack, "Nightly", definition=sfn.Pass(stack, "Pass"), parameters=[DAY, COUNT]
    )

    machine = definition(workflow.state_machine)

    assert machine == {
        "StartAt": "Check parameters",
        "States": {
            "Check parameters": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Comment": '{"parameters": [{"name": "day", "type": "string", "pattern": '
                '"\\\\d{4}", "allowed_values": []}, {"name": "instances", "type": "integer", '
                '"default": 3, "allowed_values": []}]}',
                "Assign": {
                    "workflow_problems": problems_in([DAY, COUNT]),
                    "day": "{% $exists($states.input.`day`) ? $states.input.`day` : null %}",
                    "instances": "{% $exists($states.input.`instances`) "
                    "? $states.input.`instances` : 3 %}",
                },
                "Next": "Parameters are right?",
            },
            "Parameters are right?": {
                "Type": "Choice",
                "QueryLanguage": "JSONata",
                "Choices": [{"Condition": "{% $workflow_problems = '' %}", "Next": "Pass"}],
                "Default": "Parameters are wrong",
            },
            "Parameters are wrong": {
                "Type": "Fail",
                "QueryLanguage": "JSONata",
                "Error": "Workflow.InvalidParameters",
                "Cause": "{% $workflow_problems %}",
            },
            "Pass": {"Type": "Pass", "End": True},
        },
    }


def test_a_jsonata_machine_has_the_same_states(stack: cdk.Stack) -> None:
    """Which need not say their language there."""
    workflow = processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=sfn.Pass.jsonata(stack, "Pass"),
        parameters=[DAY],
        query_language=JSONATA,
    )

    machine = definition(workflow.state_machine)

    assert machine["QueryLanguage"] == "JSONata"
    assert {name: state["Type"] for name, state in machine["States"].items()} == {
        "Check parameters": "Pass",
        "Parameters are right?": "Choice",
        "Parameters are wrong": "Fail",
        "Pass": "Pass",
    }
    assert not any("QueryLanguage" in state for state in machine["States"].values())


def test_a_workflow_without_parameters_checks_nothing(stack: cdk.Stack) -> None:
    """Any input will do, as ever."""
    workflow = processing.ProcessingWorkflow(stack, "Nightly", definition=sfn.Pass(stack, "Pass"))

    assert definition(workflow.state_machine) == {
        "StartAt": "Pass",
        "States": {"Pass": {"Type": "Pass", "End": True}},
    }


def test_parameters_are_each_named_once(stack: cdk.Stack) -> None:
    """Two of a name would be one."""
    with pytest.raises(
        processing.ValidationError,
        match=re.escape(
            "Prod/Nightly (ProcessingWorkflow): parameters: 'day' is named twice: give each its own"
        ),
    ):
        processing.ProcessingWorkflow(
            stack, "Nightly", definition=sfn.Pass(stack, "Pass"), parameters=[DAY, DAY]
        )


def test_a_name_alone_is_no_parameter(stack: cdk.Stack) -> None:
    """The message says what is."""
    with pytest.raises(
        processing.ValidationError, match="parameters must be WorkflowParameters, got 'day'"
    ):
        processing.ProcessingWorkflow(
            stack,
            "Nightly",
            definition=sfn.Pass(stack, "Pass"),
            parameters=["day"],  # type: ignore[list-item] # the point of the test
        )


def synthesized(stack: cdk.Stack) -> None:
    """Synthesize the stack's app."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    app.synth()


def test_a_step_of_a_machine_that_declares_its_parameter_is_right(stack: cdk.Stack) -> None:
    """Wherever it stands, and whoever assigns the variable."""
    both = sfn.Parallel(stack, "Both").branch(step(stack))
    each = sfn.Map(stack, "Each").item_processor(step(stack, "Other"))
    processing.ProcessingWorkflow(
        stack, "Nightly", definition=both.next(each), parameters=[DAY, COUNT]
    )
    own = sfn.Pass(stack, "Own", assign={"day": "2013"}).next(step(stack, "Third"))
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(own))

    synthesized(stack)


def test_a_step_whose_parameter_nobody_declares_is_refused(stack: cdk.Stack) -> None:
    """At synth, with its path and the way out."""
    processing.ProcessingWorkflow(stack, "Nightly", definition=step(stack), parameters=[COUNT])

    with pytest.raises(
        RuntimeError,
        match=r"the step 'Prod/Clean' holds the variable \$day, which no state assigns .* "
        "name the WorkflowParameter 'day' in the parameters of its ProcessingWorkflow",
    ):
        synthesized(stack)


def test_a_step_in_a_distributed_map_sees_no_parameter(stack: cdk.Stack) -> None:
    """Its iterations are executions of their own."""
    each = sfn.DistributedMap(stack, "Each").item_processor(step(stack))
    processing.ProcessingWorkflow(stack, "Nightly", definition=each, parameters=[DAY])

    with pytest.raises(RuntimeError, match=r"within a distributed Map, .* by item_selector"):
        synthesized(stack)


def test_a_step_in_a_distributed_map_sees_what_is_assigned_there(stack: cdk.Stack) -> None:
    """From the item that it is given."""
    first = sfn.Pass(stack, "Keep", assign={"day": sfn.JsonPath.string_at("$.day")})
    each = sfn.DistributedMap(stack, "Each").item_processor(first.next(step(stack)))
    processing.ProcessingWorkflow(stack, "Nightly", definition=each)

    synthesized(stack)


def test_another_stack_may_use_the_same_parameter(stack: cdk.Stack) -> None:
    """It is a value, not a construct."""
    app = stack.node.root
    assert isinstance(app, cdk.App)
    other = cdk.Stack(app, "Other")
    for one in (stack, other):
        processing.ProcessingWorkflow(one, "Nightly", definition=step(one), parameters=[DAY])

    synthesized(stack)
