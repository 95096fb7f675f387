"""Which images the task runs, from what the user gave."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.history_server.images import PYTHON_IMAGE, SPARK_IMAGE
from cdk_sagemaker_processing.images import Image, ImageChoice, aws_image, own_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["Architecture", "ChosenImages", "choose"]

Architecture = Literal["ARM64", "X86_64"]
"""ECS's ``RuntimePlatform.cpuArchitecture``."""

_ARCHITECTURES = ("ARM64", "X86_64")
# AWS builds its Spark images for processing for no other.
_OF_SAGEMAKER: Architecture = "X86_64"
_SAGEMAKERS = re.compile(r"/sagemaker-spark-processing[:@]")


@dataclass(frozen=True, slots=True)
class ChosenImages:
    """The images of a task and what they run on.

    Attributes:
        server: The server's image.
        mirror: The mirror's image.
        architecture: The architecture of both.
        problems: What is wrong with them.
    """

    server: Image
    mirror: Image
    architecture: Architecture
    problems: tuple[Problem, ...]

    @property
    def is_sagemakers(self) -> bool:
        """Whether the server's is SageMaker's own, which is large."""
        return _is_sagemakers(self.server)


def choose(
    stack: cdk.Stack,
    *,
    framework_version: str | None,
    image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None,
    mirror_image: str | ecr.IRepository | ecr_assets.DockerImageAsset | None,
    architecture: Architecture | None,
) -> ChosenImages:
    """The images that a user's arguments choose.

    Args:
        stack: The stack whose region counts.
        framework_version: Chooses SageMaker's own Spark image of a version.
        image: Chooses another for the server.
        mirror_image: Chooses another for the mirror.
        architecture: The architecture of both; by default the one that
            SageMaker's image has, if that is chosen, else ARM64.
    """
    if framework_version is not None:
        server = aws_image(stack, "spark", framework_version)
    else:
        server = _given("image", image, SPARK_IMAGE)
    mirror = _given("mirror_image", mirror_image, PYTHON_IMAGE)
    problems = [
        *(replace(one, member="") for one in (*server.problems, *mirror.problems)),
        *_wrong_together(framework_version, image),
        *_wrong_architecture(architecture, server.image),
    ]
    default = _OF_SAGEMAKER if framework_version is not None else "ARM64"
    return ChosenImages(
        server=server.image or Image("", None),
        mirror=mirror.image or Image("", None),
        architecture=architecture or default,
        problems=tuple(problems),
    )


def _given(name: str, image: Any, default: str) -> ImageChoice:
    if image is None:
        return ImageChoice(Image(default, None))
    chosen = own_image(image_uri=image) if isinstance(image, str) else own_image(image=image)
    if not chosen.problems:
        return chosen
    return ImageChoice(
        None,
        (
            Problem(
                f"{name} must be an image's URI, an ecr.IRepository (its 'latest' is taken) or "
                f"an ecr_assets.DockerImageAsset, got {image!r}: another tag is "
                "repository.repository_uri_for_tag('<tag>')"
            ),
        ),
    )


def _wrong_together(framework_version: object, image: object) -> Iterator[Problem]:
    if framework_version is not None and image is not None:
        yield Problem(
            "framework_version chooses SageMaker's own Spark image, and image another: give one of "
            "the two"
        )


def _wrong_architecture(architecture: object, server: Image | None) -> Iterator[Problem]:
    if architecture is None:
        if server and server.framework is None and _is_sagemakers(server):
            yield _only_x86("ARM64, the default")
    elif architecture not in _ARCHITECTURES:
        yield Problem(
            f"architecture must be {' or '.join(map(repr, _ARCHITECTURES))}, as ECS names them, "
            f"got {architecture!r}"
        )
    elif architecture != _OF_SAGEMAKER and server and _is_sagemakers(server):
        yield _only_x86(repr(architecture))


def _is_sagemakers(image: Image) -> bool:
    return image.framework is not None or _SAGEMAKERS.search(image.uri) is not None


def _only_x86(got: str) -> Problem:
    return Problem(
        f"SageMaker's Spark images are for X86_64 alone, got architecture {got}: write "
        f"architecture={_OF_SAGEMAKER!r}, or leave the image out for Spark's own, which is for both"
    )
