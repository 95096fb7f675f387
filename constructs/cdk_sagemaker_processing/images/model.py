"""What is known of a job's image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from cdk_sagemaker_processing.errors import Problem

if TYPE_CHECKING:
    # It costs every synth its seconds, and only those who give a repository need it.
    from aws_cdk import aws_ecr as ecr

__all__ = ["IMAGE_URI", "Framework", "Image", "ImageChoice"]

Framework = Literal["sklearn", "spark"]

IMAGE_URI = "AppSpecification.ImageUri"


@dataclass(frozen=True, slots=True)
class Image:
    """A container image and where it is pulled from.

    Attributes:
        uri: The image's URI, as CreateProcessingJob takes it.
        repository_arn: Its ECR repository, for permissions; ends in ``*``
            where only the beginning is known at synth, None where nothing is.
        framework: Which of AWS's own images it is, None if it is none of them.
        repository: The CDK's repository, where the image was given by one.
    """

    uri: str
    repository_arn: str | None
    framework: Framework | None = None
    repository: ecr.IRepository | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """The image that a user's arguments choose, or what is wrong with them.

    Attributes:
        image: The image; None where the arguments choose none.
        problems: What is wrong; empty where there is an image.
    """

    image: Image | None = None
    problems: tuple[Problem, ...] = ()
