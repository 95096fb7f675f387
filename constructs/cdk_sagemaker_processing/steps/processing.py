"""A step on any container image."""

from collections.abc import Sequence
from typing import Unpack

from constructs import Construct

from cdk_sagemaker_processing.images import custom_image
from cdk_sagemaker_processing.steps.base import JobStep
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.kinds import wrong_list, wrong_name
from cdk_sagemaker_processing.steps.options import StepOptions

__all__ = ["ProcessingStep"]


class ProcessingStep(JobStep):
    """A processing job on an image of your own, as the SageMaker SDK's ``Processor``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        image_uri: The image, in Amazon ECR.
        entrypoint: The command that the container runs, at most 100 items of
            at most 256 characters; the image's own by default.
        options: What every kind of step takes: see ``StepOptions``.

    Raises:
        ValidationError: The job could not run as asked for.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        image_uri: str,
        entrypoint: Sequence[str] = (),
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        wrong = wrong_name("image_uri", image_uri)
        container = Container(
            image=None if wrong else custom_image(image_uri),
            entrypoint=entrypoint,
            problems=(*wrong, *wrong_list("entrypoint", entrypoint)),
        )
        super().__init__(scope, id, container, **options)
