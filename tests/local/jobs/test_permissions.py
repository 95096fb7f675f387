"""What SageMaker does in a role's name before a job starts."""

from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import Call, ProcessingService
from cdk_sagemaker_processing.local.jobs.permissions import needs
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import ROLE, application, request

JOB = "arn:aws-cn:sagemaker:cn-north-1:111122223333:processing-job/a-job"
KMS = "arn:aws-cn:kms:cn-north-1:111122223333"
EC2 = "arn:aws-cn:ec2:cn-north-1:111122223333"
REPOSITORY = "arn:aws-cn:ecr:us-east-1:683313688378:repository/sagemaker-scikit-learn"


def calls_of(purpose: str, **members: Any) -> list[Call]:
    """The calls that SageMaker makes for something, of a job whose request has some members."""
    return [
        call
        for need in needs(request(**members), JOB)
        if need.purpose == purpose
        for call in need.calls
    ]


def with_volume_key(key: str) -> dict[str, Any]:
    """The part of a request that names a volume's key."""
    cluster = request()["ProcessingResources"]["ClusterConfig"]
    return {"ProcessingResources": {"ClusterConfig": {**cluster, "VolumeKmsKeyId": key}}}


def test_an_image_is_pulled_from_its_repository() -> None:
    """Whichever account and region it is in."""
    assert calls_of("pull the image") == [
        Call("ecr:GetAuthorizationToken"),
        Call("ecr:BatchCheckLayerAvailability", REPOSITORY),
        Call("ecr:BatchGetImage", REPOSITORY),
        Call("ecr:GetDownloadUrlForLayer", REPOSITORY),
    ]


@pytest.mark.parametrize("uri", ["image", "public.ecr.aws/team/image:1"])
def test_an_image_of_no_repository_of_ours_is_nobodys_to_ask(uri: str) -> None:
    """Only Amazon ECR's private repositories have permissions of roles."""
    assert calls_of("pull the image", AppSpecification={"ImageUri": uri}) == []


@pytest.mark.parametrize(
    ("key", "arn"),
    [
        ("1234", f"{KMS}:key/1234"),
        ("alias/lake", f"{KMS}:alias/lake"),
        ("arn:aws-cn:kms:cn-north-1:4:key/1", "arn:aws-cn:kms:cn-north-1:4:key/1"),
    ],
)
def test_a_volumes_key_is_granted_on(key: str, arn: str) -> None:
    """By its ARN, however the request names it; without a key nothing is asked."""
    assert calls_of("encrypt the volume", **with_volume_key(key)) == [
        Call("kms:DescribeKey", arn),
        Call("kms:CreateGrant", arn, {"kms:GrantIsForAWSResource": "true"}),
    ]
    assert calls_of("encrypt the volume") == []


def test_a_vpc_is_joined_by_an_interface_in_each_subnet() -> None:
    """Making one asks for the subnet, the group and the interface; using it tells the subnet."""
    vpc = {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}

    calls = calls_of("join the VPC", NetworkConfig={"VpcConfig": vpc})

    made = [call.resource for call in calls if call.action == "ec2:CreateNetworkInterface"]
    assert made == [
        f"{EC2}:{one}"
        for one in (
            "subnet/subnet-1",
            "subnet/subnet-2",
            "security-group/sg-1",
            "network-interface/*",
        )
    ]
    deleted = [call for call in calls if call.action == "ec2:DeleteNetworkInterface"]
    assert deleted == [
        Call(
            "ec2:DeleteNetworkInterface",
            f"{EC2}:network-interface/*",
            {"ec2:Subnet": f"{EC2}:subnet/{subnet}"},
        )
        for subnet in vpc["Subnets"]
    ]
    assert calls_of("join the VPC", NetworkConfig={"EnableNetworkIsolation": True}) == []


def refused_for(new_service: NewService, action: str) -> ProcessingService:
    """A service of a cloud that refuses one action."""

    def refusal(role: str, call: Call) -> str | None:
        return f"{role} may not {call.action} {call.resource}" if call.action == action else None

    return new_service(refusal=refusal)


def test_a_job_fails_for_what_it_cannot_do_without(new_service: NewService) -> None:
    """Before anything of it runs; the reason says what for, then the refusal."""
    service = refused_for(new_service, "ecr:BatchGetImage")

    service.create(request(AppSpecification=application("true")))

    described = service.wait("a-job", 30)
    assert described["ProcessingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        f"ClientError: SageMaker cannot pull the image. {ROLE} may not ecr:BatchGetImage "
        f"{REPOSITORY.replace('aws-cn', 'aws')}"
    )
    assert "ProcessingStartTime" not in described


def test_a_job_goes_on_without_its_metrics(new_service: NewService) -> None:
    """Its log says what would be missing on AWS."""
    service = refused_for(new_service, "cloudwatch:PutMetricData")

    service.create(request(AppSpecification=application("true")))

    assert service.wait("a-job", 30)["ProcessingJobStatus"] == "Completed"
    log = (service.home / "jobs" / "a-job" / "log.txt").read_text()
    assert (
        "SageMaker could not measure its instances on AWS. "
        f"{ROLE} may not cloudwatch:PutMetricData *" in log
    )
