"""What a job's role may do with KMS keys that the request names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Text, is_known, is_run_time

__all__ = ["key_statements"]

# Amazon SageMaker developer guide, "CreateProcessingJob API: Execution Role Permissions".
_ON_DATA = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
_ON_VOLUMES = ["kms:CreateGrant", "kms:DescribeKey"]


@dataclass(frozen=True, slots=True)
class _Use:
    """A key of a request, and what for."""

    sid: str
    actions: list[str]
    key: Text
    member: str = ""


def key_statements(
    request: CreateProcessingJobRequest,
    granted: frozenset[Text],
    read: Iterable[Text],
    written: Iterable[Text],
) -> tuple[list[Statement], list[Problem]]:
    """The use of the keys that encrypt inputs, outputs, query results and volumes.

    Args:
        request: The request.
        granted: Keys whose use is granted elsewhere.
        read: Keys that inputs are encrypted with.
        written: Keys that the places of outputs are encrypted with.

    Returns:
        The statements, and a problem for each key that cannot be named.
    """
    uses = [
        *(_Use("ReadWithKey", ["kms:Decrypt"], key) for key in dict.fromkeys(read)),
        *(_Use("UseDataKey", _ON_DATA, key) for key in dict.fromkeys(written)),
        *_data_keys(request),
        *_volume_keys(request),
    ]
    wanted = {(one.sid, one.key): one for one in uses if one.key not in granted}
    named = [one for one in wanted.values() if _can_be_named(one.key)]
    return (
        [
            {"Sid": f"{one.sid}{at}", **_statement(one.actions, str(one.key))}
            for at, one in enumerate(named)
        ],
        [_unnamed(one) for one in wanted.values() if not _can_be_named(one.key)],
    )


def _data_keys(request: CreateProcessingJobRequest) -> Iterator[_Use]:
    config = request.ProcessingOutputConfig
    if config and config.KmsKeyId:
        yield _Use("UseDataKey", _ON_DATA, config.KmsKeyId, "ProcessingOutputConfig.KmsKeyId")
    for at, one in enumerate(request.ProcessingInputs or ()):
        dataset = one.DatasetDefinition
        query = dataset and (dataset.AthenaDatasetDefinition or dataset.RedshiftDatasetDefinition)
        if query and query.KmsKeyId:
            member = f"ProcessingInputs[{at}].DatasetDefinition.{type(query).__name__}.KmsKeyId"
            yield _Use("UseDataKey", _ON_DATA, query.KmsKeyId, member)


def _volume_keys(request: CreateProcessingJobRequest) -> Iterator[_Use]:
    key = request.ProcessingResources.ClusterConfig.VolumeKmsKeyId
    if key:
        member = "ProcessingResources.ClusterConfig.VolumeKmsKeyId"
        yield _Use("UseVolumeKey", _ON_VOLUMES, key, member)


def _can_be_named(key: Text) -> bool:
    """Whether it is an ARN, if of pieces that CloudFormation fills in, or known in whole."""
    return isinstance(key, str) and (key.startswith("arn:") or is_known(key))


def _statement(actions: list[str], key: str) -> Statement:
    """The use of a key given by its ARN, its id or an alias of either form."""
    here = f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT_ID}"
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


def _unnamed(use: _Use) -> Problem:
    when = "run time" if is_run_time(use.key) else "deploy"
    return Problem(
        f"the key {str(use.key)!r} is known only at {when}, so no permission can name it: "
        "give the CDK's key itself, as kms.Key or kms.Key.from_key_arn(...) make it, its ARN, or a "
        "role of your own (role=) that may use it",
        use.member,
    )
