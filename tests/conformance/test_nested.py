"""Executions that a task starts, and waits for or not.

Step Functions developer guide, "Start workflow executions from a task state in Step Functions".
"""

import json
import uuid
from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail

pytestmark = pytest.mark.local_cloud

START = "arn:aws:states:::states:startExecution"
GIVING = chain({"Type": "Pass", "Parameters": {"n.$": "$.n"}})


def starting(child: str, pattern: str, **parameters: Any) -> State:
    parameters = {"StateMachineArn": child, "Input": {"n.$": "$.n"}, **parameters}
    return {"Type": "Task", "Resource": f"{START}{pattern}", "Parameters": parameters}


def test_its_description_is_the_result(machines: Any) -> None:
    """The members capitalized, times in milliseconds, the output as text."""
    child = machines.create(GIVING)
    result = machines.output(chain(starting(child, ".sync", Name="nested")), {"n": 1})
    times = [result.pop("StartDate"), result.pop("StopDate")]
    assert [type(one) for one in times] == [int, int]
    assert result == {
        "ExecutionArn": f"{child.replace(':stateMachine:', ':execution:')}:nested",
        "Input": '{"n": 1}',
        "InputDetails": {"Included": True},
        "Name": "nested",
        "Output": '{"n": 1}',
        "OutputDetails": {"Included": True},
        "StateMachineArn": child,
        "Status": "SUCCEEDED",
    }


def test_the_second_form_gives_the_output_as_json(machines: Any) -> None:
    """So that a path reads it."""
    state = starting(machines.create(GIVING), ".sync:2") | {"ResultSelector": {"n.$": "$.Output.n"}}
    assert machines.output(chain(state), {"n": 1}) == {"n": 1}


def test_without_waiting_its_arn_is_the_result(machines: Any) -> None:
    """And it has a life of its own."""
    child = machines.create(chain({"Type": "Wait", "Seconds": 20}))
    result = machines.output(chain(starting(child, "")), {"n": 1})
    assert machines.end(result["ExecutionArn"])["status"] == "SUCCEEDED"


def test_its_failure_is_the_tasks(machines: Any) -> None:
    """With its description as the cause."""
    child = machines.create(chain(fail("Own", "not today")))
    state = starting(child, ".sync:2") | {
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "S1"}]
    }
    caught = machines.output(chain(state, {"Type": "Pass"}), {"n": 1})
    cause = json.loads(caught["Cause"])
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Own", "not today")


@pytest.mark.parametrize("pattern", ["", ".sync", ".sync:2"])
def test_a_taken_name_is_an_error_of_the_service(machines: Any, pattern: str) -> None:
    """By which it can be caught."""
    child = machines.create(GIVING)
    state = starting(child, pattern, Name="taken")
    assert "Error" not in machines.output(chain(state), {"n": 1})
    machines.end(f"{child.replace(':stateMachine:', ':execution:')}:taken")
    error = machines.error(chain(state), {"n": 2})
    assert error == "StepFunctions.ExecutionAlreadyExistsException"


@pytest.mark.parametrize("pattern", ["", ".sync:2"])
def test_a_machine_that_is_not_there_is_one_too(machines: Any, pattern: str) -> None:
    """Whether it is waited for or not."""
    missing = f"arn:aws:states:us-east-1:000000000000:stateMachine:none-{uuid.uuid4()}"
    error = machines.error(chain(starting(missing, pattern)), {"n": 1})
    assert error == "StepFunctions.StateMachineDoesNotExistException"


def test_the_end_of_the_one_that_waits_is_its_end(machines: Any, states: Any) -> None:
    """A time limit of the task aborts it, as a stop does."""
    child = machines.create(chain({"Type": "Wait", "Seconds": 90_000}))
    state = starting(child, ".sync", Name="long") | {"TimeoutSeconds": 1}
    assert machines.error(chain(state), {"n": 1}) == "States.Timeout"
    ended = machines.end(f"{child.replace(':stateMachine:', ':execution:')}:long")
    assert ended["status"] == "ABORTED"
    assert states.list_executions(stateMachineArn=child, statusFilter="RUNNING")["executions"] == []
