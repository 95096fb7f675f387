"""The role of a step's job."""

import json
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_sagemaker_processing.access import Statement
from cdk_sagemaker_processing.cdk.lengths import length_of_text
from cdk_sagemaker_processing.cdk.pseudo import ACCOUNT_ID, PARTITION, REGION, substituted
from cdk_sagemaker_processing.cdk.tree import path_of, stack_of
from cdk_sagemaker_processing.errors import Problem, ValidationError

__all__ = ["job_role"]

_SERVICE = "sagemaker.amazonaws.com"
# The CDK spreads a role's permissions over managed policies; a role takes 10 of 6,144 characters:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST = 10 * 6_144
# All inline policies of a role, of which white space does not count: the same page.
_MOST_INLINE = 10_240
_NEAR = 0.8
_TOO_LARGE = (
    "the role given to this step and others before it has more permissions than IAM takes (about "
    "61,000 characters), one for each of their inputs and outputs: let the steps make roles of "
    "their own, give several roles, or grant the role whole prefixes yourself and pass "
    "role.without_policy_updates()"
)
_TOO_LARGE_INLINE = (
    "the permissions of the job's role have about {size:,} characters, one for each place that it "
    "reads or writes, and IAM takes {allowed:,}: let inputs or outputs that lie side by side be "
    "one, shorten their prefixes, or pass a role of your own, which may have policies of several"
)
# What the steps gave each role so far, and how long it is.
_given: WeakKeyDictionary[iam.IRole, dict[str, int]] = WeakKeyDictionary()


def job_role(
    scope: Construct, given: iam.IRole | None, statements: list[Statement], names_of_jobs: str
) -> iam.IRole:
    """The role that a job runs under, with what its request needs.

    Args:
        scope: The step.
        given: The user's own role, None to make one.
        statements: What the job may do.
        names_of_jobs: What the names of the step's jobs begin with.

    Raises:
        ValidationError: A role that was made would have more permissions than
            IAM takes.
    """
    if given is None:
        return _made(scope, statements, names_of_jobs)
    if isinstance(given, iam.Role) and stack_of(given) != stack_of(scope):
        # In the role's own stack it would name resources of this one, which names the role.
        policy = iam.Policy(scope, "Policy", roles=[given])
        policy.add_statements(*map(iam.PolicyStatement.from_json, statements))
        return given
    # A role may serve several steps, and one policy takes each Sid only once.
    unnamed = [{key: one[key] for key in one if key != "Sid"} for one in statements]
    for statement in unnamed:
        given.add_to_principal_policy(iam.PolicyStatement.from_json(statement))
    _warn_of_size(scope, given, unnamed)
    return given


def _warn_of_size(scope: Construct, given: iam.IRole, statements: list[Statement]) -> None:
    sizes = _given.setdefault(given, {})
    before = sum(sizes.values())
    for text in map(json.dumps, statements):
        sizes[text] = length_of_text(text)
    if before <= _MOST < sum(sizes.values()):
        cdk.Annotations.of(scope).add_warning_v2("cdk-sagemaker-processing:role-size", _TOO_LARGE)


def _check_size(scope: Construct, document: dict[str, Any]) -> None:
    size = length_of_text(json.dumps(document, separators=(",", ":")))
    if size <= _MOST_INLINE * _NEAR:
        return
    text = _TOO_LARGE_INLINE.format(size=size, allowed=_MOST_INLINE)
    if size > _MOST_INLINE:
        raise ValidationError(path_of(scope), type(scope).__name__, [Problem(text)])
    cdk.Annotations.of(scope).add_warning_v2("cdk-sagemaker-processing:role-size", text)


def _made(scope: Construct, statements: list[Statement], names_of_jobs: str) -> iam.Role:
    document = {"Version": "2012-10-17", "Statement": statements}
    _check_size(scope, document)
    return iam.Role(
        scope,
        "Role",
        # Keys and repositories of other accounts must know the role's name.
        role_name=_generated_if_needed(),
        assumed_by=_of_jobs(names_of_jobs),
        inline_policies={"ProcessingJob": iam.PolicyDocument.from_json(document)},
    )


@cache
def _generated_if_needed() -> str:
    """The CDK's word for it; each reading of it crosses into Node."""
    word: str = cdk.PhysicalName.GENERATE_IF_NEEDED
    return word


def _of_jobs(names_of_jobs: str) -> iam.IPrincipal:
    """SageMaker, for the step's jobs alone.

    Source: Amazon SageMaker developer guide, "Cross-Service Confused Deputy
    Prevention", "SageMaker Processing Jobs".
    """
    here = f"{REGION}:{ACCOUNT_ID}"
    jobs = f"arn:{PARTITION}:sagemaker:{here}:processing-job/{names_of_jobs}*"
    return iam.ServicePrincipal(
        _SERVICE,
        conditions={
            "ArnLike": {"aws:SourceArn": substituted(jobs)},
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
        },
    )
