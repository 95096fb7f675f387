"""Pseudo parameters of CloudFormation in text."""

import aws_cdk as cdk
import pytest

from cdk_sagemaker_processing.cdk.pseudo import (
    ACCOUNT_ID,
    PARTITION,
    REGION,
    as_text,
    compact,
    substituted,
)


def test_text_of_pseudo_parameters_is_one_substitution(stack: cdk.Stack) -> None:
    """Where the CDK would join their pieces, twenty lines for one ARN."""
    arn = f"arn:{PARTITION}:logs:{REGION}:{ACCOUNT_ID}:log-group:x"

    assert stack.resolve(substituted(arn)) == {
        "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:x"
    }


def test_text_that_looks_like_a_substitution_stays_text(stack: cdk.Stack) -> None:
    """As IAM's own variables do."""
    assert stack.resolve(substituted(f"arn:{PARTITION}:s3:::b/${{*}}/${{aws:userid}}")) == {
        "Fn::Sub": "arn:${AWS::Partition}:s3:::b/${!*}/${!aws:userid}"
    }


@pytest.mark.parametrize("text", ["plain", "", REGION], ids=["plain", "empty", "alone"])
def test_other_text_is_left_alone(text: str) -> None:
    """There is nothing to say more shortly."""
    assert substituted(text) == text


def test_text_with_another_token_is_left_to_the_cdk(stack: cdk.Stack) -> None:
    """Only the CDK knows what a resource is called in the template."""
    made = cdk.CfnResource(stack, "Made", type="AWS::S3::Bucket")
    text = f"arn:{PARTITION}:s3:::{made.ref}/x"

    assert substituted(text) == text


def test_a_policy_is_gone_through_whole(stack: cdk.Stack) -> None:
    """Lists and conditions too; what is no text stays as it is."""
    policy = {"Resource": [f"a:{REGION}"], "Condition": {"Bool": {"x": True, "y": f"b:{REGION}"}}}

    assert stack.resolve(compact(policy)) == {
        "Resource": [{"Fn::Sub": "a:${AWS::Region}"}],
        "Condition": {"Bool": {"x": True, "y": {"Fn::Sub": "b:${AWS::Region}"}}},
    }


def test_a_substitution_of_the_cdks_is_text_again() -> None:
    """So that a policy can hold it in the midst of its own."""
    assert as_text({"Fn::Sub": "cdk-assets-${AWS::AccountId}-${AWS::Region}"}) == (
        f"cdk-assets-{ACCOUNT_ID}-{REGION}"
    )


@pytest.mark.parametrize(
    "resolved",
    [{"Ref": "Bucket"}, {"Fn::Sub": "a-${Bucket}"}, {"Fn::Sub": ["${a}", {"a": "b"}]}, "text"],
    ids=["reference", "of a resource", "with values", "text"],
)
def test_what_is_no_substitution_of_pseudo_parameters_is_left(resolved: object) -> None:
    """Only the CDK can write it."""
    assert as_text(resolved) is None
