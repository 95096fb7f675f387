"""RedriveExecution, which MiniStack lacks: an execution goes on where it ended unwell.

As on AWS it goes by the definition with which it was started, keeps its ARN, its history and its
variables, and of a Parallel or Map state runs only those branches again that have not ended well.
A distributed Map is run again as a whole, which AWS does only for the items that failed.
"""

import asyncio
import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import endings, executions, map_runs
from cdk_sagemaker_processing.local.ministack.states.place import Place, standing

_ACTION = "AWSStepFunctions.RedriveExecution"
_ENDED_UNWELL = frozenset({"FAILED", "ABORTED", "TIMED_OUT"})

_Execution = dict[str, Any]


async def _handle_request(  # noqa: PLR0917 - MiniStack calls it so
    original: Callable[..., Any], method: str, path: str, headers: Any, body: bytes, query: Any
) -> Any:
    if headers.get("x-amz-target") != _ACTION:
        return await original(method, path, headers, body, query)
    # Off the event loop, which what it waits for may need.
    response = await asyncio.to_thread(_redrive, json.loads(body or b"{}"))
    return sfn._finalize_response(response)


def _redrive(data: dict[str, Any]) -> Any:
    arn = data.get("executionArn", "")
    execution = sfn._executions.get(arn)
    if execution is None:
        return error_response_json("ExecutionDoesNotExist", f"Execution {arn} not found", 400)
    if not _is_redrivable(execution):
        return error_response_json("ExecutionNotRedrivable", _reason(execution), 400)
    before = endings.end_of(arn)
    if before is None:
        problem = "The local cloud no longer knows where the execution ended"
        return error_response_json("ExecutionNotRedrivable", problem, 400)
    now = now_iso()
    count = execution.get("redriveCount", 0) + 1
    execution |= {"status": "RUNNING", "stopDate": None, "error": None, "cause": None}
    execution |= {"redriveCount": count, "redriveDate": now}
    details = {"executionRedrivenEventDetails": {"redriveCount": count}}
    sfn._add_event(execution, "ExecutionRedriven", details)
    sfn._emit_execution_status_event(execution)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_run, execution, before), daemon=True).start()
    return json_response({"redriveDate": now})


def _run(execution: _Execution, before: Place) -> None:
    with standing(None):
        executions.run(execution, before)


def _is_redrivable(execution: _Execution) -> bool:
    return execution["status"] in _ENDED_UNWELL


def _reason(execution: _Execution) -> str:
    return f"Execution is {execution['status']} and cannot be redriven"


def _describe_execution(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    status, headers, body = original(data)
    execution = sfn._executions.get(data.get("executionArn", ""))
    if execution is None:
        return status, headers, body
    can = _is_redrivable(execution)
    about = {
        "redriveCount": execution.get("redriveCount", 0),
        "redriveStatus": "REDRIVABLE" if can else "NOT_REDRIVABLE",
        **({} if can else {"redriveStatusReason": _reason(execution)}),
        **({"redriveDate": execution["redriveDate"]} if "redriveDate" in execution else {}),
    }
    return status, headers, json.dumps({**json.loads(body), **about}).encode()


def _describe_state_machine_for_execution(
    original: Callable[..., Any], data: dict[str, Any]
) -> Any:
    execution = sfn._executions.get(data.get("executionArn", ""), {})
    if "mapRunArn" in execution:
        return json_response(map_runs.machine_of(execution))
    status, headers, body = original(data)
    if "definition" not in execution:
        return status, headers, body
    described = {**json.loads(body), "definition": execution["definition"]}
    return status, headers, json.dumps(described).encode()


MENDS = {
    "handle_request": _handle_request,
    "_describe_execution": _describe_execution,
    "_describe_state_machine_for_execution": _describe_state_machine_for_execution,
}
