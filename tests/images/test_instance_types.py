"""Machines that AWS's own images do not run on."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from botocore.session import get_session

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import Framework, Image, aws_image, wrong_instance_types

MEMBER = "ProcessingResources.ClusterConfig.InstanceType"
OWN = Image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7", None)
FRAMEWORKS: tuple[Framework, ...] = ("sklearn", "spark")


def all_types() -> list[str]:
    """Every machine that SageMaker Processing has."""
    model = get_session().get_service_model("sagemaker")
    return list(model.shape_for("ProcessingInstanceType").enum)  # type: ignore[attr-defined] # a string shape's


def framework_image(framework: Framework) -> Image:
    """AWS's image of a framework."""
    return Image("", None, framework)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_aws_images_run_on_every_machine_without_a_gpu(framework: Framework) -> None:
    """And on none of those with one, by the families' names."""
    image = framework_image(framework)
    refused = {one for one in all_types() if wrong_instance_types(image, one)}

    families = {one.split(".")[1] for one in refused}
    assert families == {"g4dn", "g5", "g6", "g6e", "g7", "g7e", "p2", "p3", "p5"}
    assert refused == {one for one in all_types() if one.split(".")[1] in families}


def test_an_image_of_ones_own_runs_on_all_of_them() -> None:
    """What is in it, only its maker knows."""
    assert [one for one in all_types() if wrong_instance_types(OWN, one)] == []
    assert [one for one in all_types() if wrong_instance_types(None, one)] == []


def test_a_gpu_is_refused_with_the_way_out(stack: cdk.Stack) -> None:
    """The SageMaker SDK says only that the processor is unsupported."""
    (problem,) = wrong_instance_types(aws_image(stack, "spark").image, "ml.g5.xlarge")

    assert str(problem) == (
        "instance_type: 'ml.g5.xlarge' has a GPU, which AWS's Spark image for processing does not "
        "use: take a machine without, such as 'ml.m5.xlarge', or give an image made for GPUs by "
        f"image_uri or image [CreateProcessingJob {MEMBER}]"
    )


@pytest.mark.parametrize("image", [OWN, framework_image("sklearn"), framework_image("spark")])
@pytest.mark.parametrize(
    "family", ["m6g", "m6gd", "c6gn", "c7g", "r8g", "t4g", "x2gd", "im4gn", "i4g", "a1", "g5g"]
)
def test_graviton_is_refused_for_any_image(image: Image, family: str) -> None:
    """The SageMaker SDK answers with an image for inference, and the service with an error."""
    (problem,) = wrong_instance_types(image, f"ml.{family}.xlarge")

    assert str(problem) == (
        f"instance_type: 'ml.{family}.xlarge' is a Graviton (arm64) machine, of which SageMaker "
        "Processing has none: take an x86_64 one, such as 'ml.m5.xlarge' "
        f"[CreateProcessingJob {MEMBER}]"
    )


def test_processing_has_no_graviton_machine() -> None:
    """If it gets one, the refusal has to go."""
    assert not [one for one in all_types() if "Graviton" in str(wrong_instance_types(OWN, one))]


def test_each_fallback_is_looked_at(stack: cdk.Stack) -> None:
    """And named by its place."""
    image = aws_image(stack, "sklearn").image

    found = wrong_instance_types(
        image, "ml.m5.xlarge", ["ml.p3.2xlarge", "ml.c5.xlarge", "ml.m6g.large"]
    )

    assert [one.text.partition(" ")[0] for one in found] == [
        "fallback_instance_types[0]:",
        "fallback_instance_types[2]:",
    ]


def test_a_machine_known_only_later_is_not_refused(stack: cdk.Stack) -> None:
    """Whichever its marker looks like; a value of another kind has a problem of its own."""
    image = aws_image(stack, "sklearn").image
    later = [
        sfn.JsonPath.string_at("$.machine"),
        f"ml.g5.{sfn.JsonPath.string_at('$.size')}",
        cdk.CfnParameter(stack, "Machine").value_as_string,
        "{% $machine %}",
        None,
        7,
    ]

    assert wrong_instance_types(image, later[0], later) == []


def test_a_step_refuses_what_its_image_does_not_run_on(stack: cdk.Stack, script: Path) -> None:
    """With its fallbacks, in one error, and a Graviton machine in one problem."""
    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(
            stack,
            "Clean",
            code=script,
            instance_type="ml.m6g.xlarge",
            fallback_instance_types=["ml.g5.xlarge"],
        )

    first, second = map(str, refused.value.problems)
    assert first.startswith("instance_type: 'ml.m6g.xlarge' is a Graviton (arm64) machine")
    assert second.startswith("fallback_instance_types[0]: 'ml.g5.xlarge' has a GPU")


def test_a_step_on_an_image_of_ones_own_takes_a_gpu(stack: cdk.Stack, script: Path) -> None:
    """It may well be made for it."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, image_uri=OWN.uri, instance_type="ml.g5.xlarge"
    )

    cluster = step.render_request()["ProcessingResources"]["ClusterConfig"]
    assert cluster["InstanceType"] == "ml.g5.xlarge"
