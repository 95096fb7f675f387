"""StartExecution: what AWS refuses, and executions that outlive the one that started them.

Started again with its name and its input an execution that runs is the same one, as on AWS. A task
that waits for the execution that it starts has the execution's description as its result, and as
its cause when that one failed.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import history
from cdk_sagemaker_processing.local.ministack.states.place import current, standing

_TIMES = ("StartDate", "StopDate")
_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""")


def _start_execution(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    if (name := data.get("name")) is not None and not _NAME.fullmatch(name):
        return error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
    try:
        json.loads(data.get("input", "{}"))
    except ValueError as error:
        problem = f"Invalid State Machine Execution Input: '{error}'"
        return error_response_json("InvalidExecutionInput", problem, 400)
    if there := _running(data):
        about = {"executionArn": there["executionArn"], "startDate": there["startDate"]}
        return json_response(about)
    with standing(None):
        return original(data)


def _named(data: dict[str, Any]) -> dict[str, Any] | None:
    """The execution that there is by the name that another one is to have."""
    machine = data.get("stateMachineArn", "").rpartition(":stateMachine:")[2]
    prefix = f"arn:aws:states:{get_region()}:{get_account_id()}:execution"
    found: dict[str, Any] | None = sfn._executions.get(f"{prefix}:{machine}:{data.get('name')}")
    return found


def _running(data: dict[str, Any]) -> dict[str, Any] | None:
    there = _named(data)
    same = there and (there["status"], there["input"]) == ("RUNNING", data.get("input", "{}"))
    return there if same else None


def _list_executions(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    machine = data.get("stateMachineArn")
    if machine is not None and sfn._resolve_state_machine_arn(machine) is None:
        problem = f"State Machine Does Not Exist: '{machine}'"
        return error_response_json("StateMachineDoesNotExist", problem, 400)
    return original(data)


def _invoke_nested_start_execution(
    original: Callable[..., Any], resource: str, input_data: Any
) -> Any:
    if current() is not None:
        history.started(resource)
    with _as_of_the_service():
        return original(resource, input_data)


def _invoke_nested_start_execution_sync(
    original: Callable[..., Any], resource: str, input_data: Any
) -> Any:
    if current() is None:
        return original(resource, input_data)
    history.started(resource)
    request = sfn._nested_start_execution_request(input_data)
    if (there := _named(request)) is not None:
        problem = f"Execution Already Exists: '{there['executionArn']}'"
        raise sfn._ExecutionError("StepFunctions.ExecutionAlreadyExistsException", problem)
    with _as_of_the_service():
        result = original(resource, input_data)
    return _described(result)


@contextmanager
def _as_of_the_service() -> Iterator[None]:
    """Errors of the API's by the names that tasks know them by."""
    try:
        yield
    except sfn._ExecutionError as error:
        if error.error.startswith("States."):
            raise
        name = f"StepFunctions.{error.error}Exception"
        raise sfn._ExecutionError(name, error.cause) from error


def _nested_execution_failure(
    _original: Callable[..., Any], payload: dict[str, Any]
) -> tuple[str, str]:
    described = {f"{name[0].upper()}{name[1:]}": value for name, value in payload.items()}
    return "States.TaskFailed", json.dumps(_described(described))


def _described(result: dict[str, Any]) -> dict[str, Any]:
    """A description as tasks have it: times in milliseconds, members capitalized."""
    times = {name: _milliseconds(result[name]) for name in _TIMES if result.get(name)}
    included = {
        name: {"Included": value.get("included", True)}
        for name, value in result.items()
        if name.endswith("Details")
    }
    return {**result, **times, **included}


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


MENDS = {
    "_invoke_nested_start_execution": _invoke_nested_start_execution,
    "_invoke_nested_start_execution_sync": _invoke_nested_start_execution_sync,
    "_list_executions": _list_executions,
    "_nested_execution_failure": _nested_execution_failure,
    "_start_execution": _start_execution,
}
