"""What a platform asks of processing jobs that no service demands: the rules and their reasons."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.checks.jobs import member
from cdk_sagemaker_processing.checks.unknown import UNKNOWN, is_known, readable
from cdk_sagemaker_processing.request.instances import has_local_storage

__all__ = [
    "JOB_RULES",
    "LITERAL_SECRET",
    "NAMESPACE",
    "PASSED_TO_SERVICE",
    "RULES",
    "UNREADABLE",
    "Rule",
]

# What the CDK puts before the ids: the plugin's name.
NAMESPACE = "SageMakerProcessing"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is asked of processing jobs and what is around them.

    Attributes:
        id: Its name: acknowledge it as ``SageMakerProcessing::<id>``.
        reason: Why it is asked.
        mend: How to do what it asks, in the arguments of the steps.
    """

    id: str
    reason: str
    mend: str


VOLUME_KEY = Rule(
    "VolumeKey",
    "a key of your own lets you say who may read the job's volumes, and see who did",
    "give the step volume_kms_key=, or an instance type with local storage, which encrypts itself",
)
TRAFFIC_ENCRYPTION = Rule(
    "TrafficEncryption",
    "the instances of a job send each other the data in the clear",
    "give the step encrypt_inter_container_traffic=True",
)
NETWORK_ISOLATION = Rule(
    "NetworkIsolation",
    "code in the container, that of its packages included, can send the data anywhere",
    "give the step enable_network_isolation=True; SageMaker alone moves the data then",
)
MAX_RUNTIME = Rule(
    "MaxRuntime",
    "a job that hangs is paid for until SageMaker's own limit",
    "give the step max_runtime=, such as cdk.Duration.hours(2)",
)
IMAGE_VERSION = Rule(
    "ImageVersion",
    "what runs can change without a deploy, and cannot be told afterwards",
    "give the step an image_uri with a version or a digest, or image_tag= beside image=; "
    "for the images of AWS container_version= too",
)
PASSED_TO_SERVICE = Rule(
    "PassedToService",
    "a role that is passed to another service acts there with all its permissions",
    'add conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}} to the '
    "statement, as the steps do for their own roles",
)
LITERAL_SECRET = Rule(
    "LiteralSecret",
    "whoever may read the template, the state machine or the job's description reads it too",
    "put it into AWS Secrets Manager, give the job the secret's ARN, allow secret.grant_read"
    "(step.role), and have the script ask for the value",
)
UNREADABLE = Rule(
    "UnreadableDefinition",
    "what cannot be looked at cannot be approved",
    "give the definition as JSON in the template, or as an asset in JSON of the app",
)


def _volume_key(request: Any) -> Iterator[str]:
    cluster = member(request, "ProcessingResources", "ClusterConfig")
    if member(cluster, "VolumeKmsKeyId") or member(cluster, "InstancePreferences"):
        # Which of several preferred types a key goes with is told nowhere.
        return
    kind = member(cluster, "InstanceType")
    if isinstance(kind, str) and (not is_known(kind) or has_local_storage(kind)):
        return
    beside = f" with {kind}" if kind else ""
    yield (
        f"ProcessingResources.ClusterConfig.VolumeKmsKeyId is missing{beside}: must name the key "
        "of the volumes, but with instance types that have local storage"
    )


def _traffic_encryption(request: Any) -> Iterator[str]:
    cluster = member(request, "ProcessingResources", "ClusterConfig")
    preferences = member(cluster, "InstancePreferences")
    every = [cluster, *(preferences if isinstance(preferences, list) else ())]
    counts = [count for one in every if isinstance(count := member(one, "InstanceCount"), int)]
    name = "EnableInterContainerTrafficEncryption"
    if max(counts, default=1) > 1 and _is_off(request, name):
        yield f"{_got(request, name)} with {max(counts)} instances: must be true with several"


def _network_isolation(request: Any) -> Iterator[str]:
    name = "EnableNetworkIsolation"
    if _is_off(request, name):
        yield f"{_got(request, name)}: must be true"


def _is_off(request: Any, name: str) -> bool:
    given = member(request, "NetworkConfig", name)
    return given is not True and not isinstance(given, str)


def _got(request: Any, name: str) -> str:
    given = member(request, "NetworkConfig", name)
    came = "missing, so false" if given is None else str(given).lower()
    return f"NetworkConfig.{name} is {came}"


def _max_runtime(request: Any) -> Iterator[str]:
    if member(request, "StoppingCondition", "MaxRuntimeInSeconds") is None:
        yield "StoppingCondition.MaxRuntimeInSeconds is missing: must be 1 to 777600 (9 days)"


# The name of an image after its registry: a tag, a digest, or neither.
_IMAGE = re.compile(r"(?P<name>[^:@]*)(?::(?P<tag>[^@]*))?(?:@(?P<digest>.*))?")


def _image_version(request: Any) -> Iterator[str]:
    uri = member(request, "AppSpecification", "ImageUri")
    last = uri.rpartition("/")[2] if isinstance(uri, str) else UNKNOWN
    found = _IMAGE.fullmatch(last)
    if not found or found["digest"] or UNKNOWN in last:
        return
    tag = found["tag"]
    if tag is None or tag.startswith("latest") or not any(map(str.isdigit, tag)):
        came = "has no tag, so 'latest'" if tag is None else f"has the tag {tag!r}"
        yield (
            f"AppSpecification.ImageUri {readable(str(uri))!r} {came}: must have a digest, or a "
            "tag that holds a version or a commit"
        )


# What each rule finds in a request: what came, and what is allowed.
JOB_RULES: Mapping[Rule, Callable[[Any], Iterator[str]]] = {
    VOLUME_KEY: _volume_key,
    TRAFFIC_ENCRYPTION: _traffic_encryption,
    NETWORK_ISOLATION: _network_isolation,
    MAX_RUNTIME: _max_runtime,
    IMAGE_VERSION: _image_version,
}
RULES = (*JOB_RULES, PASSED_TO_SERVICE, LITERAL_SECRET)
