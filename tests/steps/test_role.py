"""The role of a step's job."""

import json
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam

import cdk_sagemaker_processing as processing
from tests.support import resolved, statements_of, template_of, warnings_of


def role_of(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the stack's only role of a job."""
    (role,) = [
        one["Properties"]
        for name, one in template_of(stack)["Resources"].items()
        if one["Type"] == "AWS::IAM::Role" and name.startswith("CleanRole")
    ]
    return resolved(stack, role)  # type: ignore[no-any-return] # JSON


def test_sagemaker_takes_it_for_the_steps_jobs_alone(stack: cdk.Stack, script: Path) -> None:
    """Nobody can have SageMaker use it for another's job, nor for another of this account."""
    step = processing.SKLearnStep(stack, "Clean", code=script)

    here = "<AWS::Region>:<AWS::AccountId>"
    jobs = f"{step.job_name_prefix}-*"
    assert role_of(stack)["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": f"arn:<AWS::Partition>:sagemaker:{here}:processing-job/{jobs}"
                },
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
            },
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
        }
    ]


def test_an_output_is_a_folder_to_it(stack: cdk.Stack, script: Path) -> None:
    """With a slash or without: what lies beside the folder under a like name stays out of reach."""
    processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        outputs=[
            processing.ProcessingOutput("bare", destination="s3://lake/clean"),
            processing.ProcessingOutput("ended", destination="s3://lake/raw/"),
        ],
    )

    (writes,) = [one for one in statements_of(stack, "CleanRole") if one["Sid"] == "WriteOutputs"]
    assert writes["Resource"] == [
        "arn:<AWS::Partition>:s3:::lake/clean/*",
        "arn:<AWS::Partition>:s3:::lake/raw/*",
    ]


def test_a_role_that_serves_too_many_steps_is_told_once(stack: cdk.Stack) -> None:
    """IAM would refuse it at deploy, without a word of which steps made it so."""
    role = iam.Role(stack, "Shared", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    def add_steps(numbers: range) -> list[str]:
        for number in numbers:
            inputs = [
                processing.ProcessingInput(f"s3://lake/{number}/{at}/{'long' * 20}/")
                for at in range(3)
            ]
            processing.ProcessingStep(
                stack, f"Step{number}", image_uri="image", role=role, inputs=inputs
            )
        found = assertions.Annotations.from_stack(stack).find_warning(
            "*", assertions.Match.string_like_regexp("has more permissions than IAM takes")
        )
        return [one.id for one in found]

    assert add_steps(range(10)) == []
    assert len(add_steps(range(10, 100))) == 1


def reading(stack: cdk.Stack, script: Path, inputs: int, length: int) -> None:
    """A step with a role of its own and inputs of long prefixes, each twice in the role."""
    processing.SKLearnStep(
        stack,
        "Clean",
        code=script,
        inputs=[
            processing.ProcessingInput(f"s3://lake/{at}{'x' * length}/", input_name=f"in-{at}")
            for at in range(inputs)
        ],
    )


def test_a_role_that_iam_would_not_take_is_an_error(stack: cdk.Stack, script: Path) -> None:
    """It would be refused in the midst of a deploy."""
    with pytest.raises(
        processing.ValidationError,
        match=r"Prod/Clean \(SKLearnStep\): the permissions of the job's role have about 1\d,\d{3} "
        r"characters, one for each place that it reads or writes, and IAM takes 10,240: let",
    ):
        reading(stack, script, 9, 600)


def test_one_that_comes_near_is_a_warning(stack: cdk.Stack, script: Path) -> None:
    """And no other is; what is told is what the role has, once its names are filled in."""
    reading(stack, script, 9, 370)

    (warning,) = [one for one in warnings_of(stack) if "IAM takes 10,240" in one]

    (size,) = re.findall(r"about ([\d,]+) characters", warning)
    (policy,) = role_of(stack)["Policies"]
    text = json.dumps(policy["PolicyDocument"], separators=(",", ":"))
    for name, filled in (
        ("Region", "ap-southeast-1"),
        ("AccountId", "1" * 12),
        ("Partition", "aws"),
    ):
        text = text.replace(f"<AWS::{name}>", filled)
    assert abs(len(text) / int(size.replace(",", "")) - 1) < 0.02


def test_one_that_is_far_from_it_is_none(stack: cdk.Stack, script: Path) -> None:
    """As nearly all are."""
    reading(stack, script, 2, 20)

    assert not [one for one in warnings_of(stack) if "IAM takes" in one]
