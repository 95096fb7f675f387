"""Which image a step runs on, by region and version."""

from pathlib import Path

import aws_cdk as cdk
import pytest

import cdk_sagemaker_processing as processing
from tests.support import new_stack, resolved, template_of


def image_of(step: processing.ProcessingStep) -> str:
    """The image of a step's request."""
    uri = step.render_request()["AppSpecification"]["ImageUri"]
    return str(resolved(cdk.Stack.of(step), uri))


def in_region(folder: Path, region: str) -> cdk.Stack:
    """A stack of a region."""
    return new_stack(folder, environment=cdk.Environment(region=region, account="111122223333"))


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("us-east-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com"),
        ("cn-north-1", "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn"),
        ("us-iso-east-1", "833128469047.dkr.ecr.us-iso-east-1.c2s.ic.gov"),
    ],
)
def test_each_partition_has_its_registry(
    tmp_path: Path, script: Path, region: str, registry: str
) -> None:
    """Account and domain are those of the region."""
    step = processing.SKLearnStep(in_region(tmp_path, region), "Clean", code=script)

    assert image_of(step) == f"{registry}/sagemaker-scikit-learn:1.2-1-cpu-py3"


def test_a_stack_without_a_region_finds_the_account_at_deploy(tmp_path: Path, script: Path) -> None:
    """The template then carries a mapping; one of a known region does not."""
    stack = new_stack(tmp_path, environment=None)
    step = processing.SKLearnStep(stack, "Clean", code=script)

    assert image_of(step) == (
        "<SageMakerProcessingSKLearnImages.<AWS::Region>.account>.dkr.ecr.<AWS::Region>.<AWS::URLSuffix>"
        "/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )
    mapping = template_of(stack)["Mappings"]["SageMakerProcessingSKLearnImages"]
    assert mapping["us-east-1"] == {"account": "683313688378"}
    assert len(mapping) == 37


def test_a_stack_with_a_region_carries_no_mapping(stack: cdk.Stack, script: Path) -> None:
    """What is known at synth needs no table at deploy."""
    processing.SKLearnStep(stack, "Clean", code=script)

    assert "Mappings" not in template_of(stack)


def test_a_region_without_an_image_is_refused(tmp_path: Path, script: Path) -> None:
    """The message lists where there is one, and the way out."""
    with pytest.raises(
        processing.ValidationError,
        match=r"no SKLearn image for processing in 'eusc-de-east-1'.*us-east-1.*image_uri",
    ):
        processing.SKLearnStep(in_region(tmp_path, "eusc-de-east-1"), "Clean", code=script)


def test_spark_is_pinned_by_python_and_container_together(stack: cdk.Stack, script: Path) -> None:
    """Both versions or neither, as in the SageMaker SDK."""
    pinned = processing.PySparkStep(
        stack, "Pinned", submit_app=script, py_version="py312", container_version="1.3"
    )

    assert image_of(pinned).endswith("/sagemaker-spark-processing:3.5-cpu-py312-v1.3")
    with pytest.raises(processing.ValidationError, match="both or neither"):
        processing.PySparkStep(stack, "Half", submit_app=script, py_version="py312")


def test_a_python_that_the_version_does_not_have_is_refused(stack: cdk.Stack, script: Path) -> None:
    """The message lists those that it has."""
    with pytest.raises(processing.ValidationError, match=r"one of py39, py312 for Spark 3\.5"):
        processing.PySparkStep(
            stack, "Clean", submit_app=script, py_version="py37", container_version="1.0"
        )


def test_another_image_is_taken_as_it_is(stack: cdk.Stack, script: Path) -> None:
    """Then no table is asked and no version needed."""
    uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"

    step = processing.SKLearnStep(stack, "Clean", code=script, image_uri=uri)

    assert image_of(step) == uri
