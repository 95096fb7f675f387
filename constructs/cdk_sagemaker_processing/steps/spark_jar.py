"""A step that runs a Spark application from a jar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from cdk_sagemaker_processing.cdk.tree import stack_of
from cdk_sagemaker_processing.images import aws_image
from cdk_sagemaker_processing.steps.container import spark
from cdk_sagemaker_processing.steps.options import StepOptions
from cdk_sagemaker_processing.steps.processing import ProcessingStep

if TYPE_CHECKING:
    from aws_cdk import aws_ecr as ecr
    from aws_cdk import aws_ecr_assets as ecr_assets

__all__ = ["SparkJarStep"]


class SparkJarStep(ProcessingStep):
    """A Spark application from a jar, as the SageMaker SDK's ``SparkJarProcessor``.

    Args:
        scope: The construct this one belongs to.
        id: The construct's id in its scope, and the state's name.
        submit_app: The jar: a file of this machine or an S3 URI.
        submit_class: The application's main class.
        framework_version: Spark's version, such as ``3.5``; the newest that the
            SageMaker SDK knows, 3.5, by default.
        py_version: The container's Python, such as ``py312``; with
            ``container_version``.
        container_version: The container's own version, such as ``1.3``; with
            ``py_version``. The newest container of the Spark version by
            default.
        image_uri: Another image instead; versions are then not looked at, as in
            the SageMaker SDK.
        image: Another image instead, as the CDK has it: a repository in Amazon
            ECR or a ``DockerImageAsset``. The job's role may then pull it.
        image_tag: The tag or digest of a repository's image; ``latest`` by
            default.
        submit_jars: Jars for driver and executors: paths of this machine and S3
            URIs, mixed as you like. A folder stands for the files in it. An item
            is one file: of a value of the run within it, a comma and what
            follows are left out.
        submit_files: Files for each executor's working folder; likewise.
        configuration: Classifications of Amazon EMR's form for Spark, Hadoop
            and the rest: one or several. What Spark has no argument for here,
            such as ``spark.archives``, is a property of ``spark-defaults``.
        spark_event_logs: Whether Spark's event logs are kept, for the History
            Server; they are by default. False also leaves ``spark.eventLog.*``
            to ``configuration``.
        spark_event_logs_s3_uri: Where Spark's event logs go; to the storage's
            ``event_logs`` by default.
        options: What every kind of step takes: see ``StepOptions``.

    Raises:
        ValidationError: The job could not run as asked for.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 # the CDK's name for it
        *,
        submit_app: str | Path,
        submit_class: str,
        framework_version: str | None = None,
        py_version: str | None = None,
        container_version: str | None = None,
        image_uri: str | None = None,
        image: ecr.IRepository | ecr_assets.DockerImageAsset | None = None,
        image_tag: str | None = None,
        submit_jars: Sequence[str | Path] | None = None,
        submit_files: Sequence[str | Path] | None = None,
        configuration: spark.Configuration | None = None,
        spark_event_logs: bool = True,
        spark_event_logs_s3_uri: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        """Make the step; its arguments are told at the class."""
        chosen = aws_image(
            stack_of(scope),
            "spark",
            framework_version,
            py_version=py_version,
            container_version=container_version,
            image_uri=image_uri,
            image=image,
            image_tag=image_tag,
        )
        container = spark.spark_container(
            chosen,
            submit_app,
            [spark.jars(submit_jars), spark.files(submit_files)],
            configuration,
            is_python=False,
            submit_class=submit_class,
            event_logs=spark_event_logs,
            event_logs_uri=spark_event_logs_s3_uri,
            environment=options.get("environment"),
        )
        super().__init__(scope, id, container=container, **options)
