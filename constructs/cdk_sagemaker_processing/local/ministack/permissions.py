"""What roles may do, by MiniStack's own evaluator of IAM policies.

MiniStack asks it about requests that come over HTTP. This asks it about what services do in a
role's name without one: SageMaker before a job, Step Functions in a task, S3 with a key.
"""

from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region, request_scope
from ministack.services import iam, kms

from cdk_sagemaker_processing.local.jobs import Call
from cdk_sagemaker_processing.local.jobs.permissions import pull_needs
from cdk_sagemaker_processing.local.ministack.roles import SESSION_NAME, trusts

_AWS_MANAGED = "alias/aws/"
_TASK_SESSION = "ECS"


def refusal(role_arn: str, call: Call, session: str = SESSION_NAME) -> str | None:
    """Say in AWS's words why a role may not make a call; None if it may.

    Args:
        role_arn: The role's ARN.
        call: The call; a KMS key may be named as KMS's API takes it.
        session: The name of the role's session.
    """
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    region = _region(call.resource)
    with request_scope(account, region):
        context = _context(_named(call), role_arn, account, region, session)
        found = _decide(context, name, account)
    if found.decision == "Allow":
        return None
    return str(
        iam_actions.identity_denial_message(
            call.action, context.principal_arn, context.resource_arn, found.decision == "Deny"
        )
    )


def refusal_of_pull(role_arn: str, image: str) -> str | None:
    """Say in AWS's words why a role may not pull an image; None if it may.

    Args:
        role_arn: The role's ARN.
        image: The image's URI.
    """
    calls = (call for need in pull_needs(image, role_arn.split(":")[1]) for call in need.calls)
    return next(filter(None, (refusal(role_arn, call, _TASK_SESSION) for call in calls)), None)


def role_may_be_assumed(role_arn: str, service: str) -> bool:
    """Whether there is such a role, and it trusts a service such as `states.amazonaws.com`."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    return role is not None and role["Arn"] == role_arn and trusts(role, service)


def refusal_of_key(caller_arn: str, action: str, key: str, s3_arn: str) -> str | None:
    """Say why S3's caller may not use the key that S3 uses for an object.

    Roles are held to their policies and the key's; an account's own user, who may do all, is not.
    The keys that AWS manages are for all who may use S3.

    Args:
        caller_arn: Who calls; a session of a role, if it is one.
        action: The action, `kms:Decrypt` for example.
        key: The key, as S3 names it.
        s3_arn: The ARN that S3 gives the key as context: the object's, or its bucket's.
    """
    if _AWS_MANAGED in key:
        return None
    context = {
        "kms:ViaService": f"s3.{_region(key)}.amazonaws.com",
        "kms:CallerAccount": caller_arn.split(":")[4],
        "kms:EncryptionContext:aws:s3:arn": s3_arn,
    }
    return refusal_of_caller(caller_arn, Call(action, key, context))


def refusal_of_caller(caller_arn: str, call: Call) -> str | None:
    """Say why whoever calls may not make a call; None if it may.

    Roles are held to their policies; an account's own user, who may do all, is not.

    Args:
        caller_arn: Who calls; a session of a role, if it is one.
        call: The call.
    """
    head, _, session = caller_arn.partition(":assumed-role/")
    if not session:
        return None
    role, _, session_name = session.partition("/")
    account = head.rpartition(":")[2]
    return refusal(f"arn:aws:iam::{account}:role/{role}", call, session_name)


def _region(resource: str) -> str:
    named = resource.split(":")[3] if resource.startswith("arn:") else ""
    return named or str(get_region())


def _named(call: Call) -> Call:
    """The call with its key as permissions name it: by its ARN, and its aliases as a condition."""
    if not call.action.startswith("kms:"):
        return call
    key = kms._resolve_key(call.resource)
    if key is None:
        return call
    aliases = [arn.rpartition(":")[2] for arn, id_ in kms._aliases.items() if id_ == key["KeyId"]]
    context: dict[str, Any] = {**call.context, "kms:ResourceAliases": aliases}
    return Call(call.action, key["Arn"], context)


def _context(call: Call, role_arn: str, account: str, region: str, session: str) -> Any:
    role = role_arn.rpartition("/")[2]
    return iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=call.action,
        resource_arn=call.resource,
        region=region,
        secure_transport=True,
        service_context={name.lower(): value for name, value in call.context.items()},
    )


def _decide(context: Any, role: str, account: str) -> Any:
    limits = iam_evaluator._permissions_boundary(iam._roles, role, account)
    policies = iam_evaluator._gather_role_policies(role, account)
    found = iam_evaluator.evaluate(context, policies, *limits)
    service = context.action.partition(":")[0]
    of_resource = iam_evaluator._resource_policy(service, context.resource_arn)
    if of_resource is None:
        return found
    return iam_evaluator.combine_resource_policy(
        found,
        context,
        *of_resource,
        required=service in iam_evaluator._POLICY_REQUIRED,
        limits=limits,
    )
