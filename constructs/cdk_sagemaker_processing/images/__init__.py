"""Which container image a job runs on: AWS's own, by region and version, or the user's."""

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
