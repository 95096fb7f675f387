"""Policies that let somebody pass roles to any service."""

from typing import Any

import pytest

from cdk_sagemaker_processing.checks.policies import open_pass_roles

TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def found(statement: Any, kind: str = "AWS::IAM::Policy") -> list[str]:
    """What is found in a policy of one statement."""
    resource = {"Type": kind, "Properties": {"PolicyDocument": {"Statement": [statement]}}}
    return [str(one) for one in open_pass_roles(resource, {})]


def allow(**members: Any) -> dict[str, Any]:
    """A statement that allows to pass a role."""
    return {"Effect": "Allow", "Action": "iam:PassRole", "Resource": {"Ref": "Role"}} | members


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ("iam:PassRole", "iam:PassRole"),
        (["s3:GetObject", "IAM:passrole"], "IAM:passrole"),
        ("iam:Pass*", "iam:Pass*"),
        ("iam:*", "iam:*"),
        ("*", "*"),
        ("iam:PassRol?", "iam:PassRol?"),
    ],
)
def test_a_role_must_be_passed_to_named_services(action: Any, named: str) -> None:
    """By whatever wildcard the statement allows it."""
    (text,) = found(allow(Action=action))

    assert text.startswith(f"Properties.PolicyDocument.Statement.0 allows {named} on … with no")


def test_what_is_not_left_out_is_allowed() -> None:
    """All actions but some, on all roles but some."""
    statement = {"Effect": "Allow", "NotAction": ["s3:*"], "NotResource": ["arn:a"]}

    (text,) = found(statement)

    assert "allows all but s3:* on all but arn:a" in text
    assert found({"Effect": "Allow", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}) == []


@pytest.mark.parametrize(
    "condition",
    [
        TO_SAGEMAKER,
        {"StringLike": {"IAM:passedtoservice": ["sagemaker.amazonaws.com", "ecs*.amazonaws.com"]}},
        {"StringEqualsIfExists": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        {"ForAnyValue:StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com"]}},
        {"Fn::If": ["A", TO_SAGEMAKER, TO_SAGEMAKER]},
    ],
)
def test_a_condition_that_names_services_is_enough(condition: Any) -> None:
    """However its key is written; what the deploy decides is not judged."""
    assert found(allow(Condition=condition)) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:ResourceTag/team": "data"}},
        {"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}},
        {"ForAllValues:StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        {"Null": {"iam:PassedToService": "false"}},
    ],
)
def test_a_condition_that_lets_most_services_through_is_not(condition: Any) -> None:
    """Nor one on something else."""
    assert len(found(allow(Condition=condition))) == 1


@pytest.mark.parametrize(
    "statement",
    [
        allow(Effect="Deny"),
        allow(Action=["iam:GetRole", "iam:PassAll"]),
        allow(Action={"Ref": "Action"}),
    ],
)
def test_other_statements_are_let_through(statement: dict[str, Any]) -> None:
    """What denies, what allows something else, what is not known."""
    assert found(statement) == []


def test_policies_of_resources_pass_no_roles() -> None:
    """That of a bucket may allow everything on the bucket."""
    assert found(allow(Action="*"), "AWS::S3::BucketPolicy") == []


def test_a_role_s_own_policies_are_looked_at() -> None:
    """And each statement is told by its place, those of a condition too."""
    document = {"Statement": [allow(Effect="Deny"), {"Fn::If": ["A", allow(), {"Ref": "None"}]}]}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [allow(Action="*")]},
            "Policies": [{"PolicyName": "a", "PolicyDocument": document}],
        },
    }

    (one,) = open_pass_roles(role, {})

    assert one.location == "Properties.Policies.0.PolicyDocument.Statement.1"


def test_a_statement_needs_no_list() -> None:
    """IAM takes a single one by itself."""
    resource = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Statement": allow()}},
    }

    assert len(list(open_pass_roles(resource, {}))) == 1
