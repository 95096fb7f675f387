"""What CreateProcessingJob refuses of a cluster by rules that stand in the documentation.

Source of all: the API reference, ProcessingClusterConfig and
ProcessingInstancePreference,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingClusterConfig.html.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.request.wording import shown

__all__ = ["RULES", "has_local_storage"]


def has_local_storage(instance_type: str) -> bool:
    """Whether an instance type keeps its volumes on local storage, which takes no key."""
    return instance_type in _storage_sizes()


def _type_or_preferences(cluster: model.ClusterConfig, member: str) -> Iterator[Problem]:
    # "InstancePreferences is mutually exclusive with InstanceType."
    if cluster.InstanceType is None and cluster.InstancePreferences is None:
        yield Problem(
            "InstanceType is required, or InstancePreferences instead", f"{member}.InstanceType"
        )
    elif cluster.InstanceType is not None and cluster.InstancePreferences is not None:
        yield Problem(
            "InstancePreferences and InstanceType exclude each other: remove one of them",
            f"{member}.InstancePreferences",
        )


def _one_kind_of_count(cluster: model.ClusterConfig, member: str) -> Iterator[Problem]:
    # "Amazon SageMaker rejects requests that set InstanceCount on only some preferences, that set
    # it both per preference and in ProcessingClusterConfig, or that omit it in both places."
    preferences = _preferences(cluster)
    without = [at for at, one in enumerate(preferences) if one.InstanceCount is None]
    if not preferences:
        return
    if 0 < len(without) < len(preferences):
        yield Problem(
            "InstanceCount must stand in all preferences or in none, and is missing here",
            f"{member}.InstancePreferences[{without[0]}].InstanceCount",
        )
    elif without and cluster.InstanceCount is None:
        yield Problem(
            "InstanceCount is required, here or in every preference", f"{member}.InstanceCount"
        )
    elif not without and cluster.InstanceCount is not None:
        yield Problem(
            "InstanceCount stands in every preference too: remove it here or there",
            f"{member}.InstanceCount",
        )


def _each_type_once(cluster: model.ClusterConfig, member: str) -> Iterator[Problem]:
    # "An instance type can appear only once in an InstancePreferences list."
    seen: set[object] = set()
    for at, one in enumerate(_preferences(cluster)):
        if not isinstance(one.InstanceType, str) or not is_known(one.InstanceType):
            continue
        if one.InstanceType in seen:
            yield Problem(
                f"{shown(one.InstanceType)} stands twice: keep the place that it shall have",
                f"{member}.InstancePreferences[{at}].InstanceType",
            )
        seen.add(one.InstanceType)


def _preferences(cluster: model.ClusterConfig) -> tuple[model.InstancePreference, ...]:
    """The preferences, if all of them are known."""
    given: object = cluster.InstancePreferences
    if not isinstance(given, tuple | list):
        return ()
    known = tuple(one for one in given if isinstance(one, model.InstancePreference))
    return known if len(known) == len(given) else ()


def _volume_size(cluster: model.ClusterConfig, member: str) -> Iterator[Problem]:
    # "You can't request a VolumeSizeInGB greater than the total size of the local instance
    # storage."
    size, most = cluster.VolumeSizeInGB, _local_storage(cluster)
    if most is not None and isinstance(size, int) and is_known(size) and size > most:
        yield Problem(
            f"must be at most {most} with {cluster.InstanceType}, whose storage is local, got "
            f"{size}: ask for less, or take a larger type or one without local storage",
            f"{member}.VolumeSizeInGB",
        )


def _volume_key(cluster: model.ClusterConfig, member: str) -> Iterator[Problem]:
    # "You can't request a VolumeKmsKeyId when using an instance type with local storage."
    if cluster.VolumeKmsKeyId is not None and _local_storage(cluster) is not None:
        yield Problem(
            f"no key can be given with {cluster.InstanceType}, whose local storage encrypts "
            "itself: leave the key out, or take a type without local storage",
            f"{member}.VolumeKmsKeyId",
        )


def _local_storage(cluster: model.ClusterConfig) -> int | None:
    """The gigabytes of local storage of the cluster's type; None if it has none, or may not.

    What SageMaker does with a key or a size beside preferences, of which some
    types have local storage and some not, is told nowhere, so it is not judged.
    """
    given = cluster.InstanceType
    return _storage_sizes().get(given) if isinstance(given, str) else None


@cache
def _storage_sizes() -> dict[str, int]:
    """The sizes that ``tools/refresh_instance_storage.py`` found.

    They are those of the EC2 types of the same name, to which the API reference
    refers ("Instance Store Volumes"); SageMaker tells no sizes of its own.
    """
    text = resources.files(__package__).joinpath("instance_storage.json").read_text()
    sizes: dict[str, int] = json.loads(text)["gigabytes"]
    return sizes


RULES: Mapping[type, tuple[Callable[[Any, str], Iterator[Problem]], ...]] = {
    model.ClusterConfig: (
        _type_or_preferences,
        _one_kind_of_count,
        _each_type_once,
        _volume_size,
        _volume_key,
    ),
}
