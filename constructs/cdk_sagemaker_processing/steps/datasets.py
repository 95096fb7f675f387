"""Inputs that a query makes, as users write them, under the SageMaker SDK's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

__all__ = ["AthenaDatasetDefinition", "RedshiftDatasetDefinition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AthenaDatasetDefinition:
    """The result of a query of Amazon Athena, as the source of a ``ProcessingInput``.

    The job's role may run queries in the work group, read the catalog's
    database and write the result. What the query reads from S3 is not known
    here: grant it, as by ``bucket.grant_read(step.role)``.

    Args:
        catalog: The data catalog, such as ``AwsDataCatalog``; 1 to 256 characters.
        database: The database; 1 to 255 characters.
        query_string: The query; 1 to 4096 characters.
        output_format: ``PARQUET``, ``ORC``, ``AVRO``, ``JSON`` or ``TEXTFILE``.
        output_s3_uri: Where the result is kept;
            ``s3://<outputs>/<step>/<execution name>/<input name>/`` by default.
        work_group: The work group; Athena's ``primary`` by default.
        kms_key_id: The key that encrypts the result: a key, or its id or ARN.
        output_compression: ``GZIP``, ``SNAPPY`` or ``ZLIB``.
        data_distribution_type: ``FullyReplicated``: each instance receives
            everything, or ``ShardedByS3Key`` (the service's default): each its
            share.
        input_mode: ``File`` (the service's default) or ``Pipe``.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AthenaDatasetDefinition.html
    """

    catalog: str
    database: str
    query_string: str
    output_format: str
    output_s3_uri: str | None = None
    work_group: str | None = None
    kms_key_id: str | kms.IKey | None = None
    output_compression: str | None = None
    data_distribution_type: str | None = None
    input_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedshiftDatasetDefinition:
    """The result of a query of Amazon Redshift, as the source of a ``ProcessingInput``.

    Args:
        cluster_id: The cluster; 1 to 63 characters.
        database: The database; 1 to 64 characters.
        db_user: The database's user; 1 to 128 characters.
        query_string: The query; 1 to 4096 characters.
        cluster_role_arn: The role attached to the cluster by which Redshift
            writes the result: a role or its ARN.
        output_format: ``PARQUET`` or ``CSV``.
        output_s3_uri: Where the result is kept;
            ``s3://<outputs>/<step>/<execution name>/<input name>/`` by default.
        kms_key_id: The key that encrypts the result: a key, or its id or ARN.
        output_compression: ``None`` (the API's word), ``GZIP``, ``BZIP2``,
            ``ZSTD`` or ``SNAPPY``.
        data_distribution_type: ``FullyReplicated``: each instance receives
            everything, or ``ShardedByS3Key`` (the service's default): each its
            share.
        input_mode: ``File`` (the service's default) or ``Pipe``.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RedshiftDatasetDefinition.html
    """

    cluster_id: str
    database: str
    db_user: str
    query_string: str
    cluster_role_arn: str | iam.IRole
    output_format: str
    output_s3_uri: str | None = None
    kms_key_id: str | kms.IKey | None = None
    output_compression: str | None = None
    data_distribution_type: str | None = None
    input_mode: str | None = None
