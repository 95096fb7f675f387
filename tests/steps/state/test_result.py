"""What a step's state keeps of its job."""

from typing import Any

import aws_cdk as cdk
import jsonata  # type: ignore[import-untyped] # it ships no type information
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
NAMES = ("train", "a-b", "it's", "x.y", 'say "so"', "a\\b", "{}")
OUTPUTS = [
    *(processing.ProcessingOutput(name, destination="s3://lake/x/") for name in NAMES[:3]),
    # It has no URI, and its place in the job's description counts all the same.
    processing.ProcessingOutput("features", feature_group_name="flights"),
    *(processing.ProcessingOutput(name, destination="s3://lake/x/") for name in NAMES[3:]),
]
STARTED = sfn.IntegrationPattern.REQUEST_RESPONSE
JSONATA = sfn.QueryLanguage.JSONATA
DESCRIPTION = {
    "ProcessingJobName": "clean-1",
    "ProcessingOutputConfig": {
        "Outputs": [
            {"OutputName": one.output_name, "S3Output": {"S3Uri": f"s3://lake/{at}/"}}
            if one.feature_group_name is None
            else {"OutputName": one.output_name, "FeatureStoreOutput": {}}
            for at, one in enumerate(OUTPUTS)
        ]
    },
}
URIS = {
    one.output_name: f"s3://lake/{at}/"
    for at, one in enumerate(OUTPUTS)
    if one.feature_group_name is None
}


def state_with(
    stack: cdk.Stack, language: sfn.QueryLanguage | None = None, **options: Any
) -> dict[str, Any]:
    """A state of a step with these options."""
    step = processing.ProcessingStep(
        stack, "Clean", image_uri=IMAGE, **{"outputs": OUTPUTS, **options}
    )
    return state_of(step, language)


def evaluated(output: str, of: dict[str, Any], result: dict[str, Any]) -> Any:
    """What a JSONata state hands on: its Output, with its input and the job's description."""
    whole = jsonata.Jsonata(output.removeprefix("{%").removesuffix("%}"))
    whole.assign("states", {"input": of, "result": result})
    return whole.evaluate(None)


def test_a_result_goes_under_its_name_in_jsonpath(stack: cdk.Stack) -> None:
    """The description with an exit message in any case, and each output's URI by its name."""
    state = state_with(stack, result_name="clean")

    place = "$.ProcessingOutputConfig.Outputs[{}].S3Output.S3Uri"
    assert state["ResultSelector"] == {
        "Job.$": (
            "States.JsonMerge(States.StringToJson("
            r"""States.Format('\{"{}":""\}', 'ExitMessage')), $, false)"""
        ),
        "Outputs": {
            f"{one.output_name}.$": place.format(at)
            for at, one in enumerate(OUTPUTS)
            if one.feature_group_name is None
        },
    }
    assert state["ResultPath"] == "$.clean"


@pytest.mark.parametrize(
    ("name", "path"),
    [("clean", "$.clean"), ("_1", "$._1"), ("a-b", "$['a-b']"), ("Clean_2", "$.Clean_2")],
)
def test_a_results_name_may_hold_a_hyphen(stack: cdk.Stack, name: str, path: str) -> None:
    """A path names it in brackets then."""
    assert state_with(stack, result_name=name)["ResultPath"] == path


@pytest.mark.parametrize("name", ["clean", "a-b", "_1"])
def test_a_result_goes_under_its_name_in_jsonata(stack: cdk.Stack, name: str) -> None:
    """Beside all that the input has; the expression is valid whatever the outputs' names."""
    state = state_with(stack, JSONATA, result_name=name)

    found = evaluated(state["Output"], {"day": "x", name: "before"}, DESCRIPTION)

    assert found == {
        "day": "x",
        name: {"Job": {"ExitMessage": "", **DESCRIPTION}, "Outputs": URIS},
    }
    assert "ResultSelector" not in state
    assert "ResultPath" not in state


def test_an_exit_message_that_there_is_stays(stack: cdk.Stack) -> None:
    """It is empty only where the job wrote none."""
    state = state_with(stack, JSONATA, result_name="clean")

    found = evaluated(state["Output"], {}, {**DESCRIPTION, "ExitMessage": "no rows"})

    assert found["clean"]["Job"]["ExitMessage"] == "no rows"


def test_a_job_without_outputs_has_none_in_its_result(stack: cdk.Stack) -> None:
    """The member is there all the same."""
    jsonpath = state_with(stack, result_name="clean", outputs=[])
    step = processing.ProcessingStep(stack, "Other", image_uri=IMAGE, result_name="clean")

    assert jsonpath["ResultSelector"]["Outputs"] == {}
    assert evaluated(state_of(step, JSONATA)["Output"], {}, {"A": 1}) == {
        "clean": {"Job": {"ExitMessage": "", "A": 1}, "Outputs": {}}
    }


def test_a_job_that_is_only_started_has_its_arn_in_its_result(stack: cdk.Stack) -> None:
    """It has written nothing yet, so there are no outputs to name."""
    state = state_with(stack, result_name="clean", integration_pattern=STARTED)

    assert state["ResultSelector"] == {"Job.$": "$"}
    assert state["ResultPath"] == "$.clean"


def test_a_job_that_is_only_started_has_its_arn_in_its_result_in_jsonata(stack: cdk.Stack) -> None:
    """Likewise."""
    state = state_with(stack, JSONATA, result_name="clean", integration_pattern=STARTED)

    found = evaluated(state["Output"], {"day": "x"}, {"ProcessingJobArn": "arn"})

    assert found == {"day": "x", "clean": {"Job": {"ProcessingJobArn": "arn"}}}


def test_without_a_name_the_input_is_handed_on(stack: cdk.Stack) -> None:
    """As all of the next steps may need it."""
    step = processing.ProcessingStep(stack, "Other", image_uri=IMAGE)

    assert state_with(stack)["ResultPath"] is None
    assert state_of(step, JSONATA)["Output"] == "{% $states.input %}"


@pytest.mark.parametrize("name", ["", "a b", "1st", "$.clean", "x.y", "it's", 5])
def test_a_results_name_is_no_path(stack: cdk.Stack, name: Any) -> None:
    """Both query languages must take it."""
    with pytest.raises(
        processing.ValidationError, match=r"result_name must be a name of letters.*result_path"
    ):
        state_with(stack, result_name=name)


@pytest.mark.parametrize(
    "other",
    [{"result_path": "$.x"}, {"result_selector": {"a.$": "$.b"}}, {"state_output": {"a": 1}}],
    ids=str,
)
def test_a_result_has_one_place(stack: cdk.Stack, other: dict[str, Any]) -> None:
    """A name says both what is kept and where."""
    (argument,) = other
    with pytest.raises(
        processing.ValidationError, match=f"result_name and {argument}: give one of them"
    ):
        state_with(stack, result_name="clean", **other)


def test_outputs_that_an_override_adds_are_in_the_result(stack: cdk.Stack) -> None:
    """And are outputs of the step."""
    step = processing.ProcessingStep(
        stack,
        "Clean",
        image_uri=IMAGE,
        result_name="clean",
        request_overrides={
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "late",
                        "S3Output": {
                            "S3Uri": "s3://lake/late/",
                            "LocalPath": "/opt/ml/processing/late",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            }
        },
    )

    assert step.output("late") == "s3://lake/late/"
    assert state_of(step)["ResultSelector"]["Outputs"] == {
        "late.$": "$.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri"
    }
