"""What a cluster may ask of its instances."""

import importlib.util
import json
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings

from cdk_sagemaker_processing.request import model
from cdk_sagemaker_processing.request.limits import problems
from cdk_sagemaker_processing.request.values import Reference
from tests.request.examples import Request, members_of, request, with_cluster
from tests.request.strategies import SHAPES, requests

ROOT = Path(__file__).parents[2]
LATER = Reference(jsonpath="$.x", jsonata="$states.input.x")
KEY = "alias/own"
PACKAGE = resources.files("cdk_sagemaker_processing.request")
STORAGE: dict[str, int] = json.loads((PACKAGE / "instance_storage.json").read_text())["gigabytes"]


def prefer(*given: tuple[Any, Any]) -> tuple[model.InstancePreference, ...]:
    """Preferences of types and counts."""
    return tuple(
        model.InstancePreference(InstanceType=kind, InstanceCount=count) for kind, count in given
    )


M5, R5 = "ml.m5.xlarge", "ml.r5.xlarge"
WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "no type": ("InstanceType", {"InstanceCount": 1}),
    "a type and preferences": (
        "InstancePreferences",
        {"InstanceType": M5, "InstanceCount": 1, "InstancePreferences": prefer((M5, None))},
    ),
    "a count in some": (
        "InstancePreferences[1].InstanceCount",
        {"InstancePreferences": prefer((M5, 1), (R5, None))},
    ),
    "a count nowhere": (
        "InstanceCount",
        {"InstancePreferences": prefer((M5, None), (R5, None))},
    ),
    "a count in both places": (
        "InstanceCount",
        {"InstanceCount": 1, "InstancePreferences": prefer((M5, 1), (R5, 2))},
    ),
    "a type twice": (
        "InstancePreferences[1].InstanceType",
        {"InstancePreferences": prefer((M5, 1), (M5, 2))},
    ),
    "a key with local storage": (
        "VolumeKmsKeyId",
        {"InstanceType": "ml.g5.xlarge", "VolumeKmsKeyId": KEY},
    ),
    "a run's key with local storage": (
        "VolumeKmsKeyId",
        {"InstanceType": "ml.r5d.large", "VolumeKmsKeyId": LATER},
    ),
    "more than the local storage": (
        "VolumeSizeInGB",
        {"InstanceType": "ml.r5d.large", "VolumeSizeInGB": 76},
    ),
    "more than any volume": (
        "VolumeSizeInGB",
        {"InstanceType": "ml.r5d.large", "VolumeSizeInGB": 16385},
    ),
}


@pytest.mark.parametrize("name", WRONG)
@settings(max_examples=12, deadline=None, derandomize=True)
@given(requests())
def test_a_broken_rule_is_refused_at_its_member(name: str, whole: Request) -> None:
    """Whatever else the request holds, nothing else is blamed."""
    member, cluster = WRONG[name]

    assert members_of(with_cluster(whole, **cluster)) == [
        f"ProcessingResources.ClusterConfig.{member}"
    ]


@pytest.mark.parametrize(
    "right",
    [
        {"InstanceType": M5},
        {"InstanceType": M5, "VolumeKmsKeyId": KEY, "VolumeSizeInGB": 16384},
        {"InstanceType": "ml.r5d.large", "VolumeSizeInGB": 75},
        {"InstanceCount": 2, "InstancePreferences": prefer((M5, None), (R5, None))},
        {"InstancePreferences": prefer((M5, 1), (R5, 2))},
        {"InstanceType": LATER, "VolumeKmsKeyId": KEY, "VolumeSizeInGB": 16384},
        {"InstanceType": "ml.r5d.large", "VolumeSizeInGB": LATER},
        {"InstanceType": "ml.r5d.large", "VolumeSizeInGB": -1.8881545897087522e289},
        {"InstancePreferences": LATER},
        {"InstancePreferences": prefer((LATER, LATER), (LATER, 1))},
        {"InstancePreferences": (LATER, *prefer((M5, None)))},
    ],
)
def test_what_the_documentation_allows_or_nobody_knows_is_accepted(right: dict[str, Any]) -> None:
    """The other side of each rule."""
    assert problems(with_cluster(request(), **right)) == []


@pytest.mark.parametrize("instance_type", SHAPES["ProcessingInstanceType"]["enum"])
def test_the_default_volume_fits_every_type(instance_type: str) -> None:
    """30 GB, as all steps have that ask for nothing."""
    assert problems(with_cluster(request(), InstanceType=instance_type)) == []


@pytest.mark.parametrize("instance_type", STORAGE)
def test_local_storage_is_the_most_that_its_type_gives(instance_type: str) -> None:
    """All of it may be asked for, and not a gigabyte more."""
    most = STORAGE[instance_type]

    for size, is_right in ((most, True), (most + 1, False)):
        found = problems(with_cluster(request(), InstanceType=instance_type, VolumeSizeInGB=size))
        assert (found == []) is is_right


def test_problems_say_how_to_mend_them() -> None:
    """With the size and the type."""
    found = problems(
        with_cluster(request(), InstanceType="ml.r5d.large", VolumeSizeInGB=100, VolumeKmsKeyId=KEY)
    )

    assert [one.text for one in found] == [
        (
            "must be at most 75 with ml.r5d.large, whose storage is local, got 100: ask for less, "
            "or take a larger type or one without local storage"
        ),
        (
            "no key can be given with ml.r5d.large, whose local storage encrypts itself: leave the "
            "key out, or take a type without local storage"
        ),
    ]


def tool() -> ModuleType:
    """The tool that makes the table."""
    path = ROOT / "tools" / "refresh_instance_storage.py"
    spec = importlib.util.spec_from_file_location("refresh_instance_storage", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tool_takes_the_sizes_of_types_that_have_local_storage() -> None:
    """Of EC2's answer, which describes other types and much else too."""
    described = {
        "r5d.large": {"InstanceStorageInfo": {"TotalSizeInGB": 75, "Disks": []}},
        "m5.large": {"InstanceStorageSupported": False},
        "m5d.large": {"InstanceStorageInfo": {"TotalSizeInGB": 75}},
    }

    sizes = tool().gigabytes(["ml.m5.large", "ml.r5d.large", "ml.p2.xlarge"], described)

    assert sizes == {"ml.r5d.large": 75}


def test_the_table_holds_only_types_that_jobs_run_on() -> None:
    """And the families of which the documentation says that they have local storage."""
    assert set(STORAGE) <= set(SHAPES["ProcessingInstanceType"]["enum"])
    assert {one.split(".")[1] for one in STORAGE} >= {"g4dn", "g5", "r5d"}
