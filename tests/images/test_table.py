"""Accounts that the app's own context adds to the table."""

from itertools import count
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import CONTEXT_KEY, aws_image
from tests.support import resolved, template_of

ACCOUNT = "123456789012"


def stack_with(folder: Path, context: Any, region: str | None = None) -> cdk.Stack:
    """A stack of an app with the context, of a region or of any."""
    app = cdk.App(outdir=str(folder / "cdk.out"), context={CONTEXT_KEY: context})
    return cdk.Stack(app, "Prod", env=cdk.Environment(region=region))


def test_a_region_newer_than_the_table_is_added_by_context(tmp_path: Path) -> None:
    """CloudFormation knows the region's domain."""
    stack = stack_with(tmp_path, {"eu-west-9": {"spark": ACCOUNT}}, "eu-west-9")

    image = aws_image(stack, "spark").image
    assert image is not None
    assert resolved(stack, image.uri) == (
        f"{ACCOUNT}.dkr.ecr.eu-west-9.<AWS::URLSuffix>/sagemaker-spark-processing:3.5-cpu"
    )
    assert resolved(stack, image.repository_arn) == (
        f"arn:<AWS::Partition>:ecr:eu-west-9:{ACCOUNT}:repository/sagemaker-spark-processing"
    )


def test_only_the_frameworks_of_its_row_are_added(tmp_path: Path) -> None:
    """AWS may publish one before the other."""
    stack = stack_with(tmp_path, {"eu-west-9": {"spark": ACCOUNT}}, "eu-west-9")

    (problem,) = aws_image(stack, "sklearn").problems
    assert "no SKLearn image for processing in 'eu-west-9'" in problem.text


def test_an_added_region_is_in_the_mapping_too(tmp_path: Path) -> None:
    """Steps of a stack without a region find it at deploy."""
    stack = stack_with(tmp_path, {"eu-west-9": {"spark": ACCOUNT}})
    aws_image(stack, "spark")

    (mapping,) = template_of(stack)["Mappings"].values()
    assert mapping["eu-west-9"] == {"account": ACCOUNT}
    assert mapping["us-east-1"] == {"account": "173754725891"}
    assert len(mapping) == 41


def test_context_comes_before_the_table(tmp_path: Path) -> None:
    """An account that AWS has changed, or one that mirrors its images."""
    stack = stack_with(tmp_path, {"eu-west-1": {"sklearn": ACCOUNT}}, "eu-west-1")

    image = aws_image(stack, "sklearn").image
    assert image is not None
    assert image.uri == (
        f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )


WRONG: dict[str, tuple[Any, str]] = {
    "text": ('{"eu-west-9": {"spark": "1"}}', "-c passes text only, so write it in cdk.json"),
    "a list": ([ACCOUNT], 'must hold {"<region>": {"sklearn": "<account>"'),
    "no region": ({"Ireland": {"spark": ACCOUNT}}, "'Ireland' is no region"),
    "an account alone": ({"eu-west-9": ACCOUNT}, "'eu-west-9' must hold an account for each"),
    "no framework": (
        {"eu-west-9": {"pyspark": ACCOUNT}},
        "'eu-west-9': there is no framework 'pyspark'; there are sklearn, spark",
    ),
    "a number": (
        {"eu-west-9": {"spark": 123456789012}},
        "the account of spark must be a string of 12 digits, got 123456789012: put it in quotes",
    ),
    "too short": (
        {"eu-west-9": {"spark": "907499111"}},
        "the account of spark must have 12 digits, got '907499111'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_context_of_another_shape_is_refused(tmp_path: Path, script: Path, case: str) -> None:
    """The message names the key, what came, and what to write."""
    context, words = WRONG[case]
    stack = stack_with(tmp_path, context, "eu-west-1")

    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(stack, "Clean", submit_app=script)

    assert str(refused.value).startswith(
        f"Prod/Clean (PySparkStep): the context key '{CONTEXT_KEY}'"
    )
    assert words in str(refused.value)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """In the context and in the versions."""
    context = {"Ireland": {}, "eu-west-9": {"spark": "1", "dask": ACCOUNT}}

    found = aws_image(stack_with(tmp_path, context), "spark", "3.4").problems

    assert len(found) == 4


# One app for all examples: a new one takes its time.
APP = cdk.App()
NUMBERS = count()


REGIONS = st.from_regex(r"[a-z]{0,4}(-[a-z]+){0,2}(-[0-9])?", fullmatch=True)


@given(st.dictionaries(REGIONS, st.one_of(st.text(), st.integers(), st.booleans())))
def test_no_context_of_a_wrong_shape_gets_through(context: dict[str, Any]) -> None:
    """What is not a row is a problem each, and never an exception."""
    # A construct's context is set before it has children, so each example has a stack.
    stack = cdk.Stack(APP, f"Prod{next(NUMBERS)}")
    stack.node.set_context(CONTEXT_KEY, context)

    assert len(aws_image(stack, "spark").problems) == len(context)
