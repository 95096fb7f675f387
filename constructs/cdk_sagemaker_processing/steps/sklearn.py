"""A step that runs a script with scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from cdk_sagemaker_processing.cdk.tree import stack_of
from cdk_sagemaker_processing.images import aws_image
from cdk_sagemaker_processing.steps.container.script import script_container
from cdk_sagemaker_processing.steps.options import StepOptions
from cdk_sagemaker_processing.steps.processing import ProcessingStep

if TYPE_CHECKING:
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["SKLearnStep"]


class SKLearnStep(ProcessingStep):
    """A script on AWS's scikit-learn image, as the SageMaker SDK's ``SKLearnProcessor``.

    It takes what `ScriptStep` takes, which tells more of it, and needs no image.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        code: The script: a file of this machine or an S3 URI. With
            ``source_dir``, its path in that folder.
        command: The program that runs the script and its options;
            ``["python3"]`` by default.
        framework_version: The image's version; ``1.2-1`` by default.
        image_uri: Another image instead; ``framework_version`` is then not
            looked at, as in the SageMaker SDK.
        image: Another image instead, as the CDK has it: a repository in Amazon
            ECR or a ``DockerImageAsset``. The job's role may then pull it.
        image_tag: The tag or digest of a repository's image; ``latest`` by
            default.
        source_dir: A folder that goes along whole: of this machine or an S3
            URI. Left out are caches, ``node_modules``, Python environments,
            the app's own ``cdk.out`` and, with a warning that names them, what
            may hold secrets, such as ``.env``, ``*.pem`` and ``.git``.
        requirements: What pip installs before the script runs: a requirements
            file, or a list such as ``["pandas==2.2.3"]``; nothing by default.
        dependencies: Files and folders of this machine that go beside the
            script under their own names.
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
        command: Sequence[str] = ("python3",),
        framework_version: str | None = None,
        image_uri: str | None = None,
        image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        image_tag: str | None = None,
        source_dir: str | Path | None = None,
        requirements: str | Path | Sequence[str] | None = None,
        dependencies: Sequence[str | Path] | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        chosen = aws_image(
            stack_of(scope),
            "sklearn",
            framework_version,
            image_uri=image_uri,
            image=image,
            image_tag=image_tag,
        )
        container = script_container(
            chosen,
            code=code,
            command=command,
            source_dir=source_dir,
            requirements=requirements,
            dependencies=dependencies,
            network_isolated=options.get("enable_network_isolation") is True,
        )
        super().__init__(scope, id, container=container, **options)
