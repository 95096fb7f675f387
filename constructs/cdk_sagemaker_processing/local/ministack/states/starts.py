"""StartExecution: what AWS refuses, and executions that outlive the one that started them.

A task that waits for the execution that it starts fails, as on AWS, with the execution's
description as its cause.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json

from cdk_sagemaker_processing.local.ministack.states.place import standing

_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""")


def _start_execution(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    if (name := data.get("name")) is not None and not _NAME.fullmatch(name):
        return error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
    try:
        json.loads(data.get("input", "{}"))
    except ValueError as error:
        problem = f"Invalid State Machine Execution Input: '{error}'"
        return error_response_json("InvalidExecutionInput", problem, 400)
    with standing(None):
        return original(data)


def _nested_execution_failure(
    _original: Callable[..., Any], payload: dict[str, Any]
) -> tuple[str, str]:
    described = {f"{name[0].upper()}{name[1:]}": value for name, value in payload.items()}
    return "States.TaskFailed", json.dumps(described)


MENDS = {
    "_nested_execution_failure": _nested_execution_failure,
    "_start_execution": _start_execution,
}
