"""What a job's role may do, derived from the job's request."""

from collections.abc import Iterable

from cdk_sagemaker_processing.access.assets import asset_key_statements, assets_among
from cdk_sagemaker_processing.access.features import feature_store_statements
from cdk_sagemaker_processing.access.keys import key_statements
from cdk_sagemaker_processing.access.locations import Location, locate, locations
from cdk_sagemaker_processing.access.network import network_statements
from cdk_sagemaker_processing.access.objects import list_statements, object_statements
from cdk_sagemaker_processing.access.pulling import pull_statements
from cdk_sagemaker_processing.access.queries import query_results, query_statements
from cdk_sagemaker_processing.access.statement import Statement
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, compact
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest, outputs_of
from cdk_sagemaker_processing.request.values import Text

__all__ = ["job_statements"]

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
# A committer of Hadoop's looks at what is there, writes below a folder of its own, moves that by
# copies and deletes it.
_MANAGE = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
_METRIC_NAMESPACE = "/aws/sagemaker/ProcessingJobs"


def job_statements(
    request: CreateProcessingJobRequest,
    image: Image,
    also_read: Iterable[Text] = (),
    *,
    may_read: Iterable[Text] = (),
    granted_keys: Iterable[Text] = (),
    read_keys: Iterable[Text] = (),
    written_keys: Iterable[Text] = (),
) -> tuple[list[Statement], list[Problem]]:
    """What the job's role may do: read its inputs, write its outputs, pull its image, log.

    Args:
        request: The request the job is made of.
        image: The job's image.
        also_read: S3 URIs that the container reads beside the job's inputs.
        may_read: S3 URIs that it may read by itself, of which those count that
            permissions can name.
        granted_keys: KMS keys of the request whose use is granted elsewhere.
        read_keys: KMS keys that inputs are encrypted with.
        written_keys: KMS keys that the places of outputs are encrypted with.

    Returns:
        The statements, and a problem for each place that cannot be named.
    """
    results = query_results(request)
    named = [uri for uri in may_read if isinstance(locate(uri), Location)]
    reads, unread = locations([*_input_uris(request), *also_read, *results, *named])
    writes, unwritten = locations([*map(_as_folder, _output_uris(request, own=False)), *results])
    managed, unmanaged = locations(map(_as_folder, _output_uris(request, own=True)))
    use_keys, unnamed_keys = key_statements(
        request, frozenset(granted_keys), read_keys, written_keys
    )
    run_queries, unnamed_queries = query_statements(request)
    put_records, unnamed_groups = feature_store_statements(request)
    statements = [
        *list_statements("ListInputs", reads),
        *object_statements("ReadInputs", ["s3:GetObject"], reads),
        *object_statements("WriteOutputs", ["s3:AbortMultipartUpload", "s3:PutObject"], writes),
        *list_statements("ListOwnOutputs", managed),
        *object_statements("ManageOwnOutputs", _MANAGE, managed),
        *run_queries,
        *put_records,
        *use_keys,
        *asset_key_statements(assets_among(reads)),
        *network_statements(request),
        *pull_statements([_repository(image)]),
        _log(),
        _metrics(),
    ]
    places = list(dict.fromkeys([*unread, *unwritten, *unmanaged]))
    return compact(statements), [*places, *unnamed_keys, *unnamed_queries, *unnamed_groups]


def _input_uris(request: CreateProcessingJobRequest) -> list[Text]:
    return [one.S3Input.S3Uri for one in request.ProcessingInputs or () if one.S3Input]


def _output_uris(request: CreateProcessingJobRequest, *, own: bool) -> list[Text]:
    """Where outputs go: those that the container writes by itself, or those SageMaker uploads."""
    return [
        one.S3Output.S3Uri
        for one in outputs_of(request)
        if one.S3Output and (one.AppManaged is True) is own
    ]


def _as_folder(uri: Text) -> Text:
    """An output's URI with a slash: its files lie below it, whether it ends in one or not."""
    # The end of a token may be a slash too.
    return uri if not isinstance(uri, str) or uri.endswith(("/", "}")) else f"{uri}/"


def _repository(image: Image) -> str:
    # Where the URI does not tell the repository, any may be meant.
    return image.repository_arn or f"arn:{PARTITION}:ecr:*:*:repository/*"


def _log() -> Statement:
    group = f"log-group:{_LOG_GROUP}"
    where = f"arn:{PARTITION}:logs:{REGION}:{ACCOUNT_ID}"
    return {
        "Sid": "WriteLog",
        "Effect": "Allow",
        "Action": [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
        # As CloudWatch Logs writes a group in all that is asked of it but tags:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
        "Resource": [f"{where}:{group}:*"],
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
