"""What each rule finds in a request, and what it lets through."""

from typing import Any

import pytest

from cdk_sagemaker_processing.checks.expressions import from_jsonata, from_jsonpath
from cdk_sagemaker_processing.checks.rules import JOB_RULES, RULES
from cdk_sagemaker_processing.checks.unknown import REPOSITORY, UNKNOWN
from tests.checks.samples import request

CHECKS = {rule.id: check for rule, check in JOB_RULES.items()}
CLUSTER = "ProcessingResources__ClusterConfig"
IMAGE = "AppSpecification__ImageUri"
REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def found(rule: str, **changes: Any) -> str:
    """What a rule finds in a sound request with some members changed."""
    return "\n".join(CHECKS[rule](from_jsonpath(request(**changes))))


@pytest.mark.parametrize("rule", CHECKS)
def test_a_sound_request_is_let_through(rule: str) -> None:
    """In either language."""
    assert found(rule) == ""
    assert list(CHECKS[rule](from_jsonata(request()))) == []


@pytest.mark.parametrize("rule", CHECKS)
@pytest.mark.parametrize("unknown", [UNKNOWN, {}])
def test_what_only_a_run_knows_is_let_through(rule: str, unknown: Any) -> None:
    """The whole request may be the state's input; an empty one is judged by what it lacks."""
    told = list(CHECKS[rule](unknown))

    assert bool(told) == (unknown == {} and rule not in {"TrafficEncryption", "ImageVersion"})


@pytest.mark.parametrize(
    "changes",
    [
        {f"{CLUSTER}__VolumeKmsKeyId": None},
        {f"{CLUSTER}__VolumeKmsKeyId": ""},
        {"ProcessingResources": None},
    ],
)
def test_the_volumes_key_must_be_named(changes: dict[str, Any]) -> None:
    """An empty one is none."""
    assert "VolumeKmsKeyId is missing" in found("VolumeKey", **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"VolumeKmsKeyId": None, "VolumeKmsKeyId.$": "$.key"},
        {"VolumeKmsKeyId": None, "InstanceType": "ml.g5.xlarge"},
        {"VolumeKmsKeyId": None, "InstanceType.$": "$.type"},
        {"VolumeKmsKeyId": None, "InstancePreferences": [{"InstanceType": "ml.m5.xlarge"}]},
        {"VolumeKmsKeyId": UNKNOWN},
    ],
)
def test_a_key_may_be_of_the_run_or_of_no_use(changes: dict[str, Any]) -> None:
    """Local storage encrypts itself; which type runs may be known only then."""
    changed = {f"{CLUSTER}__{name}": value for name, value in changes.items()}

    assert found("VolumeKey", **changed) == ""


@pytest.mark.parametrize("given", [None, False])
@pytest.mark.parametrize(
    "counts",
    [
        {f"{CLUSTER}__InstanceCount": 3},
        {
            f"{CLUSTER}__InstanceCount": None,
            f"{CLUSTER}__InstancePreferences": [{"InstanceCount": 3}],
        },
    ],
)
def test_several_instances_must_encrypt_what_they_say(given: bool | None, counts: Any) -> None:
    """Whether the count stands in the cluster or in its preferences."""
    name = "NetworkConfig__EnableInterContainerTrafficEncryption"

    assert "with 3 instances: must be true" in found("TrafficEncryption", **{name: given}, **counts)


@pytest.mark.parametrize(
    "changes",
    [
        {f"{CLUSTER}__InstanceCount": 1},
        {f"{CLUSTER}__InstanceCount": UNKNOWN},
        {f"{CLUSTER}__InstanceCount": None, f"{CLUSTER}__InstanceCount.$": "$.count"},
        {"NetworkConfig__EnableInterContainerTrafficEncryption": UNKNOWN},
        {"NetworkConfig.$": "$.network"},
    ],
)
def test_one_instance_has_nothing_to_say(changes: dict[str, Any]) -> None:
    """Nor is a count or a setting of the run judged."""
    name = "NetworkConfig__EnableInterContainerTrafficEncryption"

    assert found("TrafficEncryption", **({name: None} | changes)) == ""


@pytest.mark.parametrize(("given", "came"), [(None, "missing, so false"), (False, "is false")])
def test_networks_must_be_out_of_reach(given: bool | None, came: str) -> None:
    """Isolation is off unless it is asked for."""
    assert came in found("NetworkIsolation", NetworkConfig__EnableNetworkIsolation=given)


def test_a_job_must_end() -> None:
    """By a time of its own."""
    assert "MaxRuntimeInSeconds is missing" in found("MaxRuntime", StoppingCondition=None)


@pytest.mark.parametrize(
    ("image", "came"),
    [
        (f"{REGISTRY}/clean", "has no tag"),
        (f"{REGISTRY}/team/clean:latest", "the tag 'latest'"),
        (f"{REGISTRY}/clean:latest-2024", "the tag 'latest-2024'"),
        (f"{REGISTRY}/clean:prod", "the tag 'prod'"),
        (f"{UNKNOWN}.dkr.ecr.{UNKNOWN}.{UNKNOWN}/clean:stable", "…/clean:stable' has the tag"),
        (f"{UNKNOWN}/{REPOSITORY}", "has no tag"),
        ("localhost:5000/clean", "has no tag"),
    ],
)
def test_an_image_must_have_a_version(image: str, came: str) -> None:
    """A tag that moves is none; what CloudFormation fills in before it does not hide it."""
    assert came in found("ImageVersion", **{IMAGE: image})


@pytest.mark.parametrize(
    "image",
    [
        f"{REGISTRY}/clean:1.4.2",
        f"{REGISTRY}/clean:3f2a91c",
        f"{REGISTRY}/clean@sha256:{'0' * 64}",
        f"{REGISTRY}/clean:prod@sha256:{'0' * 64}",
        f"{UNKNOWN}/{REPOSITORY}:3.5-cpu-py39-v1",
        f"{REGISTRY}/{UNKNOWN}",
        f"{REGISTRY}/clean:{UNKNOWN}",
        UNKNOWN,
    ],
)
def test_a_version_a_digest_and_what_is_not_known_are_let_through(image: str) -> None:
    """A commit is as good as a number."""
    assert found("ImageVersion", **{IMAGE: image}) == ""


def test_every_rule_has_its_reason_and_a_way_to_mend_it() -> None:
    """And an id of its own that the CDK takes for one."""
    assert len({one.id for one in RULES}) == len(RULES)
    for one in RULES:
        assert one.id.isalpha()
        assert one.reason
        assert one.mend
