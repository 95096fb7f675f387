"""What a job's role may do, derived from the job's request."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import statements_of


def test_steps_may_share_a_role(stack: cdk.Stack, script: Path) -> None:
    """A policy takes each statement's Sid once, so a shared one has none."""
    role = iam.Role(stack, "Shared", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    for name in ("raw", "clean"):
        processing.SKLearnStep(
            stack,
            name,
            code=script,
            role=role,
            inputs=[processing.ProcessingInput(f"s3://{name}/")],
        )

    statements = statements_of(stack, "SharedDefault")

    assert not any("Sid" in one for one in statements)
    reads = [one["Resource"] for one in statements if one["Action"] == "s3:GetObject"]
    assert [resources[0] for resources in reads] == [
        "arn:<AWS::Partition>:s3:::raw/*",
        "arn:<AWS::Partition>:s3:::clean/*",
    ]


def test_a_role_may_be_of_another_stack(tmp_path: Path, script: Path) -> None:
    """What it may do stands in the step's stack, so neither waits for the other."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    roles, jobs = cdk.Stack(app, "Roles"), cdk.Stack(app, "Jobs")
    role = iam.Role(roles, "Job", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    step = processing.SKLearnStep(
        jobs, "Clean", code=script, role=role, outputs=[processing.ProcessingOutput("out")]
    )
    processing.ProcessingWorkflow(jobs, "Nightly", definition=step)

    app.synth()

    assert {one["Sid"] for one in statements_of(jobs, "CleanPolicy")} >= {
        "ReadInputs",
        "WriteOutputs",
    }


def test_a_role_of_the_users_gets_what_the_request_needs(stack: cdk.Stack, script: Path) -> None:
    """A role may be shared by steps; it may read a bucket that only the run names."""
    role = iam.Role(stack, "Shared", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    step = processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[
            processing.ProcessingInput("s3://raw/a/"),
            processing.ProcessingInput(sfn.JsonPath.string_at("$.uri")),
        ],
        role=role,
    )

    assert step.role is role
    reads = [
        one
        for one in statements_of(stack, "SharedDefaultPolicy")
        if one["Action"] == "s3:GetObject"
    ]
    assert reads[0]["Resource"][0] == "arn:<AWS::Partition>:s3:::raw/a/*"
    assert not statements_of(stack, "CleanRole")


def test_an_imported_role_that_is_not_ours_is_left_alone(stack: cdk.Stack, script: Path) -> None:
    """Then its owner grants."""
    role = iam.Role.from_role_arn(
        stack, "Theirs", "arn:aws:iam::111122223333:role/jobs", mutable=False
    )

    processing.SKLearnStep(
        stack, "Clean", code=script, role=role, outputs=[processing.ProcessingOutput("out")]
    )

    assert not statements_of(stack, "")


def test_an_image_of_ones_own_is_pulled_from_its_repository(stack: cdk.Stack) -> None:
    """And from no other, in another account and region too."""
    processing.ProcessingStep(
        stack,
        "Own",
        image_uri="444455556666.dkr.ecr.us-west-2.amazonaws.com/team/clean@sha256:00",
        entrypoint=["run"],
    )

    (pull,) = [one for one in statements_of(stack, "OwnRole") if one["Sid"] == "PullImage"]
    assert (
        pull["Resource"] == "arn:<AWS::Partition>:ecr:us-west-2:444455556666:repository/team/clean"
    )


def test_what_a_container_writes_by_itself_it_may_look_at_and_take_back(
    stack: cdk.Stack, script: Path
) -> None:
    """Spark's committers list a place, write below a folder of their own, copy and delete."""
    processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        outputs=[
            processing.ProcessingOutput("uploaded", destination="s3://results/a/"),
            processing.ProcessingOutput("own", destination="s3://results/b/", app_managed=True),
        ],
    )

    found = {one["Sid"]: one for one in statements_of(stack, "CleanRole") if "Sid" in one}

    assert found["WriteOutputs"] == {
        "Sid": "WriteOutputs",
        "Effect": "Allow",
        "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
        "Resource": "arn:<AWS::Partition>:s3:::results/a/*",
    }
    assert found["ListOwnOutputs0"] == {
        "Sid": "ListOwnOutputs0",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:<AWS::Partition>:s3:::results",
        "Condition": {"StringLike": {"s3:prefix": ["b/*"]}},
    }
    assert found["ManageOwnOutputs"] == {
        "Sid": "ManageOwnOutputs",
        "Effect": "Allow",
        "Action": [
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:PutObject",
        ],
        "Resource": "arn:<AWS::Partition>:s3:::results/b/*",
    }
