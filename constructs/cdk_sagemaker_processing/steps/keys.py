"""KMS keys as users give them: a key of the CDK's, or its id, ARN or alias."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from cdk_sagemaker_processing import run_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms

    from cdk_sagemaker_processing.request.values import Text
    from cdk_sagemaker_processing.run_time import Output
    from cdk_sagemaker_processing.steps.edges import Edges
    from cdk_sagemaker_processing.steps.options import Options

__all__ = ["grant_keys", "granted_keys", "key_id", "text_keys", "written_elsewhere"]

# What SageMaker does to encrypt a volume in the role's name: Amazon SageMaker developer guide,
# "CreateProcessingJob API: Execution Role Permissions".
_VOLUME_ACTIONS = ("kms:CreateGrant", "kms:DescribeKey")


def key_id(key: str | kms.IKey | None) -> Text | None:
    """What the request says of a key."""
    if key is None:
        return None
    return run_time.text(key if isinstance(key, str) else key.key_arn)


def granted_keys(options: Options) -> frozenset[Text]:
    """What the request says of the keys that `grant_keys` grants."""
    keys = (*_data_keys(options), *_volume_keys(options))
    return frozenset(run_time.text(key.key_arn) for key in filter(_is_grantable, keys))


def grant_keys(
    options: Options, edges: Edges, storage_key: kms.IKey | None, role: iam.IRole
) -> None:
    """Let the job's role use the keys that came as constructs, whose policies may be its own too.

    Keys that came as text are named in the role's policy by `access.job_statements`.

    Args:
        options: What the user asked for.
        edges: Which outputs of other steps the step reads and writes.
        storage_key: The key of the step's storage.
        role: The job's role.
    """
    for key in filter(_is_grantable, _volume_keys(options)):
        key.grant(role, *_VOLUME_ACTIONS)
    of_places = [one.key for one in written_elsewhere(options, edges)]
    if _writes_without_key(options):
        of_places.append(storage_key)
    written = [*_data_keys(options), *of_places]
    for key in _each_once(written):
        key.grant_encrypt_decrypt(role)
    for key in _each_once([one.key for one in edges.read]):
        if key not in written:
            key.grant_decrypt(role)


def written_elsewhere(options: Options, edges: Edges) -> tuple[Output, ...]:
    """Other steps' outputs in whose place a step writes by that place's key."""
    return edges.written if _writes_without_key(options) else ()


def _writes_without_key(options: Options) -> bool:
    """Whether something is written that has no key of its own: its place's key is used then."""
    queries = (one.source for one in options.inputs if not isinstance(one.source, str | Path))
    return (
        options.output_kms_key is None
        or any(one.app_managed for one in options.outputs)
        or any(one.kms_key_id is None for one in queries)
    )


def text_keys(outputs: Iterable[Output]) -> list[Text]:
    """What policies say of the keys of outputs that no construct grants."""
    keys = [one.key for one in outputs if one.key and not _is_grantable(one.key)]
    return [found for key in keys if (found := key_id(key))]


def _each_once(keys: Iterable[str | kms.IKey | None]) -> Iterator[kms.IKey]:
    found: list[kms.IKey] = []
    for key in filter(_is_grantable, keys):
        if key not in found:
            found.append(key)
            yield key


def _is_grantable(key: str | kms.IKey | None) -> TypeGuard[kms.IKey]:
    """Whether the CDK's own grants do what is asked of them: an imported alias grants nothing."""
    if key is None or isinstance(key, str):
        return False
    return not hasattr(key, "alias_name") or key.node.default_child is not None


def _volume_keys(options: Options) -> Iterator[str | kms.IKey]:
    if options.volume_kms_key is not None:
        yield options.volume_kms_key


def _data_keys(options: Options) -> Iterator[str | kms.IKey]:
    queried = (getattr(one.source, "kms_key_id", None) for one in options.inputs)
    for key in (options.output_kms_key, *queried):
        if key is not None:
            yield key
