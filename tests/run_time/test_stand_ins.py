"""What stands for values of a run in arguments, and is known again by those who read them."""

import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.request.values import Joined, Reference
from cdk_sagemaker_processing.run_time.context_object import EXECUTION_NAME, is_of_execution
from cdk_sagemaker_processing.run_time.stand_ins import is_folder, meaning

DAY = Reference(jsonpath="$day", jsonata="$day")


def output(stage: object, name: str = "train") -> run_time.Output:
    """An output that lies under the execution's name."""
    uri = Joined(("s3://outputs/split/", EXECUTION_NAME, f"/{name}/"))
    return run_time.Output(name, uri, stage, of_execution="split-")


@pytest.mark.parametrize("jsonata", [True, False])
def test_an_output_is_known_again_by_what_stands_for_it(jsonata: bool) -> None:
    """In an argument of a step it is the output's URI again, in whichever language."""
    stage = object()
    found = output(stage)

    stands = run_time.written(found, jsonata=jsonata)

    assert run_time.text(stands) == found.uri
    assert meaning(stands) == found.uri
    assert is_folder(stands)
    assert run_time.output_name(stands, stage) == "train"
    assert run_time.outputs_in([f"--from={stands}part-0.csv"], stage) == [found]


def test_an_output_is_that_of_its_stage() -> None:
    """The same text in another stage is another place's."""
    stands = run_time.written(output(object()), jsonata=True)

    assert run_time.output_name(stands, object()) is None
    assert run_time.outputs_in([stands], object()) == []


def test_an_output_at_a_fixed_place_stands_for_itself() -> None:
    """Its URI is known at synth."""
    stage = object()
    found = run_time.Output("model", "s3://models/newest/", stage)

    assert run_time.written(found, jsonata=False) == "s3://models/newest/"
    assert run_time.outputs_in(["s3://models/newest/"], stage) == [found]
    assert not is_of_execution(found.uri)


def test_what_is_named_after_an_output_is_a_file_in_it() -> None:
    """An output is a folder, so the name of what lies in it is what follows."""
    stands = run_time.written(output(object()), jsonata=True)

    assert run_time.file_name(f"{stands}a.jar") == "a.jar"
    assert run_time.file_name(stands) is None


def test_a_value_of_both_languages_is_that_again_wherever_it_stands() -> None:
    """Alone, in a list, as a number, within text."""
    assert run_time.text(run_time.text_standing_for(DAY)) == DAY
    assert run_time.texts(run_time.texts_standing_for(DAY)) == DAY
    assert run_time.number(run_time.number_standing_for(DAY)) == DAY
    assert run_time.text(f"day={run_time.text_standing_for(DAY)}") == Joined(("day=", DAY))


def test_an_object_stands_for_its_path() -> None:
    """States of other kinds take it too."""
    stands = run_time.object_standing_for(DAY)

    assert run_time.fields({"day": stands}) == {"day.$": "$day"}
    assert run_time.fields({"day": sfn.JsonPath.object_at("$.day")}) == {"day.$": "$.day"}
