"""Executions from their first state, or from where an earlier attempt ended, to their end.

MiniStack walks the outermost states by rules of its own, after a pause; here all states are walked
alike.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import branches, endings
from cdk_sagemaker_processing.local.ministack.states.place import Place

_Execution = dict[str, Any]

_LOGGER = logging.getLogger(__name__)


def run(execution: _Execution, before: Place | None = None) -> None:
    """Run an execution to its end.

    Args:
        execution: MiniStack's record of it.
        before: Where an earlier attempt ended, to go on there.
    """
    with endings.running(execution) as place:
        try:
            output = _walk(execution, before, place)
        except sfn._ExecutionError as error:
            sfn._fail_execution(execution, error.error, error.cause)
        except Exception as error:
            _LOGGER.exception("An execution failed")
            sfn._fail_execution(execution, "States.Runtime", str(error))
        else:
            _succeed(execution, json.dumps(output))


def _walk(execution: _Execution, before: Place | None, place: Place) -> Any:
    machine = json.loads(execution["definition"])
    given = json.loads(execution["input"])
    redriven = {"RedriveTime": execution["redriveDate"]} if "redriveDate" in execution else {}
    place.at(
        {
            "QueryLanguage": machine.get("QueryLanguage", "JSONPath"),
            "Execution": {
                "Id": execution["executionArn"],
                "Input": given,
                "Name": execution["name"],
                "StartTime": execution["startDate"],
                **redriven,
            },
            "StateMachine": {
                "Id": execution["stateMachineArn"],
                "Name": execution["stateMachineArn"].rpartition(":")[2],
            },
            "variables": dict(before.context.get("variables", {})) if before else {},
        }
    )
    return branches.walk(machine["States"], machine["StartAt"], given, place, before)


def _succeed(execution: _Execution, output: str) -> None:
    if execution["status"] != "RUNNING":
        return
    execution |= {"status": "SUCCEEDED", "output": output, "stopDate": now_iso()}
    details = {"executionSucceededEventDetails": {"output": output}}
    sfn._add_event(execution, "ExecutionSucceeded", details)
    sfn._emit_execution_status_event(execution)


def _run_execution(_original: Callable[..., None], exec_arn: str) -> None:
    execution = sfn._executions.get(exec_arn)
    if execution is None:
        return
    machine = sfn._state_machines.get(execution["stateMachineArn"]) or {}
    # What is deployed while it runs is for later executions.
    execution.setdefault("definition", machine.get("definition", "{}"))
    run(execution)


MENDS = {"_run_execution": _run_execution}
