"""Permissions, derived from a request."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.access import Location, locate
from cdk_sagemaker_processing.request.values import Reference, join
from tests.support import statements_of

DAY = Reference(jsonpath="$.day")
NAMES = st.text(alphabet="abc-.", min_size=1, max_size=8)


@given(bucket=NAMES, prefix=st.lists(NAMES, max_size=3).map("/".join))
def test_a_known_uri_is_named_whole(bucket: str, prefix: str) -> None:
    """Bucket and key, with nothing lost and nothing added."""
    assert locate(f"s3://{bucket}/{prefix}") == Location(bucket, prefix)


@given(bucket=NAMES, before=NAMES, after=NAMES)
def test_a_uri_is_named_up_to_its_first_run_time_value(
    bucket: str, before: str, after: str
) -> None:
    """What follows may be anything, so the permission ends there."""
    uri = join(f"s3://{bucket}/{before}", DAY, after)

    assert locate(uri) == Location(bucket, before)


@pytest.mark.parametrize(
    ("uri", "words"),
    [(DAY, "known only at run time"), (join("s3://raw-", DAY, "/x"), "put a slash after its name")],
)
def test_a_bucket_that_nobody_knows_cannot_be_named(uri: Reference, words: str) -> None:
    """Rather than a permission for every bucket there is an error."""
    found = locate(uri)

    assert isinstance(found, processing.Problem)
    assert words in found.text


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
        one for one in statements_of(stack, "SharedDefaultPolicy") if one.get("Sid") == "ReadInputs"
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
