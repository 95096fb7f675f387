"""Values known only at run time, in every argument of a step."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import state_of

PATH = sfn.JsonPath


def test_an_inputs_words_may_come_from_the_execution(stack: cdk.Stack, script: Path) -> None:
    """Each member of an input is a path then, never the path's text."""
    mode = PATH.string_at("$.mode")
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[
            processing.ProcessingInput(
                "s3://raw/x", input_name=PATH.string_at("$.name"), s3_input_mode=mode
            )
        ],
    )

    found = state_of(step)["Parameters"]["ProcessingInputs"][0]

    assert found["InputName.$"] == "$.name"
    assert found["S3Input"]["S3InputMode.$"] == "$.mode"
    assert found["S3Input"]["LocalPath.$"] == (
        "States.Format('/opt/ml/processing/input/{}', $.name)"
    )


def test_an_entrypoint_may_be_one_list(stack: cdk.Stack) -> None:
    """As arguments may."""
    step = processing.ProcessingStep(
        stack, "Run", image_uri="image", entrypoint=PATH.list_at("$.command")
    )

    assert state_of(step)["Parameters"]["AppSpecification"]["ContainerEntrypoint.$"] == "$.command"


def test_a_result_selector_takes_paths_as_the_cdk_does(stack: cdk.Stack, script: Path) -> None:
    """Written by ``JsonPath`` or by a member's own ``.$``."""
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        result_path="$.job",
        result_selector={"arn": PATH.string_at("$.ProcessingJobArn"), "name.$": "$.Name"},
    )

    assert state_of(step)["ResultSelector"] == {
        "arn.$": "$.ProcessingJobArn",
        "name.$": "$.Name",
    }


def test_a_task_timeout_may_come_from_the_execution(stack: cdk.Stack, script: Path) -> None:
    """Step Functions has a member of its own for it."""
    timeout = cdk.Duration.seconds(PATH.number_at("$.seconds"))
    state = state_of(processing.SKLearnStep(stack, "Clean", code=script, task_timeout=timeout))

    assert state["TimeoutSecondsPath"] == "$.seconds"
    assert "TimeoutSeconds" not in state


def test_a_task_timeout_in_the_other_language_is_refused(stack: cdk.Stack, script: Path) -> None:
    """A JSONata state has no TimeoutSecondsPath."""
    timeout = cdk.Duration.seconds(PATH.number_at("$.seconds"))
    step = processing.SKLearnStep(stack, "Clean", code=script, task_timeout=timeout)

    with pytest.raises(RuntimeError, match=r"'\$\.seconds' is JSONPath, but the state is JSONata"):
        state_of(step, sfn.QueryLanguage.JSONATA)


@pytest.mark.parametrize(
    ("language", "argument", "words"),
    [
        (sfn.QueryLanguage.JSONATA, {"result_path": "$.job"}, "give its output as state_output"),
        (sfn.QueryLanguage.JSONATA, {"result_selector": {"a": 1}}, "as state_output"),
        (sfn.QueryLanguage.JSON_PATH, {"state_output": {"a": 1}}, "state_output is for JSONata"),
    ],
    ids=["path", "selector", "output"],
)
def test_an_argument_of_the_other_language_is_refused(
    stack: cdk.Stack,
    script: Path,
    language: sfn.QueryLanguage,
    argument: dict[str, Any],
    words: str,
) -> None:
    """Left out in silence, the next state would miss what it counts on."""
    step = processing.SKLearnStep(stack, "Clean", code=script, **argument)

    with pytest.raises(RuntimeError, match=words):
        state_of(step, language)


def test_a_jsonata_output_may_stand_inside_text(stack: cdk.Stack, script: Path) -> None:
    """A part of another step's output, as in JSONPath."""
    jsonata = sfn.QueryLanguage.JSONATA
    first = processing.SKLearnStep(
        stack,
        "First",
        code=script,
        outputs=[processing.ProcessingOutput("train")],
        query_language=jsonata,
    )
    second = processing.SKLearnStep(
        stack,
        "Second",
        code=script,
        inputs=[processing.ProcessingInput(f"{first.output('train')}part/")],
        query_language=jsonata,
    )

    source = state_of(second)["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3Uri"]

    assert source == (
        "{% 's3://<ProcessingStorageOutputsD4C8CADC>/Prod/First/' & "
        "$states.context.Execution.Name & '/train/part/' %}"
    )
