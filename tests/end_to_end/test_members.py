"""Members of the request that concern what is around a job: what the local cloud makes of each."""

import json
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_ec2 as ec2, aws_kms as kms, aws_s3 as s3

bucket = s3.Bucket(stack, "Data")
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
key = kms.Key(stack, "Key")
cdk.CfnOutput(stack, "KeyArn", value=key.key_arn)
vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0, subnet_configuration=[
    ec2.SubnetConfiguration(name="inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)])

def flow(name, step):
    processing.ProcessingWorkflow(stack, name, definition=step)

def step(name, code="look.py", **more):
    return processing.SKLearnStep(stack, name, code=code, **more)

flow("Surrounded", step(
    "Surround", outputs=[processing.ProcessingOutput("seen")],
    vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    encrypt_inter_container_traffic=True, enable_network_isolation=False,
    volume_kms_key=key, output_kms_key=key, tags={"team": "data"},
    experiment_config={"ExperimentName": "flights", "RunName": "first"}))
flow("ById", step("By id", outputs=[processing.ProcessingOutput("seen")],
                  subnets=["subnet-0a1b2c3d"], security_group_ids=["sg-0a1b2c3d"]))

def look(name, isolated):
    return step(
        name, enable_network_isolation=isolated,
        inputs=[processing.ProcessingInput(f"s3://{bucket.bucket_name}/in/", input_name="data")],
        outputs=[processing.ProcessingOutput("seen")])

flow("Isolated", look("Isolate", True))
flow("Open", look("Leave open", False))
flow("Managed", step(
    "Manage", "manage.py",
    inputs=[processing.ProcessingInput(
        f"s3://{bucket.bucket_name}/in/", input_name="fetched", app_managed=True)],
    outputs=[processing.ProcessingOutput(
        "stored", app_managed=True, destination=f"s3://{bucket.bucket_name}/out/")],
    arguments=[bucket.bucket_name]))

query = dict(database="db", query_string="SELECT 1", output_format="PARQUET")
athena = processing.AthenaDatasetDefinition(
    catalog="AwsDataCatalog", output_s3_uri=f"s3://{bucket.bucket_name}/q/", **query)
redshift = processing.RedshiftDatasetDefinition(
    cluster_id="c", db_user="u", output_s3_uri=f"s3://{bucket.bucket_name}/q/",
    cluster_role_arn=f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role/redshift", **query)
source = f"s3://{bucket.bucket_name}/in/"
flow("Pipe", step("Read a pipe", inputs=[
    processing.ProcessingInput(source, input_name="data", s3_input_mode="Pipe")]))
flow("Shards", step("Shard", "shard.py", instance_count=2, inputs=[processing.ProcessingInput(
    f"s3://{bucket.bucket_name}/shards/", input_name="data",
    s3_data_distribution_type="ShardedByS3Key")], outputs=[processing.ProcessingOutput("seen")]))
flow("Athena", step("Ask Athena", inputs=[processing.ProcessingInput(athena, input_name="data")]))
flow("Redshift", step("Ask Redshift", inputs=[
    processing.ProcessingInput(redshift, input_name="data")]))
flow("FeatureStore", step("Fill", outputs=[
    processing.ProcessingOutput("features", feature_group_name="flights")]))
"""

LOOK = """
import json, os, socket
from pathlib import Path
from urllib.parse import urlsplit
cloud = urlsplit(os.environ["AWS_ENDPOINT_URL"])
try:
    socket.create_connection((cloud.hostname, cloud.port), timeout=5).close()
    seen = "connected"
except OSError as error:
    seen = type(error).__name__
data = [file.read_text() for file in Path("/opt/ml/processing/input/data").glob("*")]
Path("/opt/ml/processing/output/seen/seen.json").write_text(json.dumps([seen, data]))
"""

MANAGE = """
import sys
from pathlib import Path
import boto3
s3 = boto3.client("s3")
body = s3.get_object(Bucket=sys.argv[1], Key="in/a.txt")["Body"].read()
s3.put_object(Bucket=sys.argv[1], Key="out/by-the-job.txt", Body=body + b", by the job")
Path("/opt/ml/processing/output/stored/by-the-service.txt").write_text("never uploaded")
here = Path("/opt/ml/processing/input/fetched")
Path("/opt/ml/output/message").write_text(str(here.exists() and len(list(here.iterdir()))))
"""

SHARD = """
import json, socket
from pathlib import Path
here = json.loads(Path("/opt/ml/config/resourceconfig.json").read_text())
me, names = here["current_host"], here["hosts"]
assert len({socket.gethostbyname(name) for name in names}) == 2
data = sorted(file.name for file in Path("/opt/ml/processing/input/data").iterdir())
Path(f"/opt/ml/processing/output/seen/{me}.json").write_text(json.dumps([names, data]))
print("I am", me)
"""

REFUSALS = {
    "Pipe": "input data: the local cloud has no Pipe mode, use File",
    "Athena": "input data: the local cloud has no Athena or Redshift for DatasetDefinition",
    "Redshift": "input data: the local cloud has no Athena or Redshift for DatasetDefinition",
    "FeatureStore": "output features: the local cloud has no Feature Store",
}
RUNS = ("Surrounded", "ById", "Isolated", "Open", "Managed", "Shards", *REFUSALS)


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed stack's outputs."""
    app = write_app(
        tmp_path_factory.mktemp("app") / "members", STACK, look=LOOK, manage=MANAGE, shard=SHARD
    )
    found = cloud.deploy_all(app)
    for key in ("in/a.txt", "shards/0", "shards/1", "shards/2"):
        cloud.local.client("s3").put_object(Bucket=found["Bucket"], Key=key, Body=b"a")
    return found


@pytest.fixture(scope="module")
def runs(cloud: Cloud, outputs: dict[str, str]) -> dict[str, Execution]:
    """One execution of each machine."""
    return cloud.run_all({name: (outputs[name], {}) for name in RUNS})


def only_job(run: Execution) -> dict[str, Any]:
    """The one job of an execution that succeeded."""
    assert run.status == "SUCCEEDED", run.cause
    (job,) = run.jobs
    return job


def log_of(cloud: Cloud, job: dict[str, Any]) -> list[str]:
    """What the local cloud itself says in a job's log."""
    lines = cloud.local.log_file(job["ProcessingJobName"]).read_text().splitlines()
    mark = "[local cloud] "
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def test_what_has_no_effect_here_is_taken_and_said(
    cloud: Cloud, runs: dict[str, Execution], outputs: dict[str, str]
) -> None:
    """A VPC, keys of volumes, encryption between instances, experiments: the job runs without."""
    job = only_job(runs["Surrounded"])

    network = job["NetworkConfig"]
    assert network["EnableInterContainerTrafficEncryption"] is True
    assert [one[:7] for one in network["VpcConfig"]["Subnets"]] == ["subnet-"]
    assert [one[:3] for one in network["VpcConfig"]["SecurityGroupIds"]] == ["sg-"]
    cluster = job["ProcessingResources"]["ClusterConfig"]
    assert outputs["KeyArn"].endswith(cluster["VolumeKmsKeyId"].rpartition("/")[2])
    assert job["ExperimentConfig"] == {"ExperimentName": "flights", "RunName": "first"}
    said = log_of(cloud, job)
    for member in (
        "NetworkConfig.VpcConfig",
        "NetworkConfig.EnableInterContainerTrafficEncryption",
        "ClusterConfig.VolumeKmsKeyId",
        "ExperimentConfig",
    ):
        assert f"{member} has no effect here." in said


def test_outputs_are_encrypted_with_their_key(
    cloud: Cloud, runs: dict[str, Execution], outputs: dict[str, str]
) -> None:
    """By KMS, and by the key of the request."""
    bucket, _, prefix = (
        output_of(only_job(runs["Surrounded"]), "seen").removeprefix("s3://").partition("/")
    )
    head = cloud.local.client("s3").head_object(Bucket=bucket, Key=f"{prefix}seen.json")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert outputs["KeyArn"].endswith(head["SSEKMSKeyId"].rpartition("/")[2])


def test_a_network_may_be_given_by_ids(runs: dict[str, Execution]) -> None:
    """Whether or not there is such a subnet."""
    assert only_job(runs["ById"])["NetworkConfig"]["VpcConfig"] == {
        "Subnets": ["subnet-0a1b2c3d"],
        "SecurityGroupIds": ["sg-0a1b2c3d"],
    }


def test_an_isolated_job_reaches_no_network_and_still_has_its_data(
    cloud: Cloud, runs: dict[str, Execution]
) -> None:
    """Not even the local cloud, which moves the data; a job that is not isolated reaches it."""
    for name, seen in (("Isolated", "ConnectionRefusedError"), ("Open", "connected")):
        uri = output_of(only_job(runs[name]), "seen")
        assert json.loads(cloud.read(f"{uri}seen.json")) == [seen, ["a"]]


def test_several_instances_share_a_sharded_input(cloud: Cloud, runs: dict[str, Execution]) -> None:
    """Each has its part, uploads to the same prefix, and writes a log stream of its own."""
    job = only_job(runs["Shards"])

    names, uri = ["algo-1", "algo-2"], output_of(job, "seen")
    parts = [["0", "2"], ["1"]]
    found = [json.loads(cloud.read(f"{uri}{name}.json")) for name in names]
    assert found == [[names, part] for part in parts]
    group = "/aws/sagemaker/ProcessingJobs"
    logs, prefix = cloud.local.client("logs"), f"{job['ProcessingJobName']}/"
    said = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)
    streams = [one["logStreamName"] for one in said["logStreams"]]
    for name, stream in zip(names, sorted(streams), strict=True):
        events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
        assert f"I am {name}" in [event["message"] for event in events]


def test_a_job_may_move_its_data_itself(
    cloud: Cloud, runs: dict[str, Execution], outputs: dict[str, str]
) -> None:
    """An AppManaged input is not brought, an AppManaged output not taken; the log says so."""
    job = only_job(runs["Managed"])

    assert job["ExitMessage"] == "False"
    assert cloud.objects(f"s3://{outputs['Bucket']}/out/") == ["by-the-job.txt"]
    assert cloud.read(f"s3://{outputs['Bucket']}/out/by-the-job.txt") == "a, by the job"
    said = log_of(cloud, job)
    assert "Input fetched is AppManaged: it is left to the job." in said
    assert "Output stored is AppManaged: it is left to the job." in said


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_run_here_says_why_at_once(runs: dict[str, Execution], name: str) -> None:
    """The execution fails without a job and without a retry, with the local cloud's words."""
    run = runs[name]
    assert (run.status, run.description["error"]) == ("FAILED", "States.Runtime")
    assert run.cause.endswith(f" It cannot run here: {REFUSALS[name]}.")
    assert run.jobs == []
