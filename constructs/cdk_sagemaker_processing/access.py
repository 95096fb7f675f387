"""Permissions, derived from a request: the job's role and the state machine's statements."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import Joined, Text, is_known, is_run_time

__all__ = ["Location", "job_statements", "locate", "machine_statements"]

Statement = dict[str, Any]

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_METRIC_NAMESPACE = "/aws/sagemaker/ProcessingJobs"
# Made by Step Functions to learn of the end of `.sync` jobs:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
_EVENTS_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
# Spark takes s3a as well, and means the same place.
_S3 = re.compile("s3a?://")


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and a key prefix, as far as they are known at synth."""

    bucket: str
    prefix: str


def locate(uri: Text) -> Location | Problem:
    """The part of an S3 URI that permissions can name: all before the first run-time value."""
    head = uri.parts[0] if isinstance(uri, Joined) else uri
    found = _S3.match(head) if isinstance(head, str) else None
    if found is None:
        return _unnamed(uri)
    bucket, slash, prefix = found.string[found.end() :].partition("/")
    if isinstance(uri, Joined) and not slash:
        return Problem(
            f"the bucket of {str(uri)!r} ends in a run-time value: put a slash after its name"
        )
    return Location(bucket, prefix)


def _unnamed(uri: Text) -> Problem:
    if is_known(uri):
        return Problem(f"no permission can name {str(uri)!r}: write it as s3://<bucket>/<key>")
    when, what = ("run time", "run-time") if is_run_time(uri) else ("deploy", "deploy-time")
    return Problem(
        f"the bucket of {str(uri)!r} is known only at {when}, so no permission can name it: "
        f"write it as s3://<bucket>/ followed by the {what} value, "
        "or give a role of your own (role=) that may use it"
    )


def job_statements(
    request: CreateProcessingJobRequest, image: Image, also_read: Iterable[Text] = ()
) -> tuple[list[Statement], list[Problem]]:
    """What the job's role may do: read its inputs, write its outputs, pull its image, log.

    Args:
        request: The request the job is made of.
        image: The job's image.
        also_read: S3 URIs that the container reads beside the job's inputs.

    Returns:
        The statements, and a problem for each place that cannot be named.
    """
    reads, unread = _locations([*_input_uris(request), *also_read])
    writes, unwritten = _locations(_output_uris(request))
    statements = [
        *_list_buckets(reads),
        *_on_objects("ReadInputs", ["s3:GetObject"], reads),
        *_on_objects("WriteOutputs", ["s3:AbortMultipartUpload", "s3:PutObject"], writes),
        *_pull(image),
        _log(),
        _metrics(),
    ]
    return statements, [*unread, *unwritten]


def machine_statements(resource_prefix: str, role_arn: str) -> list[Statement]:
    """What the role of a step's state machine may do: run the step's jobs and no others.

    Args:
        resource_prefix: What the names of the step's jobs begin with.
        role_arn: The job's role.
    """
    region = f"{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    return [
        {
            "Effect": "Allow",
            "Action": [
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:ListTags",
                "sagemaker:StopProcessingJob",
            ],
            "Resource": [
                f"arn:{cdk.Aws.PARTITION}:sagemaker:{region}:processing-job/{resource_prefix}-*"
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [role_arn],
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        },
        {
            "Effect": "Allow",
            "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            "Resource": [f"arn:{cdk.Aws.PARTITION}:events:{region}:rule/{_EVENTS_RULE}"],
        },
    ]


def _input_uris(request: CreateProcessingJobRequest) -> list[Text]:
    return [one.S3Input.S3Uri for one in request.ProcessingInputs or () if one.S3Input]


def _output_uris(request: CreateProcessingJobRequest) -> list[Text]:
    config = request.ProcessingOutputConfig
    return [one.S3Output.S3Uri for one in (config.Outputs if config else ()) if one.S3Output]


def _locations(uris: Iterable[Text]) -> tuple[list[Location], list[Problem]]:
    found = [locate(uri) for uri in uris]
    named = {one: None for one in found if isinstance(one, Location)}
    return list(named), [one for one in found if isinstance(one, Problem)]


def _on_objects(sid: str, actions: list[str], locations: Sequence[Location]) -> list[Statement]:
    if not locations:
        return []
    objects = [f"{_bucket_arn(one.bucket)}/{one.prefix}*" for one in locations]
    return [{"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": objects}]


def _list_buckets(locations: Sequence[Location]) -> list[Statement]:
    prefixes: dict[str, list[str]] = {}
    for one in locations:
        prefixes.setdefault(one.bucket, []).append(f"{one.prefix}*")
    return [
        {
            "Sid": f"ListInputs{at}",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [_bucket_arn(bucket)],
            "Condition": {"StringLike": {"s3:prefix": below}},
        }
        for at, (bucket, below) in enumerate(prefixes.items())
    ]


def _bucket_arn(bucket: str) -> str:
    return f"arn:{cdk.Aws.PARTITION}:s3:::{bucket}"


def _pull(image: Image) -> list[Statement]:
    # Where the URI does not tell the repository, any may be meant.
    repository = image.repository_arn or f"arn:{cdk.Aws.PARTITION}:ecr:*:*:repository/*"
    return [
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": [repository],
        },
        {
            # It has no resource to name:
            # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
            "Sid": "LogInToRegistry",
            "Effect": "Allow",
            "Action": ["ecr:GetAuthorizationToken"],
            "Resource": ["*"],
        },
    ]


def _log() -> Statement:
    group = f"log-group:{_LOG_GROUP}"
    where = f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    return {
        "Sid": "WriteLog",
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
        "Resource": [f"{where}:{group}", f"{where}:{group}:log-stream:*"],
    }


def _metrics() -> Statement:
    return {
        # It has no resource to name, a namespace narrows it:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
        "Sid": "PutMetrics",
        "Effect": "Allow",
        "Action": ["cloudwatch:PutMetricData"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"cloudwatch:namespace": _METRIC_NAMESPACE}},
    }
