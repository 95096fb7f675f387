"""Tasks that call services by AWS's SDK: what they are given, what they give, how they fail."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.local_cloud


@pytest.fixture
def bucket(cloud: Any) -> str:
    """An empty bucket."""
    name = f"sdk-{uuid.uuid4()}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


def task(action: str, service: str = "s3", **arguments: Any) -> dict[str, Any]:
    """A machine of one task, whose output is its result or its error."""
    return {
        "StartAt": "Ask",
        "QueryLanguage": "JSONata",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": f"arn:aws:states:::aws-sdk:{service}:{action}",
                "Arguments": arguments,
                "Catch": [
                    {"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Over"},
                    {"ErrorEquals": ["States.ALL"], "Next": "Over"},
                ],
                "End": True,
            },
            "Over": {"Type": "Succeed"},
        },
    }


@pytest.mark.parametrize(
    ("body", "text"), [({"a": [1, None]}, '{"a":[1,null]}'), ("plain", "plain")]
)
def test_what_is_put_is_got(machines: Any, bucket: str, body: Any, text: str) -> None:
    """JSON as its text, text as it is."""
    put = machines.output(task("putObject", Bucket=bucket, Key="k", Body=body))
    got = machines.output(task("getObject", Bucket=bucket, Key="k"))

    assert got["Body"] == text
    assert got["ETag"] == put["ETag"]
    assert "ResponseMetadata" not in got


def test_a_listing_is_as_the_sdk_gives_it(machines: Any, cloud: Any, bucket: str) -> None:
    """Numbers, truth values and times are of their kinds; pages follow one another."""
    for key in ("in/a", "in/b", "out/c"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"text")
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": "in/", "MaxKeys": 1}

    first = machines.output(task("listObjectsV2", **asked))
    last = machines.output(task("listObjectsV2", **asked, StartAfter="in/a"))

    assert [one["Key"] for one in first["Contents"]] == ["in/a"]
    assert [one["Key"] for one in last["Contents"]] == ["in/b"]
    assert (first["IsTruncated"], last["IsTruncated"]) == (True, False)
    (listed,) = first["Contents"]
    assert listed["Size"] == len("text")
    assert listed["LastModified"].endswith("Z")


@pytest.mark.parametrize(
    ("action", "given", "error"),
    [
        ("getObject", {"Key": "none"}, "S3.NoSuchKeyException"),
        ("getObject", {"Key": "none", "Bucket": "no-such-bucket-here"}, "S3.NoSuchBucketException"),
        ("putObject", {"Key": "k", "Body": "x", "ContentMD5": "?"}, "S3.S3Exception"),
        ("putObject", {"Key": "k", "Body": "x", "SSEKMSKeyId": 7}, "S3.SdkClientException"),
    ],
)
def test_errors_are_named_as_the_sdk_names_them(
    machines: Any, bucket: str, action: str, given: dict[str, Any], error: str
) -> None:
    """By the classes of S3's own model; all others are S3Exception."""
    found = machines.output(task(action, **{"Bucket": bucket, **given}))

    assert found["Error"] == error


def test_a_result_is_no_larger_than_aws_takes(machines: Any, cloud: Any, bucket: str) -> None:
    """256 KiB of JSON, in which a quote is two characters."""
    for key, size in {"right": 130_000, "large": 131_500}.items():
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b'"' * size)

    assert len(machines.output(task("getObject", Bucket=bucket, Key="right"))["Body"]) == 130_000
    found = machines.output(task("getObject", Bucket=bucket, Key="large"))
    assert found["Error"] == "States.DataLimitExceeded"


def test_a_job_is_described_as_the_sdk_describes_it(
    machines: Any, sagemaker: Any, request_for: Callable[..., dict[str, Any]]
) -> None:
    """A machine may ask after a job that another state started; times are text."""
    request = request_for()
    sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]

    found = machines.output(task("describeProcessingJob", "sagemaker", ProcessingJobName=name))

    assert found["ProcessingJobName"] == name
    assert found["CreationTime"].endswith("Z")
    assert "ResponseMetadata" not in found


def test_errors_of_sagemaker_have_its_name(machines: Any) -> None:
    """By the classes of its model, as S3's by those of S3's."""
    none = task("describeProcessingJob", "sagemaker", ProcessingJobName="none")

    assert machines.output(none)["Error"] == "SageMaker.ResourceNotFoundException"
