"""How many instances an account's jobs may run on."""

from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs.errors import ServiceError
from cdk_sagemaker_processing.local.jobs.quotas import Quotas

QUOTAS = Quotas({"ml.m5.xlarge": 3, "ml.g5.xlarge": 0})


def cluster(kind: str, count: int) -> dict[str, Any]:
    return {"InstanceType": kind, "InstanceCount": count}


def preferring(*kinds: str, count: int = 2) -> dict[str, Any]:
    return {
        "InstancePreferences": [{"InstanceType": kind} for kind in kinds],
        "InstanceCount": count,
    }


def test_a_job_within_its_quota_runs_as_asked() -> None:
    """What runs on other types does not count, and a type without a quota has no limit."""
    running = [cluster("ml.m5.xlarge", 1), cluster("ml.c5.xlarge", 9)]
    for asked in (cluster("ml.m5.xlarge", 2), cluster("ml.c5.xlarge", 50)):
        assert QUOTAS.admit(asked, running) == asked


def test_a_job_beyond_its_quota_is_refused_with_the_figures() -> None:
    """In the service's words: the limit, what is used and what was asked for."""
    with pytest.raises(ServiceError) as refused:
        QUOTAS.admit(cluster("ml.m5.xlarge", 2), [cluster("ml.m5.xlarge", 2)])
    assert refused.value.code == "ResourceLimitExceeded"
    assert (
        "'ml.m5.xlarge for processing job usage' is 3 Instances, with current utilization of "
        "2 Instances and a request delta of 2 Instances" in str(refused.value)
    )


def test_the_first_preference_within_its_quota_is_taken() -> None:
    """It is shown beside what was asked for, and counts for those that follow."""
    asked = preferring("ml.g5.xlarge", "ml.m5.xlarge")
    first = QUOTAS.admit(asked, [])
    chosen = {"SelectedInstanceType": "ml.m5.xlarge", "SelectedInstanceCount": 2}
    assert first == {**asked, **chosen}
    with pytest.raises(ServiceError, match=r"utilization of 2 Instances"):
        QUOTAS.admit(asked, [first])


def test_a_preferences_own_count_goes_before_the_clusters() -> None:
    """And one is meant where neither says how many."""
    own = {"InstancePreferences": [{"InstanceType": "ml.m5.xlarge", "InstanceCount": 3}]}
    assert QUOTAS.admit({**own, "InstanceCount": 9}, [])["SelectedInstanceCount"] == 3
    none = {"InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}]}
    assert QUOTAS.admit(none, [])["SelectedInstanceCount"] == 1
