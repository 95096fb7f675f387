"""What Step Functions does in the name of a state machine's role, under IAM's enforcement.

A machine is refused whose role cannot be assumed, cannot have EventBridge tell the ends of jobs or
cannot deliver its log. A task that the role is not allowed fails. X-Ray is left out: AWS drops
what it may not send, and the execution goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import Call, ProcessingService, ServiceError
from cdk_sagemaker_processing.local.jobs.service import arn_prefix
from cdk_sagemaker_processing.local.ministack import permissions
from cdk_sagemaker_processing.local.ministack.states.place import here, role_arn

SERVICE = "states.amazonaws.com"
DENIED = "AccessDeniedException"

_SESSION = "StepFunctions"
_SYNC = ":states:::sagemaker:createProcessingJob.sync"
_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
_RULE_ACTIONS = ("DescribeRule", "PutRule", "PutTargets")
# Step Functions developer guide, "Using CloudWatch Logs to log execution history".
_LOG_ACTIONS = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeLogGroups",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)


def refusal_of_machine(role: str, definition: str, logging: Mapping[str, Any]) -> str | None:
    """Say why AWS refuses a state machine for what its role may not do; None if it takes it.

    Args:
        role: The role's ARN.
        definition: The definition.
        logging: The logging configuration, as the API takes it.
    """
    if not permissions.role_may_be_assumed(role, SERVICE):
        return (
            f"Neither the global service principal {SERVICE}, nor the regional one is authorized "
            f"to assume the provided role: {role}"
        )
    if _SYNC in definition and (reason := _refused(role, *_rule_calls())):
        return f"'{role}' is not authorized to create managed-rule. {reason}"
    if logging.get("level", "OFF") != "OFF" and (reason := _refused(role, *_log_calls())):
        return (
            f"The state machine IAM Role is not authorized to access the Log Destination. {reason}"
        )
    return None


def _rule_calls() -> list[Call]:
    rule = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{_RULE}"
    return [Call(f"events:{action}", rule) for action in _RULE_ACTIONS]


def _log_calls() -> list[Call]:
    return [Call(f"logs:{action}") for action in _LOG_ACTIONS]


def _refused(role: str, *calls: Call) -> str | None:
    reasons = (permissions.refusal(role, call, _SESSION) for call in calls)
    return next(filter(None, reasons), None)


def _checked(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    known = sfn._state_machines.get(data.get("stateMachineArn", ""), {})
    machine = {**known, **data}
    if "roleArn" in machine and (
        problem := refusal_of_machine(
            machine["roleArn"],
            machine.get("definition", ""),
            machine.get("loggingConfiguration", {}),
        )
    ):
        return error_response_json(DENIED, problem, 400)
    return original(data)


MENDS = {"_create_state_machine": _checked, "_update_state_machine": _checked}


@dataclass(frozen=True, slots=True)
class AsRole:
    """The processing service, as the role of the running state machine may use it.

    Attributes:
        service: The service.
    """

    service: ProcessingService

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateProcessingJob, with the tags and the role that the request gives the job.

        Raises:
            ServiceError: The role may not, or the service refuses.
        """
        job = _job_arn(request.get("ProcessingJobName", ""))
        _ask(Call("sagemaker:CreateProcessingJob", job))
        if request.get("Tags"):
            _ask(Call("sagemaker:AddTags", job))
        if role := request.get("RoleArn"):
            _ask(Call("iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"}))
        return self.service.create(request)

    def wait(self, name: str) -> dict[str, Any]:
        """Wait for a job's end, then look at it as Step Functions does.

        Raises:
            ServiceError: The role may not look at it.
        """
        described = self.service.wait(name)
        _ask(Call("sagemaker:DescribeProcessingJob", _job_arn(name)))
        _ask(Call("sagemaker:ListTags", _job_arn(name)))
        return described

    def stop(self, name: str) -> None:
        """StopProcessingJob.

        Raises:
            ServiceError: The role may not, or the job is over.
        """
        _ask(Call("sagemaker:StopProcessingJob", _job_arn(name)))
        self.service.stop(name)


def _job_arn(name: str) -> str:
    return f"{arn_prefix(get_region(), get_account_id())}{name}"


def _ask(call: Call) -> None:
    if reason := _refused(role_arn(here().execution), call):
        raise ServiceError(DENIED, reason)
