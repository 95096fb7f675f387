"""Lifecycle rules of a template as S3's API writes them."""

from typing import Any

import pytest

from cdk_sagemaker_processing.local.ministack.buckets import lifecycle_rule

LOG = {"Key": "kind", "Value": "log"}
RAW = {"Key": "kind", "Value": "raw"}


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({}, {}),
        ({"Prefix": "tmp/"}, {"Prefix": "tmp/"}),
        ({"TagFilters": [LOG]}, {"Tag": LOG}),
        ({"TagFilters": [LOG, RAW]}, {"And": {"Tags": [LOG, RAW]}}),
        ({"Prefix": "tmp/", "TagFilters": [LOG]}, {"And": {"Prefix": "tmp/", "Tags": [LOG]}}),
    ],
    ids=["all", "prefix", "tag", "tags", "both"],
)
def test_a_rule_s_objects_are_chosen(rule: dict[str, Any], chosen: dict[str, Any]) -> None:
    """Of several conditions S3 wants an And, of one it takes none."""
    made = lifecycle_rule({"Id": "Tidy", "Status": "Enabled", "ExpirationInDays": 7, **rule})
    assert made == {
        "ID": "Tidy",
        "Status": "Enabled",
        "Expiration": {"Days": 7},
        "Filter": chosen,
    }
