"""A step on any image, which the other steps are kinds of."""

from pathlib import Path
from typing import Unpack

import aws_cdk as cdk
import pytest
from constructs import Construct

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.images import own_image
from cdk_sagemaker_processing.steps.container import Container
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"


def test_it_runs_any_image(stack: cdk.Stack) -> None:
    """With its own entrypoint or the one given; it needs no code."""
    step = processing.ProcessingStep(
        stack, "Own", image_uri=IMAGE, entrypoint=["clean", "--fast"], arguments=["x"]
    )

    parameters = state_of(step)["Parameters"]

    assert parameters["AppSpecification"] == {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["clean", "--fast"],
        "ContainerArguments": ["x"],
    }
    assert "ProcessingInputs" not in parameters


@pytest.mark.parametrize("image_uri", [None, ""])
def test_a_step_with_nothing_to_run_is_refused(stack: cdk.Stack, image_uri: str | None) -> None:
    """The message says which argument is missing."""
    with pytest.raises(processing.ValidationError, match=r"Prod/Own \(ProcessingStep\): image_uri"):
        processing.ProcessingStep(stack, "Own", image_uri=image_uri)


def test_the_other_steps_are_kinds_of_it(stack: cdk.Stack, script: Path) -> None:
    """One class to annotate with."""
    step = processing.SKLearnStep(stack, "Clean", code=script)

    assert isinstance(step, processing.ProcessingStep)


def test_a_kind_of_ones_own_gives_a_container(stack: cdk.Stack) -> None:
    """Roles, names, checks and rendering come with the base."""

    class ShellStep(processing.ProcessingStep):
        """Runs a line of shell."""

        def __init__(
            self, scope: Construct, name: str, line: str, **options: Unpack[processing.StepOptions]
        ) -> None:
            container = Container(
                image=own_image(image_uri=IMAGE).image, entrypoint=("sh", "-c", line)
            )
            super().__init__(scope, name, container=container, **options)

    step = ShellStep(stack, "Shell", "echo hello", outputs=[processing.ProcessingOutput("out")])

    app = state_of(step)["Parameters"]["AppSpecification"]
    assert app["ContainerEntrypoint"] == ["sh", "-c", "echo hello"]
    assert step.job_name_prefix.startswith("shell-")
