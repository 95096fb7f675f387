"""No role may do more than it needs: whatever is taken from it is missed by a run.

One job has all that a role can be asked for: inputs, another step's output named in its arguments,
keys of storage, outputs, volume and code, a VPC, a place that it writes by itself. Copies of its
role and of a machine's lack one statement each; where the run misses that, further copies lack one
action or one resource of it. Missed means that the job or the execution fails, or the log says what
would be lost on AWS, in words that name the action.
"""

from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, write_app
from tests.end_to_end.permissions import machines
from tests.end_to_end.permissions.roles import Cut, copy_of, statements_of, unneeded
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_ec2 as ec2, aws_kms as kms, aws_s3 as s3

data = s3.Bucket(stack, "Data")
cdk.CfnOutput(stack, "Bucket", value=data.bucket_name)
cdk.CfnOutput(stack, "CodeKey", value=kms.Key(stack, "Code").key_arn)
vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0, subnet_configuration=[
    ec2.SubnetConfiguration(name="inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)])
storage = processing.ProcessingStorage(stack, "Storage", encryption_key=kms.Key(stack, "Stored"))
write = processing.SKLearnStep(
    stack, "Write", code="write.py", storage=storage,
    outputs=[processing.ProcessingOutput("written")])
whole = processing.SKLearnStep(
    stack, "Whole", code="whole.py", storage=storage,
    inputs=[processing.ProcessingInput(f"s3://{data.bucket_name}/in/")],
    outputs=[
        processing.ProcessingOutput("copied"),
        processing.ProcessingOutput(
            "own", destination=f"s3://{storage.outputs.bucket_name}/own/", app_managed=True)],
    arguments=[write.output("written")],
    output_kms_key=kms.Key(stack, "Output"), volume_kms_key=kms.Key(stack, "Volume"),
    vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED))
processing.ProcessingWorkflow(stack, "Flow", definition=write.next(whole))
wait = processing.SKLearnStep(
    stack, "Wait", code="wait.py", arguments=[sfn.JsonPath.string_at("$.seconds")])
processing.ProcessingWorkflow(stack, "Waiter", definition=wait)
"""

WRITE = """
from pathlib import Path
Path("/opt/ml/processing/output/written/a.txt").write_text("written")
"""

WHOLE = """
import sys
import uuid
from pathlib import Path
import boto3

s3 = boto3.client("s3")
bucket, _, prefix = sys.argv[1].removeprefix("s3://").partition("/")
keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
texts = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
# As a committer does with what it writes by itself.
at_work = f"own/{uuid.uuid4()}/_temporary/"
own = {"Bucket": bucket, "Key": f"{at_work}a.txt"}
s3.put_object(**own, Body=b"".join(texts))
listed = s3.list_objects_v2(Bucket=bucket, Prefix=at_work)["Contents"]
assert [one["Key"] for one in listed] == [own["Key"]]
s3.copy_object(Bucket=bucket, Key=own["Key"].replace("_temporary/", ""), CopySource=own)
s3.delete_object(**own)
# Large enough to go up in parts.
Path("/opt/ml/processing/output/copied/a.bin").write_bytes(b"".join(texts) + bytes(9 << 20))
"""

WAIT = "import sys, time; time.sleep(float(sys.argv[1]))\n"

REQUEST = (
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "StoppingCondition",
    "AppSpecification",
    "NetworkConfig",
)
NOT_SEEN_OF_JOBS = {
    # S3 cleans up after an upload that breaks off; here none does.
    "s3:AbortMultipartUpload",
    # Listed by SageMaker beside the two that S3 itself asks for, kms:Decrypt and
    # kms:GenerateDataKey: Amazon SageMaker developer guide, "CreateProcessingJob API: Execution
    # Role Permissions".
    "kms:Encrypt",
    "kms:ReEncrypt*",
}
NOT_SEEN_OF_MACHINES = {
    # AWS drops the traces that may not be sent and the execution goes on. The CDK's statement.
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets",
    # No run needs it that is not stopped: seen in a test of its own.
    "sagemaker:StopProcessingJob",
}


@pytest.fixture(scope="module")
def outputs(guarded: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed stack's outputs."""
    folder = tmp_path_factory.mktemp("apps") / "necessary"
    found = guarded.deploy_all(write_app(folder, STACK, write=WRITE, whole=WHOLE, wait=WAIT))
    guarded.local.client("s3").put_object(Bucket=found["Bucket"], Key="in/a.txt", Body=b"a")
    return found


@pytest.fixture(scope="module")
def job(guarded: Cloud, outputs: dict[str, str]) -> dict[str, Any]:
    """The job that has all, as it ran; from then on its code is under a key of the account's."""
    run = guarded.run(outputs["Flow"], "whole")
    assert run.status == "SUCCEEDED", run.cause
    _, found = run.jobs
    (code,) = [one for one in found["ProcessingInputs"] if one["InputName"] == "code"]
    bucket, _, key = code["S3Input"]["S3Uri"].removeprefix("s3://").partition("/")
    guarded.local.client("s3").copy_object(
        Bucket=bucket,
        Key=key,
        CopySource=f"{bucket}/{key}",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=outputs["CodeKey"],
    )
    return found


def run_as(guarded: Cloud, job: dict[str, Any], name: str, role: str) -> tuple[str, str]:
    """Run a job like another with a role; return its status, and its reason and log."""
    sagemaker = guarded.local.client("sagemaker")
    prefix = job["ProcessingJobName"].split("-")[:2]
    name = "-".join([*prefix, name])
    request = {member: job[member] for member in REQUEST if member in job}
    sagemaker.create_processing_job(ProcessingJobName=name, RoleArn=role, **request)

    def ended() -> dict[str, Any] | None:
        found = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found if found["ProcessingJobStatus"] in {"Completed", "Failed"} else None

    described = until(ended, seconds=180)
    log = guarded.local.log_file(name).read_text()
    return described["ProcessingJobStatus"], f"{described.get('FailureReason', '')}\n{log}"


def test_a_job_misses_each_permission(guarded: Cloud, job: dict[str, Any]) -> None:
    """Its role's statements, their actions and resources."""
    statements = statements_of(guarded, job["RoleArn"])

    def is_missed(cut: Cut) -> bool:
        role = copy_of(guarded, job["RoleArn"], cut.left)
        status, said = run_as(guarded, job, f"cut-{cut.number}", role)
        refused = refuses(said, cut.actions)
        assert refused or status == "Completed", f"{cut.name}: {said}"
        return refused

    whole = copy_of(guarded, job["RoleArn"], statements)
    status, said = run_as(guarded, job, "whole", whole)
    assert (status, "not authorized" in said) == ("Completed", False), said
    assert unneeded(statements, is_missed) == NOT_SEEN_OF_JOBS


def test_a_machine_misses_each_permission(guarded: Cloud, outputs: dict[str, str]) -> None:
    """Its role's statements and their actions: as the machine is made, or as it runs."""
    role = machines.role_of(guarded, outputs["Waiter"])
    statements = statements_of(guarded, role)

    def is_missed(cut: Cut) -> bool:
        copy = copy_of(guarded, role, cut.left)
        refusal = machines.refusal(guarded, outputs["Waiter"], copy, seconds="0")
        refused = refuses(refusal or "", cut.actions)
        assert refused or refusal is None, f"{cut.name}: {refusal}"
        return refused

    assert machines.refusal(guarded, outputs["Waiter"], role, seconds="0") is None
    assert unneeded(statements, is_missed) == NOT_SEEN_OF_MACHINES


def test_a_stopped_execution_stops_its_job(guarded: Cloud, outputs: dict[str, str]) -> None:
    """With the role as it is."""
    name = started_and_stopped(guarded, outputs["Waiter"], cut=None)

    def is_stopped() -> bool:
        return status_of(guarded, name) == "Stopped"

    assert until(is_stopped)


def test_a_role_that_may_not_stop_jobs_leaves_them_running(
    guarded: Cloud, outputs: dict[str, str]
) -> None:
    """The execution is over, the job is not: as on AWS, where nothing says so."""
    action = "sagemaker:StopProcessingJob"
    name = started_and_stopped(guarded, outputs["Waiter"], cut=action)

    def is_refused() -> bool:
        log = (guarded.local.home / "cloud.log").read_text()
        return f"Job {name} runs on: " in log and refuses(log, (action,))

    assert until(is_refused)
    assert status_of(guarded, name) == "InProgress"
    guarded.local.client("sagemaker").stop_processing_job(ProcessingJobName=name)


def started_and_stopped(guarded: Cloud, machine: str, cut: str | None) -> str:
    """Stop an execution of a machine's copy, whose role lacks an action; return its job's name."""
    role = machines.role_of(guarded, machine)
    statements = statements_of(guarded, role)
    for one in statements:
        one["Action"] = [action for action in one["Action"] if action != cut]
    definition = machines.definition_of(guarded, machine)
    copy = machines.copy_of(guarded, machine, copy_of(guarded, role, statements), definition)
    states = guarded.local.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=copy, input='{"seconds": "600"}')["executionArn"]

    def running() -> list[str]:
        listed = guarded.local.client("sagemaker").list_processing_jobs(
            NameContains="wait-", StatusEquals="InProgress"
        )
        return [one["ProcessingJobName"] for one in listed["ProcessingJobSummaries"]]

    (name,) = until(running)
    states.stop_execution(executionArn=arn)
    return str(name)


def status_of(guarded: Cloud, job: str) -> str:
    """A job's status."""
    described = guarded.local.client("sagemaker").describe_processing_job(ProcessingJobName=job)
    return str(described["ProcessingJobStatus"])


def refuses(said: str, actions: tuple[str, ...]) -> bool:
    """Whether a text says that one of these actions is not allowed."""
    return any(
        f"is not authorized to perform: {action.removesuffix('*')}" in said for action in actions
    )
