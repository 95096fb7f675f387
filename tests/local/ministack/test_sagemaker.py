"""SageMaker's API of the local AWS, through boto3."""

import json
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import until

pytestmark = pytest.mark.local_cloud


def code_of(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_job_is_created_described_listed_and_stopped(sagemaker: Any, request_for: Any) -> None:
    """The operations of a job's life answer in SageMaker's shapes."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    request = request_for(SECONDS="60")
    name = request["ProcessingJobName"]
    arn = sagemaker.create_processing_job(**request)["ProcessingJobArn"]

    described = sagemaker.describe_processing_job(ProcessingJobName=name)
    assert described["ProcessingJobStatus"] == "InProgress"
    assert described["AppSpecification"] == request["AppSpecification"]
    assert before < described["CreationTime"] < datetime.now(UTC)

    listed = sagemaker.list_processing_jobs(NameContains=name, CreationTimeAfter=before)
    assert [job["ProcessingJobArn"] for job in listed["ProcessingJobSummaries"]] == [arn]
    later = datetime.now(UTC) + timedelta(hours=1)
    none = sagemaker.list_processing_jobs(NameContains=name, CreationTimeAfter=later)
    assert none["ProcessingJobSummaries"] == []

    sagemaker.stop_processing_job(ProcessingJobName=name)
    until(
        lambda: (
            sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            == "Stopped"
        )
    )


def test_tags_are_added_and_listed(sagemaker: Any, request_for: Any) -> None:
    """AddTags and ListTags work on a job's ARN."""
    arn = sagemaker.create_processing_job(**request_for())["ProcessingJobArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]


def test_errors_carry_sagemakers_names(sagemaker: Any, request_for: Any) -> None:
    """A taken name is ResourceInUse; what the service says of an unknown one is passed on."""
    request = request_for()
    sagemaker.create_processing_job(**request)
    assert code_of(sagemaker.create_processing_job, **request)[0] == "ResourceInUse"
    unknown = code_of(sagemaker.describe_processing_job, ProcessingJobName="unknown")
    assert unknown == ("ResourceNotFound", "Could not find unknown")


def test_other_operations_are_named_as_missing(sagemaker: Any) -> None:
    """An operation that the local cloud lacks says so, and which it has."""
    code, message = code_of(sagemaker.list_training_jobs)
    assert code == "UnknownOperationException"
    assert message.startswith("The local cloud has no SageMaker operation ListTrainingJobs; it has")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"{}", "ValidationException"),
        (b'{"ProcessingJobName": 1}', "ValidationException"),
    ],
)
def test_a_malformed_request_is_refused(cloud: Any, body: bytes, code: str) -> None:
    """What is no JSON, or lacks a member, is refused with the protocol's errors."""
    headers = {
        "X-Amz-Target": "SageMaker.DescribeProcessingJob",
        "Content-Type": "application/x-amz-json-1.1",
    }
    call = urllib.request.Request(cloud.endpoint_url, body, headers)
    with pytest.raises(urllib.request.HTTPError) as caught:
        urllib.request.urlopen(call, timeout=10)
    with caught.value as answer:
        assert json.load(answer)["__type"] == code


def test_a_slow_creation_does_not_hold_up_others(
    sagemaker: Any, request_for: Any, tmp_path: Path
) -> None:
    """While one request takes its time, the local AWS answers others."""
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(sagemaker.create_processing_job, **request_for(HELD_IN=str(tmp_path)))
        try:
            until((tmp_path / "here").exists)
            sagemaker.list_processing_jobs()
            assert not slow.done()
        finally:
            (tmp_path / "go").touch()
        assert slow.result(timeout=10)["ProcessingJobArn"]


def test_a_jobs_role_must_trust_sagemaker(
    sagemaker: Any, request_for: Any, new_role: Callable[[str], str]
) -> None:
    """A role that SageMaker may not assume is refused, with the reason."""
    arn = new_role("lambda.amazonaws.com")
    code, message = code_of(sagemaker.create_processing_job, **(request_for() | {"RoleArn": arn}))
    assert code == "ValidationException"
    assert message == f"Could not assume role {arn}. (its trust policy does not allow it)"


def test_accounts_and_regions_are_apart(
    cloud: Any, sagemaker: Any, request_for: Any, new_role: Any
) -> None:
    """A job belongs to the account and region of its request, and is seen only there."""
    here = request_for()
    name = here["ProcessingJobName"]
    sagemaker.create_processing_job(**here)
    elsewhere = cloud.client("sagemaker", "111122223333", "eu-west-1")
    assert elsewhere.list_processing_jobs()["ProcessingJobSummaries"] == []
    role = new_role("sagemaker.amazonaws.com", "111122223333")
    created = elsewhere.create_processing_job(**(here | {"RoleArn": role}))
    assert created["ProcessingJobArn"] == (
        f"arn:aws:sagemaker:eu-west-1:111122223333:processing-job/{name}"
    )
