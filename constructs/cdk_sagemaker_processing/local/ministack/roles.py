"""The temporary credentials with which jobs and tasks act as their roles."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam, sts

from cdk_sagemaker_processing.local.jobs import Credentials
from cdk_sagemaker_processing.local.tasks import RoleSession

PRINCIPAL = "sagemaker.amazonaws.com"
TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"
MACHINES_PRINCIPAL = "states.amazonaws.com"

SESSION_NAME = "SageMaker"
MACHINES_SESSION = "StepFunctions"


class RoleError(LookupError):
    """A role that a service cannot assume."""


def credentials(role_arn: str, job_arn: str) -> Credentials:
    """Assume a role as SageMaker does.

    Args:
        role_arn: The role's ARN.
        job_arn: The ARN of the job it is for, which a trust policy may ask for.

    Raises:
        RoleError: There is no such role, or it does not trust SageMaker.
    """
    # It has no expiration: SageMaker renews a job's credentials for as long as the job runs.
    return _assume(role_arn, PRINCIPAL, job_arn, SESSION_NAME)


def machine_credentials(role_arn: str, machine_arn: str) -> Credentials:
    """Assume a role as Step Functions does for a task of a state machine.

    Args:
        role_arn: The role's ARN.
        machine_arn: The state machine's ARN, which a trust policy may ask for.

    Raises:
        RoleError: There is no such role, or it does not trust Step Functions.
    """
    # It has no expiration: Step Functions renews them for as long as a task runs.
    return _assume(role_arn, MACHINES_PRINCIPAL, machine_arn, MACHINES_SESSION)


def task_session(role_arn: str, task_arn: str, lifetime: timedelta) -> RoleSession:
    """Assume a role as ECS does for a task.

    Args:
        role_arn: The role's ARN.
        task_arn: The task's ARN, which a trust policy may ask for.
        lifetime: How long the session lasts.

    Raises:
        RoleError: There is no such role, or it does not trust ECS's tasks.
    """
    expires = datetime.now(UTC) + lifetime
    name = task_arn.rpartition("/")[2]
    given = _assume(role_arn, TASKS_PRINCIPAL, task_arn, name, expires=expires.timestamp())
    return RoleSession(given, expires)


def execution_credentials(role_arn: str, task_arn: str) -> Credentials:
    """Assume an execution role as ECS does for a task.

    Args:
        role_arn: The role's ARN.
        task_arn: The task's ARN, which a trust policy may ask for.

    Raises:
        RoleError: There is no such role, or it does not trust ECS's tasks.
    """
    # It has no expiration: ECS renews them for as long as the task runs.
    return _assume(role_arn, TASKS_PRINCIPAL, task_arn, task_arn.rpartition("/")[2])


def _assume(
    role_arn: str, service: str, source_arn: str, session_name: str, *, expires: float | None = None
) -> Credentials:
    parts = role_arn.split(":")
    account, name = parts[4] if len(parts) > 5 else "", role_arn.rpartition("/")[2]  # noqa: PLR2004 - an ARN has six parts
    role = iam._roles.get_scoped(account, None, name)
    if role is None or role["Arn"] != role_arn:
        raise RoleError("there is no such role")
    if not trusts(role, service, source_arn):
        raise RoleError("its trust policy does not allow it")
    given = Credentials(iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token())
    session = _session(role, account, given, session_name)
    sts.register_session(
        given.access_key_id, session | ({"Expiration": expires} if expires else {})
    )
    return given


def _session(
    role: dict[str, Any], account: str, given: Credentials, session_name: str
) -> dict[str, Any]:
    return {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/{session_name}",
        "UserId": f"{role['RoleId']}:{session_name}",
        "SecretAccessKey": given.secret_access_key,
        "SessionToken": given.session_token,
        "AccountId": account,
        "PrincipalType": "AssumedRole",
    }


def trusts(role: dict[str, Any], service: str, source_arn: str | None = None) -> bool:
    """Whether a service may assume a role.

    Args:
        role: MiniStack's record of the role.
        service: Such as `sagemaker.amazonaws.com`.
        source_arn: What the service assumes it for; without it conditions are not looked at.
    """
    document = role["AssumeRolePolicyDocument"]
    policy = json.loads(document) if isinstance(document, str) else document
    effects = {
        statement["Effect"]
        for statement in _listed(policy.get("Statement", []))
        if "sts:AssumeRole" in _listed(statement.get("Action", []))
        and _names(statement.get("Principal", {}), service)
        and _holds(statement.get("Condition", {}), role["Arn"], source_arn)
    }
    return effects == {"Allow"}


def _holds(conditions: dict[str, Any], role_arn: str, source_arn: str | None) -> bool:
    if source_arn is None:
        return True
    _, _, _, region, account, _ = source_arn.split(":", 5)
    context = iam_evaluator.EvalContext(
        principal_arn=PRINCIPAL,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region,
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": account},
    )
    return bool(iam_evaluator._conditions_met(conditions, context))


def _names(principal: Any, service: str) -> bool:
    if isinstance(principal, dict):
        return service in _listed(principal.get("Service", []))
    return bool(principal == "*")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
