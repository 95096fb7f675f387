"""A step that runs a Python script with scikit-learn."""

from pathlib import Path
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import framework_image
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.files import script
from cdk_sagemaker_processing.steps.options import StepOptions
from cdk_sagemaker_processing.steps.processing import ProcessingStep

__all__ = ["SKLearnStep"]


class SKLearnStep(ProcessingStep):
    """A Python script on AWS's scikit-learn image, as the SageMaker SDK's ``SKLearnProcessor``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        code: The script: a file of this machine or an S3 URI. With
            ``source_dir``, its path in that folder.
        source_dir: A folder that goes along whole: of this machine or an S3
            URI. Left out are caches, ``.git``, ``node_modules``, Python
            environments and the app's own ``cdk.out``.
        framework_version: The image's version, such as ``1.2-1``.
        image_uri: Another image instead; then ``framework_version`` is not
            needed.
        options: What every kind of step takes: see ``StepOptions``.

    Raises:
        ValidationError: The job could not run as asked for.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        code: str | Path,
        source_dir: str | Path | None = None,
        framework_version: str = "1.2-1",
        image_uri: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        image = framework_image(
            cdk.Stack.of(scope), "sklearn", framework_version, image_uri=image_uri
        )
        run = script("code", code, source_dir)
        container = Container(
            image=None if isinstance(image, Problem) else image,
            entrypoint=("python3", run.path),
            channels=(run.channel,) if run.channel else (),
            problems=(*run.problems, *([image] if isinstance(image, Problem) else [])),
        )
        super().__init__(scope, id, container=container, **options)
