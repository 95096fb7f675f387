"""The local AWS under IAM's enforcement: what roles and keys refuse, and what policies decide."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.local.ministack.test_stacks import Stack, template
from tests.local_aws import Machines, RunningCloud, role, started

pytestmark = pytest.mark.local_cloud

JOBS = "arn:aws:sagemaker:us-east-1:000000000000:processing-job/*"
ROOT = "arn:aws:iam::000000000000:root"
START = {"Effect": "Allow", "Action": "sagemaker:CreateProcessingJob", "Resource": JOBS}
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FOR_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
FOR_LAMBDA = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A local AWS that enforces IAM."""
    home = tmp_path_factory.mktemp("guarded")
    with started(home, "--enforce-iam", "--parent", str(os.getpid())) as running:
        yield running


def allow(cloud: RunningCloud, role_arn: str, *statements: dict[str, Any]) -> None:
    """Give a role a policy of statements."""
    document = {"Version": "2012-10-17", "Statement": statements}
    cloud.client("iam").put_role_policy(
        RoleName=role_arn.rpartition("/")[2], PolicyName="Own", PolicyDocument=json.dumps(document)
    )


@pytest.fixture
def machine_role(guarded: RunningCloud) -> str:
    """A role of Step Functions without a permission."""
    return role(guarded, "states.amazonaws.com")


@pytest.fixture
def run(guarded: RunningCloud, machine_role: str) -> Callable[..., dict[str, Any]]:
    """Runs a task that starts a job and does not wait for it; keywords go into the request."""

    def run_task(**members: Any) -> dict[str, Any]:
        cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}
        request = {
            "ProcessingJobName": f"job-{uuid.uuid4()}",
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {"ImageUri": "image"},
            "RoleArn": role(guarded, "sagemaker.amazonaws.com"),
            **members,
        }
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createProcessingJob",
            "Parameters": request,
            "End": True,
        }
        states = guarded.client("stepfunctions")
        made = states.create_state_machine(
            name=f"machine-{uuid.uuid4()}",
            roleArn=machine_role,
            definition=json.dumps({"StartAt": "Job", "States": {"Job": state}}),
        )
        begun = states.start_execution(stateMachineArn=made["stateMachineArn"])
        return Machines(states).end(begun["executionArn"])

    return run_task


@pytest.mark.parametrize("trusts", ["lambda.amazonaws.com", None])
def test_a_machine_needs_a_role_that_step_functions_may_assume(
    guarded: RunningCloud, trusts: str | None
) -> None:
    """Neither a role of another service nor one that is not there will do."""
    arn = role(guarded, trusts) if trusts else "arn:aws:iam::000000000000:role/nobody"
    with pytest.raises(ClientError) as caught:
        guarded.client("stepfunctions").create_state_machine(
            name="machine",
            roleArn=arn,
            definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        )
    assert caught.value.response["Error"]["Code"] in {
        "AccessDeniedException",
        "ValidationException",
    }
    assert arn in caught.value.response["Error"]["Message"]


def test_a_stacks_machine_is_refused_for_its_role(guarded: RunningCloud) -> None:
    """The stack rolls back, and its events say what the role lacks."""
    stack = Stack(guarded)

    with pytest.raises(WaiterError):
        stack.deploy(template())

    (reason,) = [one for one in stack.reasons() if "create managed-rule" in one]
    assert "is not authorized to perform: events:DescribeRule on resource: " in reason
    assert "Error Code: AccessDeniedException" in reason


def test_a_task_needs_its_actions(
    guarded: RunningCloud, machine_role: str, run: Callable[..., Any]
) -> None:
    """Starting a job, tagging it, passing it its role for SageMaker: each by itself."""
    tags = [{"Key": "team", "Value": "data"}]
    refused = []
    for statements in (
        [],
        [START],
        [{**START, "Action": "sagemaker:*"}],
        [{**START, "Action": "sagemaker:*"}, {**PASS, "Condition": FOR_LAMBDA}],
    ):
        allow(guarded, machine_role, *statements or [{**ALL, "Action": "s3:*"}])
        ended = run(Tags=tags)
        assert ended["error"] == "SageMaker.AmazonSageMakerException"
        refused.append(ended["cause"].partition("perform: ")[2].partition(" ")[0])
    assert refused == [
        "sagemaker:CreateProcessingJob",
        "sagemaker:AddTags",
        "iam:PassRole",
        "iam:PassRole",
    ]

    allow(guarded, machine_role, START, {**PASS, "Condition": FOR_SAGEMAKER})
    assert run()["status"] == "SUCCEEDED"


def test_denials_and_boundaries_decide(
    guarded: RunningCloud, machine_role: str, run: Callable[..., Any]
) -> None:
    """A Deny wins over an Allow, and a permissions boundary limits what is allowed."""
    allow(guarded, machine_role, ALL, {**START, "Effect": "Deny"})
    assert "with an explicit deny in an identity-based policy" in run()["cause"]

    iam = guarded.client("iam")
    document = {"Version": "2012-10-17", "Statement": [{**ALL, "Action": "s3:*"}]}
    boundary = iam.create_policy(
        PolicyName=f"boundary-{uuid.uuid4()}", PolicyDocument=json.dumps(document)
    )["Policy"]["Arn"]
    allow(guarded, machine_role, ALL)
    iam.put_role_permissions_boundary(
        RoleName=machine_role.rpartition("/")[2], PermissionsBoundary=boundary
    )
    assert "not authorized to perform: sagemaker:CreateProcessingJob" in run()["cause"]


def test_a_role_may_be_for_some_jobs_only(
    guarded: RunningCloud, machine_role: str, run: Callable[..., Any]
) -> None:
    """Where its trust policy names the jobs it is for."""
    allow(guarded, machine_role, ALL)
    mine = role(guarded, "sagemaker.amazonaws.com")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": JOBS.replace("*", "mine-*")}},
    }
    guarded.client("iam").update_assume_role_policy(
        RoleName=mine.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )

    refused = run(RoleArn=mine)
    assert f"Could not assume role {mine}" in refused["cause"]
    name = f"mine-{uuid.uuid4()}"
    assert run(RoleArn=mine, ProcessingJobName=name)["status"] == "SUCCEEDED"


def s3_as(cloud: RunningCloud, *statements: dict[str, Any]) -> Any:
    """A client of S3 with the credentials of a role of its own."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    made = cloud.client("iam").create_role(
        RoleName=f"role-{uuid.uuid4()}",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    allow(cloud, made, *statements)
    given = cloud.client("sts").assume_role(RoleArn=made, RoleSessionName="me")["Credentials"]
    return boto3.client(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        verify=str(cloud.home / "certificate.pem"),
    )


def test_whoever_reads_or_writes_with_a_key_must_be_allowed_to(guarded: RunningCloud) -> None:
    """By his own policies and by the key's; in parts he must be able to read what he wrote."""
    kms = guarded.client("kms")
    key = kms.create_key()["KeyMetadata"]
    bucket = f"bucket-{uuid.uuid4()}"
    guarded.client("s3").create_bucket(Bucket=bucket)
    place: dict[str, Any] = {"Bucket": bucket, "Key": "a"}
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["KeyId"]}
    s3_all = {**ALL, "Action": "s3:*"}
    generate = {**ALL, "Action": "kms:GenerateDataKey", "Resource": key["Arn"]}

    with pytest.raises(ClientError, match=rf"kms:GenerateDataKey on resource: {key['Arn']}"):
        s3_as(guarded, s3_all).put_object(**place, **encrypted, Body=b"")
    writer = s3_as(guarded, s3_all, generate)
    writer.put_object(**place, **encrypted, Body=b"")
    with pytest.raises(ClientError, match=rf"kms:Decrypt on resource: {key['Arn']}"):
        writer.get_object(**place)
    with pytest.raises(ClientError, match=rf"kms:Decrypt on resource: {key['Arn']}"):
        writer.create_multipart_upload(**place, **encrypted)
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    decrypt = {**generate, "Action": "kms:Decrypt", "Condition": through_s3}
    reader = s3_as(guarded, s3_all, decrypt)
    assert reader.get_object(**place)["ServerSideEncryption"] == "aws:kms"

    nobody = {"Version": "2012-10-17", "Statement": [{**ALL, "Principal": {"AWS": f"{ROOT}x"}}]}
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(nobody))
    with pytest.raises(ClientError, match="kms:Decrypt"):
        reader.get_object(**place)
