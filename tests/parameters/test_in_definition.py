"""Parameters in a deployed definition, for those who have no app."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.parameters.in_definition import read_parameters
from tests.support import definition

PARAMETERS = [
    processing.WorkflowParameter("day", pattern=r"\d{4}-\d{2}", description="which day's flights"),
    processing.WorkflowParameter("instances", type="integer", default=0, minimum=0, maximum=9),
    processing.WorkflowParameter("full", type="boolean", default=False),
    processing.WorkflowParameter("share", type="number", allowed_values=[0.5, 1]),
    processing.WorkflowParameter("airports", type="strings", default=[]),
]


def test_they_are_read_as_they_were_written(stack: cdk.Stack) -> None:
    """Every attribute, whatever its value."""
    workflow = processing.ProcessingWorkflow(
        stack, "Nightly", definition=sfn.Pass(stack, "Pass"), parameters=PARAMETERS
    )

    found = read_parameters(json.dumps(definition(workflow.state_machine)))

    assert list(found) == [one.name for one in PARAMETERS]
    assert list(found.values()) == PARAMETERS


@pytest.mark.parametrize(
    "states",
    [
        {"Pass": {"Type": "Pass", "End": True}},
        {"Check parameters": {"Type": "Pass", "End": True}},
        {"Check parameters": {"Type": "Pass", "Comment": "of mine", "End": True}},
        {"Check parameters": {"Type": "Pass", "Comment": "[]", "End": True}},
        {"Check parameters": {"Type": "Pass", "Comment": '{"parameters": [{}]}', "End": True}},
    ],
    ids=str,
)
def test_a_machine_that_is_no_such_workflow_has_none(states: dict[str, object]) -> None:
    """Though it may have a state of that name."""
    assert read_parameters(json.dumps({"StartAt": next(iter(states)), "States": states})) == {}
