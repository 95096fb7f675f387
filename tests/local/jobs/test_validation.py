import copy
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import NotHereError, ServiceError
from cdk_sagemaker_processing.local.jobs.validation import instance_count, validate_job
from tests.local.jobs.fakes import application, outputs, request, source, target

LOCAL = "/opt/ml/processing/x"


def cluster(**members: Any) -> dict[str, Any]:
    """ProcessingResources with a cluster of these members."""
    return {"ClusterConfig": {"VolumeSizeInGB": 30, **members}}


def refusal(**members: Any) -> str:
    """What the service says of a request that it refuses."""
    with pytest.raises(ServiceError) as refused:
        validate_job(request(**members))
    assert not isinstance(refused.value, NotHereError)
    assert refused.value.code == "ValidationException"
    return refused.value.message


def test_a_full_request_is_accepted() -> None:
    """Every supported member at once, in values at the edge of what is allowed."""
    given = request(
        "n" * 63,
        AppSpecification=application("python3", "x" * 256) | {"ContainerArguments": ["a"] * 100},
        Environment={f"KEY_{n}": "v" * 256 for n in range(100)},
        ExperimentConfig={"ExperimentName": "e"},
        NetworkConfig={"EnableNetworkIsolation": True},
        ProcessingInputs=[source(f"s3://bucket/{n}", f"{LOCAL}{n}") for n in range(10)],
        ProcessingOutputConfig=outputs(target("s3://bucket/out", LOCAL, "Continuous")),
        StoppingCondition={"MaxRuntimeInSeconds": 777_600},
        Tags=[{"Key": "Ünï:code/+=@-_. 1", "Value": ""}],
    )
    before = copy.deepcopy(given)
    validate_job(given)
    assert given == before


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ProcessingJobName": "a_b"}, "'processingJobName' failed to satisfy constraint"),
        ({"ProcessingJobName": "n" * 64}, "have length less than or equal to 63"),
        ({"RoleArn": "arn:aws:iam::1:role/short-id-x"}, "at 'roleArn'"),
        (
            {"AppSpecification": application("x" * 257)},
            "at 'appSpecification.containerEntrypoint.1.member'",
        ),
        ({"AppSpecification": {"ImageUri": "i"}, "Environment": {"1A": ""}}, "'environment.key'"),
        ({"Environment": {"A": "v" * 257}}, "at 'environment.A.member'"),
        (
            {"ProcessingResources": cluster(InstanceCount=101, InstanceType="ml.m5.xlarge")},
            "have value less than or equal to 100",
        ),
        (
            {"ProcessingResources": cluster(InstanceCount=1, InstanceType="ml.m7g.xlarge")},
            "satisfy enum value set: [ml.",
        ),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 777_601}}, "777600"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 0}}, "valid min value: 1"),
        ({"ProcessingInputs": [source("s3://b/k", LOCAL)] * 11}, "'processingInputs'"),
        ({"Tags": [{"Key": "a", "Value": "what?"}]}, "at 'tags.1.member.value'"),
        ({"AppSpecification": {}}, "Missing required parameter"),
        ({"AppSpecification": {"ImageUri": "i", "ContainerEntrypoint": []}}, "min length: 1"),
        ({"ProcessingJobNames": "a"}, "Unknown parameter"),
        ({"ProcessingInputs": [{"InputName": "a"}]}, "must have s3Input or datasetDefinition"),
        ({"ProcessingOutputConfig": outputs({"OutputName": "a"})}, "must have s3Output"),
        (
            {"ProcessingInputs": [source("s3://b/k", LOCAL, S3CompressionType="Gzip")]},
            "can be Gzip only when s3InputMode is Pipe",
        ),
        (
            {"ProcessingInputs": [source("s3://b/k", LOCAL), source("s3://b/l", f"{LOCAL}/")]},
            f"'{LOCAL}' is the localPath of two inputs or outputs",
        ),
        (
            {
                "ProcessingInputs": [source("s3://b/k", LOCAL)],
                "ProcessingOutputConfig": outputs(target("s3://b/o", LOCAL)),
            },
            f"'{LOCAL}' is the localPath of two inputs or outputs",
        ),
        (
            {"ProcessingInputs": [source("s3://b/k", f"{LOCAL}/{n}/data") for n in "ab"]},
            "'processingInputs' has two of the name data",
        ),
        (
            {
                "ProcessingOutputConfig": outputs(
                    *(target("s3://b/k", f"{LOCAL}/{n}/data") for n in "ab")
                )
            },
            "'processingOutputConfig.outputs' has two of the name data",
        ),
        ({"ProcessingResources": cluster()}, "either instanceType or instancePreferences"),
        ({"ProcessingResources": cluster(InstanceType="ml.m5.xlarge")}, "instanceCount' is req"),
        (
            {
                "ProcessingResources": cluster(
                    InstanceType="ml.m5.xlarge", InstanceCount=1, SelectedInstanceCount=1
                )
            },
            "selectedInstanceCount' is read-only",
        ),
    ],
)
def test_what_the_api_refuses_is_refused(members: dict[str, Any], said: str) -> None:
    """Lengths, ranges, patterns, enumerations, required members, and the documented rules."""
    assert said in refusal(**members)


@pytest.mark.parametrize(
    "local", ["/opt/ml/output", "/opt/ml/processing/../../etc", "/opt/ml/processingx", "relative"]
)
def test_a_local_path_stays_under_its_root(local: str) -> None:
    """No input or output leaves /opt/ml/processing/, by whatever way."""
    assert "must begin with /opt/ml/processing/" in refusal(
        ProcessingInputs=[source("s3://b/k", local)]
    )
    assert "must begin with /opt/ml/processing/" in refusal(
        ProcessingOutputConfig=outputs(target("s3://b/k", local))
    )


def test_an_app_managed_input_needs_no_local_path() -> None:
    """LocalPath is required only when AppManaged is false."""
    channel = {"S3Uri": "s3://b/k", "S3DataType": "S3Prefix"}
    one: dict[str, Any] = {"InputName": "a", "S3Input": channel}
    assert "'processingInputs.1.member.s3Input.localPath' is required" in refusal(
        ProcessingInputs=[one]
    )
    validate_job(request(ProcessingInputs=[one | {"AppManaged": True}]))


def test_every_problem_is_named_at_once() -> None:
    """Two mistakes, one message with both."""
    said = refusal(ProcessingJobName="a_b", StoppingCondition={"MaxRuntimeInSeconds": 10**6})
    assert said.startswith("2 validation errors detected")
    assert "processingJobName" in said
    assert "stoppingCondition.maxRuntimeInSeconds" in said


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"ProcessingInputs": [source("s3://b/k", LOCAL, S3InputMode="Pipe")]}, "Pipe mode"),
        ({"ProcessingInputs": [source("https://b/k", LOCAL)]}, "s3:// URIs only"),
        (
            {
                "ProcessingInputs": [
                    {"InputName": "q", "DatasetDefinition": {"LocalPath": LOCAL}},
                ]
            },
            "no Athena or Redshift",
        ),
        (
            {
                "ProcessingOutputConfig": outputs(
                    {"OutputName": "f", "FeatureStoreOutput": {"FeatureGroupName": "g"}}
                )
            },
            "no Feature Store",
        ),
    ],
)
def test_what_the_local_cloud_lacks_is_refused(members: dict[str, Any], said: str) -> None:
    """A member that would have to be ignored is refused, and says that it is the local cloud."""
    with pytest.raises(NotHereError) as refused:
        validate_job(request(**members))
    assert refused.value.code == "ValidationException"
    assert said in refused.value.message
    assert "the local cloud" in refused.value.message


def test_what_aws_refuses_too_is_no_matter_of_the_local_cloud() -> None:
    """Both are named, but as the request's own fault."""
    inputs = [source("s3://b/k", "/elsewhere", S3InputMode="Pipe")]
    said = refusal(ProcessingInputs=inputs)
    assert said.startswith("2 validation errors detected")
    assert "must begin with /opt/ml/processing/" in said
    assert "Pipe mode" in said


def test_the_instance_count_of_preferences_is_found() -> None:
    """InstancePreferences carry a count of their own."""
    preferences = [{"InstanceType": "ml.m5.xlarge", "InstanceCount": 4}]
    given = request(ProcessingResources=cluster(InstancePreferences=preferences))
    validate_job(given)
    assert instance_count(given) == 4
