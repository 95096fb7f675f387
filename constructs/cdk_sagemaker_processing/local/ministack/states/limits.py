"""How large inputs, results and variables may be.

Past it an execution fails, and no wildcard catches it.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions as sfn

_Data = dict[str, Any]

_LARGEST_RESULT_BYTES = 262_144
_LARGEST_VARIABLES_BYTES = 10 << 20


def assign(assigned: _Data, context: _Data) -> None:
    """Set variables, all at once.

    Args:
        assigned: Their values by their names; of 256 KiB at most.
        context: The context object that keeps the variables, of 10 MiB at most in all.
    """
    variables = {**context.get("variables", {}), **assigned}
    if _size(assigned) > _LARGEST_RESULT_BYTES or _size(variables) > _LARGEST_VARIABLES_BYTES:
        raise _exceeded("The variables that the state assigns have")
    context["variables"] = variables


def check_result(what: str, result: str) -> None:
    """Check the size of what a state or a task gives.

    Args:
        what: The state's name, or the task's resource.
        result: It, in JSON; of 256 KiB at most.
    """
    if len(result.encode()) > _LARGEST_RESULT_BYTES:
        raise _exceeded(f"The state/task '{what}' returned a result with")


def _size(values: _Data) -> int:
    return sum(len(json.dumps(value, separators=(",", ":")).encode()) for value in values.values())


def _exceeded(what: str) -> Exception:
    error: Exception = sfn._ExecutionError(
        "States.DataLimitExceeded",
        f"{what} a size exceeding the maximum number of bytes service limit.",
    )
    return error


def _add_event(
    original: Callable[..., _Data], execution: _Data, event_type: str, details: _Data | None = None
) -> _Data:
    for told in (details or {}).values():
        if isinstance(told, dict) and "output" in told:
            check_result(told.get("name") or told.get("resource", ""), told["output"])
    return original(execution, event_type, details)


def _start_execution(original: Callable[..., Any], data: _Data) -> Any:
    if len(data.get("input", "{}").encode()) > _LARGEST_RESULT_BYTES:
        return error_response_json(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member "
            f"must have length less than or equal to {_LARGEST_RESULT_BYTES}",
            400,
        )
    return original(data)


MENDS = {"_add_event": _add_event, "_start_execution": _start_execution}
