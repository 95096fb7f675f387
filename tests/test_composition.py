"""Stacks that share buckets, keys, roles and VPCs, and what the CDK puts around stacks."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_codecommit as codecommit
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import pipelines

import cdk_sagemaker_processing as processing
from tests.support import ENVIRONMENT, statements_of, template_of

ELSEWHERE = cdk.Environment(account="444455556666", region="eu-west-1")


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """An app of the test's own."""
    return cdk.App(outdir=str(tmp_path / "cdk.out"))


def workflow(
    stack: cdk.Stack, script: Path, bucket: s3.IBucket, **options: Any
) -> processing.SKLearnStep:
    """A workflow of one step, which reads a bucket and writes to it."""
    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[processing.ProcessingInput(bucket.s3_url_for_object("raw/"), input_name="raw")],
        outputs=[
            processing.ProcessingOutput("out", destination=bucket.s3_url_for_object("clean/"))
        ],
        **options,
    )
    processing.ProcessingWorkflow(stack, "Flow", definition=step)
    return step


def statements(stack: cdk.Stack, action: str) -> list[dict[str, Any]]:
    """What the job's role may do of a kind."""
    return [one for one in statements_of(stack, "CleanRole") if action in str(one["Action"])]


def test_a_bucket_of_another_stack(app: cdk.App, script: Path) -> None:
    """The role names it, and the stack waits for the bucket's; nothing leads back."""
    data, jobs = (cdk.Stack(app, name, env=ENVIRONMENT) for name in ("Data", "Jobs"))
    workflow(jobs, script, s3.Bucket(data, "Bucket"))

    app.synth()

    assert jobs.dependencies == [data]
    assert data.dependencies == []
    assert len(statements(jobs, "s3:GetObject")) == 1
    assert len(statements(jobs, "s3:PutObject")) == 1


def test_a_bucket_of_another_account(app: cdk.App, script: Path) -> None:
    """The role here may use it by its name; the bucket's owner must let the role do so."""
    jobs = cdk.Stack(app, "Jobs", env=ENVIRONMENT)
    bucket = s3.Bucket.from_bucket_attributes(
        jobs, "Bucket", bucket_name="raw-of-others", account=ELSEWHERE.account
    )
    step = workflow(jobs, script, bucket)

    app.synth()

    (writing,) = statements(jobs, "s3:PutObject")
    assert writing["Resource"] == "arn:<AWS::Partition>:s3:::raw-of-others/clean/*"
    uri = step.render_request()["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    assert uri == "s3://raw-of-others/raw/"


def test_a_key_of_another_stack(app: cdk.App, script: Path) -> None:
    """The job's role may use it, and no stacks wait for each other in a circle."""
    keys, jobs = (cdk.Stack(app, name, env=ENVIRONMENT) for name in ("Keys", "Jobs"))
    key = kms.Key(keys, "Key")
    bucket = s3.Bucket.from_bucket_name(jobs, "Bucket", "raw-111122223333")
    workflow(jobs, script, bucket, output_kms_key=key, volume_kms_key=key)

    app.synth()

    assert jobs.dependencies == [keys]
    assert statements(jobs, "kms:GenerateDataKey")


def test_a_vpc_of_another_stack(app: cdk.App, script: Path) -> None:
    """The step's own security group is in its own stack."""
    network, jobs = (cdk.Stack(app, name, env=ENVIRONMENT) for name in ("Network", "Jobs"))
    bucket = s3.Bucket.from_bucket_name(jobs, "Bucket", "raw-111122223333")
    workflow(jobs, script, bucket, vpc=ec2.Vpc(network, "Vpc"))

    app.synth()

    assert jobs.dependencies == [network]
    kinds = [one["Type"] for one in template_of(jobs)["Resources"].values()]
    assert kinds.count("AWS::EC2::SecurityGroup") == 1


def test_a_role_that_is_there_already(app: cdk.App, script: Path) -> None:
    """Its policy grows by what the job needs, and the machine may pass it on."""
    jobs = cdk.Stack(app, "Jobs", env=ENVIRONMENT)
    bucket = s3.Bucket.from_bucket_name(jobs, "Bucket", "raw-111122223333")
    arn = f"arn:aws:iam::{ENVIRONMENT.account}:role/jobs"
    workflow(jobs, script, bucket, role=iam.Role.from_role_arn(jobs, "Role", arn))

    app.synth()

    policies = [
        one["Properties"]
        for one in template_of(jobs)["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy" and one["Properties"]["Roles"] == ["jobs"]
    ]
    assert "s3:PutObject" in json.dumps(policies)
    passing = [
        one for one in statements_of(jobs, "StateMachineRole") if "iam:PassRole" in one["Action"]
    ]
    assert [one["Resource"] for one in passing] == [arn]


def test_the_storage_of_another_stack(app: cdk.App, script: Path) -> None:
    """One place for the outputs of all stacks."""
    data, jobs = (cdk.Stack(app, name, env=ENVIRONMENT) for name in ("Data", "Jobs"))
    storage = processing.ProcessingStorage(data, "Storage")
    step = processing.SKLearnStep(
        jobs, "Clean", code=script, outputs=[processing.ProcessingOutput("out")], storage=storage
    )
    processing.ProcessingWorkflow.from_steps(jobs, "Flow", steps=[step])

    app.synth()

    assert jobs.dependencies == [data]
    kinds = {one["Type"] for one in template_of(jobs)["Resources"].values()}
    assert "AWS::S3::Bucket" not in kinds


class _Jobs(cdk.Stage):
    """The pipeline of one environment."""

    def __init__(self, app: cdk.App, name: str, script: Path, env: cdk.Environment) -> None:
        super().__init__(app, name, env=env)
        stack = cdk.Stack(self, "Jobs")
        first = processing.SKLearnStep(
            stack, "First", code=script, outputs=[processing.ProcessingOutput("out")]
        )
        second = processing.SKLearnStep(
            stack, "Second", code=script, inputs=[processing.ProcessingInput(first.output("out"))]
        )
        processing.ProcessingWorkflow.from_steps(stack, "Flow", steps=[second, first])


def test_cdk_pipelines_deploy_it_to_several_accounts(app: cdk.App, script: Path) -> None:
    """Each stage has its own steps and buckets, and what it runs is published to each account."""
    ci = cdk.Stack(app, "Ci", env=ENVIRONMENT)
    repository = codecommit.Repository.from_repository_name(ci, "Repository", "jobs")
    pipeline = pipelines.CodePipeline(
        ci,
        "Pipeline",
        cross_account_keys=True,
        synth=pipelines.ShellStep(
            "Synth",
            input=pipelines.CodePipelineSource.code_commit(repository, "main"),
            commands=["npx cdk synth"],
        ),
    )
    test, prod = (
        _Jobs(app, name, script, env) for name, env in (("Test", ENVIRONMENT), ("Prod", ELSEWHERE))
    )
    pipeline.add_stage(test)
    pipeline.add_stage(prod)

    assembly = app.synth()

    for name, account in (("Test", ENVIRONMENT.account), ("Prod", ELSEWHERE.account)):
        nested = Path(assembly.directory) / f"assembly-{name}"
        (manifest,) = nested.glob("*.assets.json")
        keys = {
            place["objectKey"]: place["bucketName"]
            for file in json.loads(manifest.read_text())["files"].values()
            for place in file["destinations"].values()
        }
        code = [bucket for key, bucket in keys.items() if key.endswith("/code/clean.py")]
        assert code == [f"cdk-hnb659fds-assets-{account}-eu-west-1"]
    published = json.dumps(template_of(ci))
    assert "cdk-assets" in published
    assert all(f"assembly-{name}" in published for name in ("Test", "Prod"))
