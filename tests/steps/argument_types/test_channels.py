"""Inputs and outputs of the right kind."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.argument_types import channels
from tests.steps.argument_types.checked import said

PATH = sfn.JsonPath.string_at("$.x")
Input: Any = processing.ProcessingInput
Output: Any = processing.ProcessingOutput
INPUTS = channels.wrong_inputs
OUTPUTS = channels.wrong_outputs
WRONG: dict[str, tuple[Callable[[str, Any], Any], Any, str]] = {
    "an input outside a list": (INPUTS, Input("s3://a"), "it must be a list, got ProcessingInput("),
    "a URI": (
        INPUTS,
        ["s3://a"],
        "it[0] must be a ProcessingInput, got 's3://a': write processing",
    ),
    "an output for an input": (INPUTS, [Output("a")], "it[0] must be a ProcessingInput, got Proc"),
    "no source": (INPUTS, [Input("")], "it[0]: source must be a path or an S3 URI, got ''"),
    "a number for a source": (INPUTS, [Input(5)], "it[0]: source must be a path or an S3 URI"),
    "a path for a place": (
        INPUTS,
        [Input("s3://a", Path("/opt/ml/processing/x"))],
        "it[0]: destination must be a string, got PosixPath('/opt/ml/processing/x'): write '/opt",
    ),
    "a number for a name": (INPUTS, [Input("s3://a", input_name=5)], "it[0]: input_name must be a"),
    "a late flag": (INPUTS, [Input("s3://a", app_managed=PATH)], "it[0]: app_managed must be True"),
    "a flag in JSONata": (
        INPUTS,
        [Input("s3://a", app_managed="{% $x %}")],
        "it[0]: app_managed must be True or False and known at synth, got '{% $x %}'",
    ),
    "an output outside a list": (OUTPUTS, Output("a"), "write [processing.ProcessingOutput(...)]"),
    "a name": (OUTPUTS, ["a"], "write processing.ProcessingOutput('a')"),
    "no name": (OUTPUTS, [Output("")], "it[0]: output_name must be a name, got ''"),
    "a late name": (OUTPUTS, [Output(PATH)], "it[0]: output_name must be known at synth: step.out"),
    "a path for a folder": (
        OUTPUTS,
        [Output("a", source=Path("/x"))],
        "it[0]: source must be a str",
    ),
    "a number for a group": (
        OUTPUTS,
        [Output("a", feature_group_name=5)],
        "it[0]: feature_group_name must be a string, got 5: write '5'",
    ),
    "no upload mode": (
        OUTPUTS,
        [Output("a", s3_upload_mode=None)],
        "it[0]: s3_upload_mode must be",
    ),
}


def test_what_fits_is_taken() -> None:
    """Values of the run too, but for names of outputs."""
    inputs = [
        Input("s3://a"),
        Input(Path("a"), PATH, input_name=PATH, s3_input_mode=PATH, app_managed=True),
        Input(PATH, "{% $x %}"),
    ]
    outputs = [Output("a"), Output("a", source=PATH, destination=PATH, s3_upload_mode=PATH)]

    assert said(INPUTS, inputs) == []
    assert said(INPUTS, ()) == []
    assert said(OUTPUTS, (*outputs, Output("a", feature_group_name=PATH, app_managed=True))) == []


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_what_does(case: str) -> None:
    """Once, with its place in the list."""
    check, value, words = WRONG[case]

    (problem,) = said(check, value)

    assert words in problem


@pytest.mark.parametrize(
    "member", [one.name for one in fields(processing.ProcessingInput) if one.name[:3] == "s3_"]
)
@pytest.mark.parametrize("value", [None, 5])
def test_every_word_of_an_input_is_text(member: str, value: Any) -> None:
    """None is no word of the API's; the default is got by leaving the word out."""
    (problem,) = said(INPUTS, [Input("s3://a", **{member: value})])

    assert problem.startswith(f"it[0]: {member} must be a string, got {value}")


def test_every_channel_is_looked_at() -> None:
    """All that is wrong is told, each with its place."""
    found = said(INPUTS, [Input(5), "a", Input("s3://a", 5, input_name=5)])

    assert sorted(one.split(" ")[0].rstrip(":") for one in found) == [
        "it[0]",
        "it[1]",
        "it[2]",
        "it[2]",
    ]
