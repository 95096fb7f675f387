"""What SageMaker does in a role's name before it starts a job, and whether the role may.

The actions are those that the Amazon SageMaker developer guide lists in "CreateProcessingJob API:
Execution Role Permissions", but for S3's and those that write the log: these calls are made. When
in a job's life SageMaker makes the others it does not say: here all of them come first, so that
what is missing is found in every run.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_sagemaker_processing.local.jobs.logs import LOG_GROUP


@dataclass(frozen=True, slots=True)
class Call:
    """A call of AWS's API, as IAM looks at it.

    Attributes:
        action: The action, `ecr:BatchGetImage` for example.
        resource: The ARN of what it acts on.
        context: The condition keys that the call sets.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Need:
    """Something that SageMaker does for a job.

    Attributes:
        purpose: What for, as in "it cannot ...".
        calls: The calls it takes.
        vital: Whether the job fails without it.
    """

    purpose: str
    calls: tuple[Call, ...]
    vital: bool = True


Refusal = Callable[[str, Call], str | None]
"""Says, in AWS's words, why a role (its ARN) may not make a call; None if it may."""

_REPOSITORY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<name>[^:@]+)[:@]?.*"
)
_PULL = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
# AWS sets ec2:Subnet for these, and not for making an interface: service authorization reference.
_USE_INTERFACE = (
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
)
_LOOK_AT_NETWORK = (
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)
_METRIC_NAMESPACE = "/aws/sagemaker/ProcessingJobs"


def nothing_refused(_role: str, _call: Call) -> str | None:
    """The refusal of a cloud that enforces no permissions."""
    return None


def needs(request: Mapping[str, Any], job_arn: str) -> Iterator[Need]:
    """What SageMaker does for a job before it starts.

    Args:
        request: The request.
        job_arn: The job's ARN.
    """
    _, partition, _, region, account, _ = job_arn.split(":", 5)
    place = f"{region}:{account}"
    yield from pull_needs(request["AppSpecification"]["ImageUri"], partition)
    key = request["ProcessingResources"]["ClusterConfig"].get("VolumeKmsKeyId")
    yield from _volume(key, f"arn:{partition}:kms:{place}")
    yield from _network(
        request.get("NetworkConfig", {}).get("VpcConfig"), f"arn:{partition}:ec2:{place}"
    )
    log = f"arn:{partition}:logs:{place}:log-group:{LOG_GROUP}:log-stream:"
    yield Need("look for its log", (Call("logs:DescribeLogStreams", log),), vital=False)
    namespace = {"cloudwatch:namespace": _METRIC_NAMESPACE}
    metrics = Call("cloudwatch:PutMetricData", context=namespace)
    yield Need("measure its instances", (metrics,), vital=False)


def pull_needs(uri: str, partition: str) -> Iterator[Need]:
    """What pulling an image takes; nothing if it is in no private repository of Amazon ECR.

    Args:
        uri: The image's URI.
        partition: The partition of the repository, such as `aws`.
    """
    found = _REPOSITORY.fullmatch(uri)
    if found:
        arn = f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{found['name']}"
        pull = (Call(f"ecr:{action}", arn) for action in _PULL)
        yield Need("pull the image", (Call("ecr:GetAuthorizationToken"), *pull))


def _volume(key: str | None, kms: str) -> Iterator[Need]:
    if not key:
        return
    named = key if key.startswith(("arn:", "alias/")) else f"key/{key}"
    arn = named if named.startswith("arn:") else f"{kms}:{named}"
    grant = Call("kms:CreateGrant", arn, {"kms:GrantIsForAWSResource": "true"})
    yield Need("encrypt the volume", (Call("kms:DescribeKey", arn), grant))


def _network(config: Mapping[str, Any] | None, ec2: str) -> Iterator[Need]:
    if config is None:
        return
    interface = f"{ec2}:network-interface/*"
    subnets = [f"{ec2}:subnet/{one}" for one in config["Subnets"]]
    groups = [f"{ec2}:security-group/{one}" for one in config["SecurityGroupIds"]]
    yield Need(
        "join the VPC",
        (
            *(Call(f"ec2:{action}") for action in _LOOK_AT_NETWORK),
            *(Call("ec2:CreateNetworkInterface", one) for one in (*subnets, *groups, interface)),
            *(
                Call(f"ec2:{action}", interface, {"ec2:Subnet": one})
                for one in subnets
                for action in _USE_INTERFACE
            ),
        ),
    )
