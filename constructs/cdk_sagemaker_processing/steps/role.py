"""The role of a step's job."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_sagemaker_processing.access import Statement
from cdk_sagemaker_processing.pseudo import ACCOUNT_ID, PARTITION, REGION, substituted

__all__ = ["job_role"]

_SERVICE = "sagemaker.amazonaws.com"


def job_role(
    scope: Construct, given: iam.IRole | None, statements: list[Statement], names_of_jobs: str
) -> iam.IRole:
    """The role that a job runs under, with what its request needs.

    Args:
        scope: The step.
        given: The user's own role, None to make one.
        statements: What the job may do.
        names_of_jobs: What the names of the step's jobs begin with.
    """
    if given is None:
        return _made(scope, statements, names_of_jobs)
    if isinstance(given, iam.Role) and cdk.Stack.of(given) != cdk.Stack.of(scope):
        # In the role's own stack it would name resources of this one, which names the role.
        policy = iam.Policy(scope, "Policy", roles=[given])
        policy.add_statements(*map(iam.PolicyStatement.from_json, statements))
        return given
    for statement in statements:
        # A role may serve several steps, and one policy takes each Sid only once.
        unnamed = {key: value for key, value in statement.items() if key != "Sid"}
        given.add_to_principal_policy(iam.PolicyStatement.from_json(unnamed))
    return given


def _made(scope: Construct, statements: list[Statement], names_of_jobs: str) -> iam.Role:
    document = {"Version": "2012-10-17", "Statement": statements}
    return iam.Role(
        scope,
        "Role",
        # Keys and repositories of other accounts must know the role's name.
        role_name=cdk.PhysicalName.GENERATE_IF_NEEDED,
        assumed_by=_of_jobs(names_of_jobs),
        inline_policies={"ProcessingJob": iam.PolicyDocument.from_json(document)},
    )


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
