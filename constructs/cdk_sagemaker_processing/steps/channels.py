"""What a step reads and writes, as users write it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cdk_sagemaker_processing.steps.datasets import (
    AthenaDatasetDefinition,
    RedshiftDatasetDefinition,
)

__all__ = ["ProcessingInput", "ProcessingOutput"]

UploadMode = Literal["EndOfJob", "Continuous"]


@dataclass(frozen=True, slots=True)
class ProcessingInput:
    """Data that is in the container when the job starts.

    Args:
        source: An S3 URI (a file, or a prefix with all below it), a step's
            ``output(...)``, a file or folder of this machine, which is
            uploaded at deploy, or a query: an ``AthenaDatasetDefinition`` or
            ``RedshiftDatasetDefinition``. May hold run-time values.
        destination: The folder of the container that receives it, under
            ``/opt/ml/processing/``; ``/opt/ml/processing/input/<input_name>``
            by default.
        input_name: The input's name in the request; the output's name for a
            step's output, else ``input-<position>`` by default.
        s3_data_type: ``S3Prefix`` (default) or ``ManifestFile``: then the job's
            role may read the manifest; grant it what the manifest lists, as by
            ``bucket.grant_read(step.role)``. So must be the key of a bucket
            under a customer-managed key: ``key.grant_decrypt(step.role)``.
        s3_input_mode: ``File`` (default) or ``Pipe``.
        s3_data_distribution_type: ``FullyReplicated`` (default): each instance
            receives everything; ``ShardedByS3Key``: each its share.
        s3_compression_type: ``None`` (the default, the API's word) or ``Gzip``,
            which goes with ``Pipe``.
        app_managed: Whether the container fetches the data by itself rather
            than SageMaker; not by default. Then no folder is needed.
    """

    source: str | Path | AthenaDatasetDefinition | RedshiftDatasetDefinition
    destination: str | None = None
    input_name: str | None = field(default=None, kw_only=True)
    s3_data_type: str = field(default="S3Prefix", kw_only=True)
    s3_input_mode: str = field(default="File", kw_only=True)
    s3_data_distribution_type: str = field(default="FullyReplicated", kw_only=True)
    s3_compression_type: str = field(default="None", kw_only=True)
    app_managed: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProcessingOutput:
    """A folder of the container that is kept in S3.

    Args:
        output_name: The output's name in the request; ``step.output(...)``
            takes it.
        source: The folder of the container, under ``/opt/ml/processing/``;
            ``/opt/ml/processing/output/<output_name>`` by default.
        destination: The S3 URI that receives it;
            ``s3://<outputs>/<step>/<execution name>/<output_name>/`` by
            default. May hold run-time values.
        s3_upload_mode: ``EndOfJob`` (default): uploaded when the job has
            succeeded; ``Continuous``: all along.
        app_managed: Whether the container writes the data by itself rather
            than SageMaker; not by default. The job's role may then list, read,
            write and delete what lies there, as Spark's committers do.
        feature_group_name: The feature group of SageMaker Feature Store that
            the container puts records into by itself, instead of a folder: the
            output is app-managed then and has no URI.
    """

    output_name: str
    source: str | None = field(default=None, kw_only=True)
    destination: str | None = field(default=None, kw_only=True)
    s3_upload_mode: UploadMode = field(default="EndOfJob", kw_only=True)
    app_managed: bool = field(default=False, kw_only=True)
    feature_group_name: str | None = field(default=None, kw_only=True)
