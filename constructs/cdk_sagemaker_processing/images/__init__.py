"""Which container image a job runs on: AWS's own, by region and version, or the user's."""

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images.aws import aws_image
from cdk_sagemaker_processing.images.instance_types import wrong_instance_types
from cdk_sagemaker_processing.images.model import Framework, Image, ImageChoice
from cdk_sagemaker_processing.images.own import grant_pull, own_image
from cdk_sagemaker_processing.images.table import CONTEXT_KEY

__all__ = [
    "CONTEXT_KEY",
    "Framework",
    "Image",
    "ImageChoice",
    "aws_image",
    "grant_pull",
    "own_image",
    "wrong_instance_types",
]


def custom_image(uri: str) -> Image:
    """The image of a URI, until all callers use `own_image`."""
    chosen = own_image(image_uri=uri).image
    return chosen or Image(uri, None)


def framework_image(
    stack: cdk.Stack,
    framework: Framework,
    framework_version: str | None = None,
    *,
    image_uri: str | None = None,
) -> Image | Problem:
    """AWS's image, until all callers use `aws_image`."""
    chosen = aws_image(stack, framework, framework_version, image_uri=image_uri)
    return chosen.image or chosen.problems[0]
