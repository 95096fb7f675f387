"""What Step Functions does in the name of a state machine's role, under IAM's enforcement.

A machine is refused whose role cannot be assumed, cannot have EventBridge tell the ends of jobs or
cannot deliver its log. A task that the role is not allowed fails. X-Ray is left out: AWS drops
what it may not send, and the execution goes on.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.jobs import Call, ProcessingService, ServiceError
from cdk_sagemaker_processing.local.jobs.service import arn_prefix
from cdk_sagemaker_processing.local.ministack import permissions
from cdk_sagemaker_processing.local.ministack.roles import (
    MACHINES_PRINCIPAL,
    MACHINES_SESSION,
    PRINCIPAL,
)
from cdk_sagemaker_processing.local.ministack.states.place import here, role_arn

DENIED = "AccessDeniedException"

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

_LOGGER = logging.getLogger(__name__)


def refusal_of_machine(role: str, definition: str, logging: Mapping[str, Any]) -> str | None:
    """Say why AWS refuses a state machine for what its role may not do; None if it takes it.

    Args:
        role: The role's ARN.
        definition: The definition.
        logging: The logging configuration, as the API takes it.
    """
    if not permissions.role_may_be_assumed(role, MACHINES_PRINCIPAL):
        return (
            f"Neither the global service principal {MACHINES_PRINCIPAL}, nor the regional one is "
            f"authorized to assume the provided role: {role}"
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
    reasons = (permissions.refusal(role, call, MACHINES_SESSION) for call in calls)
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
    """The processing service, as the role of a state machine may use it.

    Attributes:
        service: The service.
        role: The role's ARN.
        prefix: What the ARNs of the service's jobs begin with.
    """

    service: ProcessingService
    role: str
    prefix: str

    @classmethod
    def here(cls, service: ProcessingService) -> Self:
        """A service as the role of the execution may use it that the current thread runs."""
        prefix = arn_prefix(get_region(), get_account_id())
        return cls(service, role_arn(here().execution), prefix)

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateProcessingJob, with the tags and the role that the request gives the job.

        Raises:
            ServiceError: The role may not, or the service refuses.
        """
        job = f"{self.prefix}{request.get('ProcessingJobName', '')}"
        self._ask(Call("sagemaker:CreateProcessingJob", job))
        if request.get("Tags"):
            self._ask(Call("sagemaker:AddTags", job))
        if role := request.get("RoleArn"):
            self._ask(Call("iam:PassRole", role, {"iam:PassedToService": PRINCIPAL}))
        return self.service.create(request)

    def wait(self, name: str) -> dict[str, Any]:
        """Wait for a job's end, then look at it as Step Functions does.

        Raises:
            ServiceError: The role may not look at it.
        """
        described = self.service.wait(name)
        self._ask(Call("sagemaker:DescribeProcessingJob", f"{self.prefix}{name}"))
        self._ask(Call("sagemaker:ListTags", f"{self.prefix}{name}"))
        return described

    def stop(self, name: str) -> None:
        """StopProcessingJob; a job that the role may not stop runs on, as on AWS.

        Raises:
            ServiceError: The job is over.
        """
        call = Call("sagemaker:StopProcessingJob", f"{self.prefix}{name}")
        if reason := _refused(self.role, call):
            _LOGGER.warning("Job %s runs on: %s", name, reason)
        else:
            self.service.stop(name)

    def _ask(self, call: Call) -> None:
        if reason := _refused(self.role, call):
            raise ServiceError(DENIED, reason)
