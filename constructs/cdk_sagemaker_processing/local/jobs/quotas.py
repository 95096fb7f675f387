"""How many instances of each type an account's processing jobs may run on at once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_sagemaker_processing.local.jobs.errors import ServiceError

_Cluster = Mapping[str, Any]

# The service's own words; what stands in quotes is the quota's name in AWS Service Quotas.
_EXCEEDED = (
    "The account-level service limit '{kind} for processing job usage' is {limit} Instances, with "
    "current utilization of {used} Instances and a request delta of {asked} Instances. Please use "
    "AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not "
    "available, contact AWS support to request an increase for this quota."
)


@dataclass(frozen=True, slots=True)
class Quotas:
    """An account's quotas.

    Attributes:
        limits: How many instances of a type may run at once; a type that is missing has no limit.
    """

    limits: Mapping[str, int] = field(default_factory=dict)

    def admit(self, cluster: _Cluster, running: Iterable[_Cluster]) -> _Cluster:
        """Say which instances a job runs on.

        Args:
            cluster: The job's ClusterConfig; of its preferences the first within its quota is
                taken.
            running: What was returned for the jobs that still run.

        Returns:
            The ClusterConfig as DescribeProcessingJob shows it.

        Raises:
            ServiceError: ResourceLimitExceeded.
        """
        used: Counter[str] = Counter()
        for one in running:
            kind, count = _taken(one)
            used[kind] += count
        preferred = cluster.get("InstancePreferences")
        wanted = [_preferred(one, cluster) for one in preferred] if preferred else [_taken(cluster)]
        for kind, count in wanted:
            if kind not in self.limits or used[kind] + count <= self.limits[kind]:
                chosen = {"SelectedInstanceType": kind, "SelectedInstanceCount": count}
                return {**cluster, **chosen} if preferred else cluster
        kind, count = wanted[-1]
        raise ServiceError(
            "ResourceLimitExceeded",
            _EXCEEDED.format(kind=kind, limit=self.limits[kind], used=used[kind], asked=count),
        )


def _preferred(preference: Mapping[str, Any], cluster: _Cluster) -> tuple[str, int]:
    count = preference.get("InstanceCount") or cluster.get("InstanceCount") or 1
    return preference["InstanceType"], int(count)


def _taken(cluster: _Cluster) -> tuple[str, int]:
    if kind := cluster.get("SelectedInstanceType"):
        return kind, cluster["SelectedInstanceCount"]
    return cluster["InstanceType"], cluster["InstanceCount"]
