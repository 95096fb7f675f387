"""No role may do what it was not made for, and whoever tries reads AWS's words."""

import json
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, output_of, write_app
from tests.end_to_end.permissions import machines

pytestmark = pytest.mark.local_cloud

OTHERS = "the-data-of-others"
IMAGES = "683313688378.dkr.ecr.us-east-1.amazonaws.com"

STACK = """
from aws_cdk import aws_kms as kms, aws_s3 as s3

data = s3.Bucket(stack, "Data")
cdk.CfnOutput(stack, "Bucket", value=data.bucket_name)
cdk.CfnOutput(stack, "OthersKey", value=kms.Key(stack, "Others").key_arn)
storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Key"))
other = processing.SKLearnStep(stack, "Other", code="try.py", storage=storage)
cdk.CfnOutput(stack, "OthersRole", value=other.role.role_arn)
step = processing.SKLearnStep(
    stack, "Try", code="try.py", storage=storage,
    inputs=[processing.ProcessingInput(f"s3://{data.bucket_name}/in/")],
    outputs=[processing.ProcessingOutput("told")],
    arguments=[data.bucket_name, storage.outputs.bucket_name, sfn.JsonPath.string_at("$.key")])
processing.ProcessingWorkflow(stack, "Flow", definition=step)
"""

TRY = """
import json, os, sys
from pathlib import Path
import boto3
from botocore.exceptions import ClientError

data, outputs, key = sys.argv[1:]
s3, kms, logs, sagemaker, iam, sts, states, metrics = map(boto3.client, (
    "s3", "kms", "logs", "sagemaker", "iam", "sts", "stepfunctions", "cloudwatch"))
own = "Tight/Try/a-run/told/"
tries = {
    "read its input": lambda: s3.get_object(Bucket=data, Key="in/a.txt"),
    "list its input": lambda: s3.list_objects_v2(Bucket=data, Prefix="in/"),
    "write its output": lambda: s3.put_object(Bucket=outputs, Key=own + "b", Body=b""),
    "read beside": lambda: s3.get_object(Bucket=data, Key="in-other/a.txt"),
    "read its output": lambda: s3.get_object(Bucket=outputs, Key=own + "b"),
    "list beside": lambda: s3.list_objects_v2(Bucket=data, Prefix="in"),
    "list all": lambda: s3.list_objects_v2(Bucket=data),
    "write beside": lambda: s3.put_object(Bucket=outputs, Key="Tight/Other/x", Body=b""),
    "write its input": lambda: s3.put_object(Bucket=data, Key="in/b.txt", Body=b""),
    "delete its input": lambda: s3.delete_object(Bucket=data, Key="in/a.txt"),
    "read another bucket": lambda: s3.get_object(Bucket="the-data-of-others", Key="a.txt"),
    "write another bucket": lambda: s3.put_object(Bucket="the-data-of-others", Key="b", Body=b""),
    "write with another key": lambda: s3.put_object(
        Bucket=outputs, Key=own + "c", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key),
    "use another key": lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    "write another log": lambda: logs.create_log_group(logGroupName="/aws/sagemaker/Endpoints"),
    "measure something else": lambda: metrics.put_metric_data(
        Namespace="Other", MetricData=[{"MetricName": "a", "Value": 1}]),
    "start a job": lambda: sagemaker.create_processing_job(
        ProcessingJobName="own", RoleArn="arn:aws:iam::000000000000:role/any",
        AppSpecification={"ImageUri": "any"}, ProcessingResources={"ClusterConfig": {
            "InstanceCount": 1, "InstanceType": "ml.t3.medium", "VolumeSizeInGB": 1}}),
    "look at jobs": lambda: sagemaker.list_processing_jobs(),
    "grant itself more": lambda: iam.put_role_policy(
        RoleName="any", PolicyName="more", PolicyDocument="{}"),
    "be another": lambda: sts.assume_role(
        RoleArn="arn:aws:iam::000000000000:role/any", RoleSessionName="me"),
    "start an execution": lambda: states.start_execution(
        stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:any"),
}
told = {"who": sts.get_caller_identity()["Arn"]}
for name, act in tries.items():
    try:
        act()
        told[name] = "done"
    except ClientError as error:
        told[name] = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
Path("/opt/ml/processing/output/told/told.json").write_text(json.dumps(told))
"""


@pytest.fixture(scope="module")
def outputs(guarded: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed stack's outputs, the step's bucket and another bucket with data."""
    folder = tmp_path_factory.mktemp("apps") / "tight"
    found = guarded.deploy_all(write_app(folder, STACK, **{"try": TRY}))
    s3 = guarded.local.client("s3")
    s3.create_bucket(Bucket=OTHERS)
    for bucket, key in (
        (found["Bucket"], "in/a.txt"),
        (found["Bucket"], "in-other/a.txt"),
        (OTHERS, "a.txt"),
    ):
        s3.put_object(Bucket=bucket, Key=key, Body=b"a")
    return found


@pytest.fixture(scope="module")
def told(guarded: Cloud, outputs: dict[str, str]) -> dict[str, str]:
    """What a script met that tried all kinds of things with its job's credentials."""
    run = guarded.run(outputs["Flow"], "a-run", key=outputs["OthersKey"])
    assert run.status == "SUCCEEDED", run.cause
    (job,) = run.jobs
    found: dict[str, str] = json.loads(guarded.read(output_of(job, "told") + "told.json"))
    return found


@pytest.mark.parametrize("what", ["read its input", "list its input", "write its output"])
def test_a_script_may_what_its_job_declares(told: dict[str, str], what: str) -> None:
    """By its own calls too, with the credentials of the job's role."""
    assert told[what] == "done"


@pytest.mark.parametrize(
    ("what", "action", "resource"),
    [
        ("read beside", "s3:GetObject", "{Bucket}/in-other/a.txt"),
        ("read its output", "s3:GetObject", "Tight/Try/a-run/told/b"),
        ("list beside", "s3:ListBucket", "{Bucket}"),
        ("list all", "s3:ListBucket", "{Bucket}"),
        ("write beside", "s3:PutObject", "/Tight/Other/x"),
        ("write its input", "s3:PutObject", "{Bucket}/in/b.txt"),
        ("delete its input", "s3:DeleteObject", "{Bucket}/in/a.txt"),
        ("read another bucket", "s3:GetObject", f"{OTHERS}/a.txt"),
        ("write another bucket", "s3:PutObject", f"{OTHERS}/b"),
        ("write with another key", "kms:GenerateDataKey", "{OthersKey}"),
        ("use another key", "kms:GenerateDataKey", "{OthersKey}"),
        ("write another log", "logs:CreateLogGroup", "log-group:/aws/sagemaker/Endpoints"),
        ("measure something else", "cloudwatch:PutMetricData", "*"),
        ("start a job", "sagemaker:CreateProcessingJob", ":processing-job/own"),
        ("look at jobs", "sagemaker:ListProcessingJobs", "*"),
        ("grant itself more", "iam:PutRolePolicy", ":role/any"),
        ("be another", "sts:AssumeRole", ":role/any"),
        ("start an execution", "states:StartExecution", ":stateMachine:any"),
    ],
)
def test_a_script_may_nothing_else(
    told: dict[str, str], outputs: dict[str, str], what: str, action: str, resource: str
) -> None:
    """The refusal names who asked, the action and the resource."""
    refusal = told[what]

    assert refusal.startswith("AccessDenied")
    assert f"User: {told['who']} is not authorized to perform: {action} on resource: " in refusal
    assert resource.format(**outputs) in refusal


def parameters(definition: machines.Definition) -> dict[str, Any]:
    """The request of a definition's only task."""
    (state,) = definition["States"].values()
    found: dict[str, Any] = state["Parameters"]
    return found


def of_job(name: str) -> Any:
    """Change a definition: its jobs have another name."""

    def change(definition: machines.Definition) -> None:
        request = parameters(definition)
        request.pop("ProcessingJobName.$")
        request["ProcessingJobName"] = name

    return change


def with_members(**members: Any) -> Any:
    """Change a definition: some members of its request, by a path with `__` for dots, are other."""

    def change(definition: machines.Definition) -> None:
        for path, value in members.items():
            *above, last = path.split("__")
            place: Any = parameters(definition)
            for one in above:
                place = place[int(one) if one.isdecimal() else one]
            place.pop(f"{last}.$", None)
            place[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "action", "resource"),
    [
        (of_job("another-job"), "sagemaker:CreateProcessingJob", ":processing-job/another-job"),
        ({"RoleArn": "{OthersRole}"}, "iam:PassRole", "{OthersRole}"),
    ],
)
def test_a_machine_may_run_its_own_jobs_alone(
    guarded: Cloud, outputs: dict[str, str], change: Any, action: str, resource: str
) -> None:
    """Other names of jobs and other roles are refused to its role as the task begins."""
    role = machines.role_of(guarded, outputs["Flow"])

    refusal = attempt(guarded, outputs, change)

    assert refusal.startswith("SageMaker.AmazonSageMakerException: User: ")
    assert f":assumed-role/{role.rpartition('/')[2]}/" in refusal
    assert f"is not authorized to perform: {action} on resource: " in refusal
    assert resource.format(**outputs) in refusal
    assert "Error Code: AccessDeniedException" in refusal


INPUT = "ProcessingInputs__0__S3Input__S3Uri"
OUTPUT = "ProcessingOutputConfig__Outputs__0__S3Output__S3Uri"
SPARK = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py39-v1.0"


@pytest.mark.parametrize(
    ("change", "action", "resource"),
    [
        ({INPUT: "s3://{Bucket}/in-other/"}, "s3:ListBucket", "{Bucket}"),
        ({INPUT: f"s3://{OTHERS}/"}, "s3:ListBucket", OTHERS),
        ({OUTPUT: "s3://{Bucket}/out/"}, "s3:PutObject", "{Bucket}/out/told.json"),
        ({OUTPUT: f"s3://{OTHERS}/out/"}, "s3:PutObject", f"{OTHERS}/out/told.json"),
        (
            {"ProcessingOutputConfig__KmsKeyId": "{OthersKey}"},
            "kms:GenerateDataKey",
            "{OthersKey}",
        ),
        (
            {"ProcessingResources__ClusterConfig__VolumeKmsKeyId": "{OthersKey}"},
            "kms:DescribeKey",
            "{OthersKey}",
        ),
        (
            {"AppSpecification__ImageUri": SPARK},
            "ecr:BatchCheckLayerAvailability",
            "173754725891:repository/sagemaker-spark-processing",
        ),
        (
            {
                "NetworkConfig": {
                    "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
                }
            },
            "ec2:DescribeDhcpOptions",
            "*",
        ),
    ],
)
def test_a_job_that_asks_for_more_than_its_role_may_fails(
    guarded: Cloud, outputs: dict[str, str], change: Any, action: str, resource: str
) -> None:
    """The execution's cause holds the job's FailureReason, in AWS's words."""
    refusal = attempt(guarded, outputs, change)

    assert refusal.startswith("States.TaskFailed: ")
    reason = json.loads(refusal.partition(": ")[2])["FailureReason"]
    assert "/SageMaker is not authorized to perform: " in reason
    assert f"perform: {action} on resource: " in reason
    assert resource.format(**outputs) in reason


def attempt(guarded: Cloud, outputs: dict[str, str], change: Any) -> str:
    """What a copy of the machine, changed, fails with under the machine's own role."""
    if not callable(change):
        change = with_members(**{path: _filled(value, outputs) for path, value in change.items()})
    role = machines.role_of(guarded, outputs["Flow"])
    refusal = machines.refusal(guarded, outputs["Flow"], role, change, key=outputs["OthersKey"])
    assert refusal, "it succeeded"
    return refusal


def _filled(value: Any, outputs: dict[str, str]) -> Any:
    return value.format(**outputs) if isinstance(value, str) else value


def test_a_role_is_for_the_jobs_of_its_step_alone(guarded: Cloud, outputs: dict[str, str]) -> None:
    """Not even an administrator gives it to a job of another name."""
    sagemaker = guarded.local.client("sagemaker")
    refused = sagemaker.exceptions.ClientError

    with pytest.raises(refused, match=r"\(ValidationException\).* Could not assume role .*Other"):
        sagemaker.create_processing_job(
            ProcessingJobName="another-job",
            RoleArn=outputs["OthersRole"],
            AppSpecification={"ImageUri": f"{IMAGES}/sagemaker-scikit-learn:1.2-1-cpu-py3"},
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.t3.medium",
                    "VolumeSizeInGB": 1,
                }
            },
        )
