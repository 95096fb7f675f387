"""A state machine with what every one should have."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import definition, template_of


def test_its_executions_are_logged_and_traced(stack: cdk.Stack, script: Path) -> None:
    """Everything is logged, to a group whose name no account policy limits."""
    processing.ProcessingWorkflow(
        stack, "Nightly", definition=processing.SKLearnStep(stack, "Clean", code=script)
    )

    resources = template_of(stack)["Resources"]
    (machine,) = [
        one["Properties"]
        for one in resources.values()
        if one["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    (group,) = [one for one in resources.values() if one["Type"] == "AWS::Logs::LogGroup"]
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is True
    assert group["Properties"] == {
        "LogGroupName": {
            "Fn::Join": [
                "",
                ["/aws/vendedlogs/states/", {"Ref": "AWS::StackName"}, "/Nightly"],
            ]
        },
        "RetentionInDays": 180,
    }


def test_its_machine_is_an_output_of_the_stack(stack: cdk.Stack, script: Path) -> None:
    """So a command line finds it by its path."""
    processing.ProcessingWorkflow(
        stack, "Nightly", definition=processing.SKLearnStep(stack, "Clean", code=script)
    )

    (output,) = template_of(stack)["Outputs"].values()

    assert output["Description"] == "Step Functions state machine of workflow Prod/Nightly"
    assert output["Value"] == {"Ref": "NightlyStateMachineF28BA435"}


def test_it_takes_any_chain(stack: cdk.Stack, script: Path) -> None:
    """A step may stand in a Parallel, behind a Choice, or in a chain with other states."""
    step = processing.SKLearnStep(stack, "Clean", code=script)
    both = sfn.Parallel(stack, "Both").branch(step).branch(sfn.Pass(stack, "Other"))
    workflow = processing.ProcessingWorkflow(
        stack, "Nightly", definition=both.next(sfn.Succeed(stack, "Done"))
    )

    states = definition(workflow.state_machine)["States"]

    assert list(states) == ["Both", "Done"]
    assert list(states["Both"]["Branches"][0]["States"]) == ["Clean"]


def test_a_jsonata_workflow_renders_its_steps_in_jsonata(stack: cdk.Stack, script: Path) -> None:
    """One word for the whole machine."""
    workflow = processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=processing.SKLearnStep(stack, "Clean", code=script),
        query_language=sfn.QueryLanguage.JSONATA,
    )

    read = definition(workflow.state_machine)

    assert read["QueryLanguage"] == "JSONata"
    assert "Arguments" in read["States"]["Clean"]
