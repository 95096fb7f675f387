"""A step that runs a script on an image of the user's choice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from cdk_sagemaker_processing.images import own_image
from cdk_sagemaker_processing.steps.container.script import script_container
from cdk_sagemaker_processing.steps.options import StepOptions
from cdk_sagemaker_processing.steps.processing import ProcessingStep

if TYPE_CHECKING:
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["ScriptStep"]


class ScriptStep(ProcessingStep):
    """A script on any image, as the SageMaker SDK's ``ScriptProcessor`` and ``FrameworkProcessor``.

    The container runs ``[*command, <script>, *arguments]`` in the image's own
    working folder; the script finds what goes along with it beside itself, by
    ``Path(__file__).parent``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        code: The script: a file of this machine or an S3 URI. With
            ``source_dir``, its path in that folder.
        command: The program that runs the script and its options;
            ``["python3"]`` by default.
        image_uri: The image, in Amazon ECR.
        image: The image as the CDK has it, instead: a repository in Amazon ECR
            or a ``DockerImageAsset``. The job's role may then pull it.
        image_tag: The tag or digest of a repository's image; ``latest`` by
            default.
        source_dir: A folder that goes along whole: of this machine or an S3
            URI. Left out are caches, ``node_modules``, Python environments,
            the app's own ``cdk.out`` and, with a warning that names them, what
            may hold secrets, such as ``.env``, ``*.pem`` and ``.git``.
        requirements: What pip installs before the script runs: a requirements
            file, or the requirements themselves as a list, such as
            ``["pandas==2.2.3"]``. The file is of this machine, and takes those
            that it includes along, or an S3 URI; with ``source_dir`` it is
            looked for in that folder first. Nothing is installed by default,
            also where ``source_dir`` has a ``requirements.txt``. The image
            needs bash, Python and pip, and a way to a package index.
        dependencies: Files and folders of this machine that go beside the
            script under their own names: with ``["../common"]`` it can
            ``import common``.
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
        image_uri: str | None = None,
        image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        image_tag: str | None = None,
        source_dir: str | Path | None = None,
        requirements: str | Path | Sequence[str] | None = None,
        dependencies: Sequence[str | Path] | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        container = script_container(
            own_image(image_uri=image_uri, image=image, image_tag=image_tag),
            code=code,
            command=command,
            source_dir=source_dir,
            requirements=requirements,
            dependencies=dependencies,
            network_isolated=options.get("enable_network_isolation") is True,
        )
        super().__init__(scope, id, container=container, **options)
