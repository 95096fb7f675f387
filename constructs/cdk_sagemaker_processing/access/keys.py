"""What a job's role may do with KMS keys that the request names."""

from collections.abc import Iterator

import aws_cdk as cdk

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Text, is_known

__all__ = ["key_statements"]

# Amazon SageMaker developer guide, "CreateProcessingJob API: Execution Role Permissions".
_ON_DATA = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
_ON_VOLUMES = ["kms:CreateGrant", "kms:DescribeKey"]


def key_statements(
    request: CreateProcessingJobRequest, granted: frozenset[Text]
) -> tuple[list[Statement], list[Problem]]:
    """The use of the keys that encrypt outputs, query results and volumes.

    Args:
        request: The request.
        granted: Keys whose use is granted elsewhere.

    Returns:
        The statements, and a problem for each key that cannot be named.
    """
    statements: list[Statement] = []
    unnamed: list[Problem] = []
    uses = (
        ("UseDataKey", _ON_DATA, _data_keys(request)),
        ("UseVolumeKey", _ON_VOLUMES, _volume_keys(request)),
    )
    for sid, actions, keys in uses:
        for at, key in enumerate(key for key in dict.fromkeys(keys) if key not in granted):
            if isinstance(key, str) and is_known(key):
                statements.append({"Sid": f"{sid}{at}", **_statement(actions, key)})
            else:
                unnamed.append(_unnamed(key))
    return statements, unnamed


def _data_keys(request: CreateProcessingJobRequest) -> Iterator[Text]:
    config = request.ProcessingOutputConfig
    if config and config.KmsKeyId:
        yield config.KmsKeyId
    for one in request.ProcessingInputs or ():
        dataset = one.DatasetDefinition
        query = dataset and (dataset.AthenaDatasetDefinition or dataset.RedshiftDatasetDefinition)
        if query and query.KmsKeyId:
            yield query.KmsKeyId


def _volume_keys(request: CreateProcessingJobRequest) -> Iterator[Text]:
    key = request.ProcessingResources.ClusterConfig.VolumeKmsKeyId
    if key:
        yield key


def _statement(actions: list[str], key: str) -> Statement:
    """The use of a key given by its ARN, its id or an alias of either form."""
    here = f"arn:{cdk.Aws.PARTITION}:kms:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    head, _, alias = key.partition("alias/")
    if alias:
        # Permissions name keys, not aliases: AWS KMS developer guide, "Use aliases to control
        # access to KMS keys".
        where = f"{head}key/*" if head else f"{here}:key/*"
        return {
            "Effect": "Allow",
            "Action": actions,
            "Resource": [where],
            "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{alias}"}},
        }
    arn = key if key.startswith("arn:") else f"{here}:key/{key}"
    return {"Effect": "Allow", "Action": actions, "Resource": [arn]}


def _unnamed(key: Text) -> Problem:
    return Problem(
        f"the key {str(key)!r} is known only at run time or at deploy, so no permission can name "
        "it: give the CDK's key itself, as kms.Key or kms.Key.from_key_arn(...) make it, or a role "
        "of your own (role=) that may use it"
    )
