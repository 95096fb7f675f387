"""Executions as the API starts, lists, stops, describes and redrives them.

Step Functions API reference: StartExecution, ListExecutions, StopExecution, DescribeExecution,
RedriveExecution; developer guide, "Restarting state machine executions with redrive".
"""

import json
import uuid
from typing import Any

import pytest

from tests.conformance.asl import State, attempts, chain, fail, parallel
from tests.conformance.gaps import gap
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

LONG = chain({"Type": "Wait", "Seconds": 90_000})
SHORT = chain({"Type": "Pass"})


@pytest.fixture
def long(machines: Any) -> str:
    """A machine whose executions run until they are stopped."""
    return str(machines.create(LONG))


def test_a_start_with_a_running_ones_name_and_input_is_that_one(states: Any, long: str) -> None:
    """So that a client may try again."""
    first, again = (
        states.start_execution(stateMachineArn=long, name="same", input='{"n": 1}')
        for _ in range(2)
    )
    assert again["executionArn"] == first["executionArn"]
    assert again["startDate"] == first["startDate"]
    assert len(states.list_executions(stateMachineArn=long)["executions"]) == 1
    states.stop_execution(executionArn=first["executionArn"])


def test_a_start_with_its_name_and_another_input_is_refused(states: Any, long: str) -> None:
    """While it runs."""
    arn = states.start_execution(stateMachineArn=long, name="same")["executionArn"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=long, name="same", input='{"n": 1}')
    states.stop_execution(executionArn=arn)


def test_a_start_with_the_name_of_one_that_ended_is_refused(machines: Any, states: Any) -> None:
    """Whatever the input."""
    machine = machines.create(SHORT)
    started = states.start_execution(stateMachineArn=machine, name="same")
    machines.end(started["executionArn"])
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="same")


def test_names_are_of_one_machine(machines: Any, states: Any) -> None:
    """Another one's execution may be called the same."""
    arns = {
        states.start_execution(stateMachineArn=machines.create(SHORT), name="same")["executionArn"]
        for _ in range(2)
    }
    assert len(arns) == 2


def test_a_name_is_made_up(machines: Any) -> None:
    """A UUID, if none is given."""
    arn = machines.start(SHORT)
    assert str(uuid.UUID(arn.rpartition(":")[2])) == arn.rpartition(":")[2]


def test_what_is_not_there_is_not_started(states: Any) -> None:
    """Nor listed."""
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:none"
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.start_execution(stateMachineArn=arn)
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.list_executions(stateMachineArn=arn)
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.describe_execution(executionArn=f"{arn.replace('stateMachine', 'execution')}:none")


ENDS = {
    "StartAt": "Which",
    "States": {
        "Which": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.end", "StringEquals": "FAILED", "Next": "Fails"},
                {"Variable": "$.end", "StringEquals": "SUCCEEDED", "Next": "Succeeds"},
            ],
            "Default": "Waits",
        },
        "Fails": fail("A"),
        "Succeeds": {"Type": "Succeed"},
        "Waits": {"Type": "Wait", "Seconds": 90_000, "End": True},
    },
}


def test_executions_are_listed_by_their_status(machines: Any, states: Any) -> None:
    """The latest first, without a filter."""
    machine = machines.create(ENDS)
    arns = {
        end: machines.start_again(machine, {"end": end})
        for end in ("SUCCEEDED", "FAILED", "RUNNING", "ABORTED")
    }
    states.stop_execution(executionArn=arns["ABORTED"])
    for end in ("SUCCEEDED", "FAILED", "ABORTED"):
        assert machines.end(arns[end])["status"] == end
    listed = {
        end: [
            one["executionArn"]
            for one in states.list_executions(stateMachineArn=machine, statusFilter=end)[
                "executions"
            ]
        ]
        for end in arns
    }
    assert listed == {end: [arn] for end, arn in arns.items()}
    states.stop_execution(executionArn=arns["RUNNING"])


def test_a_list_has_pages(machines: Any, states: Any) -> None:
    """Every execution is on one of them."""
    machine = machines.create(SHORT)
    arns = {machines.start_again(machine) for _ in range(5)}
    for arn in arns:
        machines.end(arn)
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": 2}
    )
    listed = [[one["executionArn"] for one in page["executions"]] for page in pages]
    assert [len(page) for page in listed] == [2, 2, 1]
    assert {arn for page in listed for arn in page} == arns


@gap("Express workflows")
def test_executions_of_an_express_workflow_are_not_listed(states: Any) -> None:
    """Their logs are what there is to see of them."""
    machine = states.create_state_machine(
        name=f"express-{uuid.uuid4()}",
        type="EXPRESS",
        roleArn="arn:aws:iam::000000000000:role/machine",
        definition=json.dumps(SHORT),
    )["stateMachineArn"]
    with pytest.raises(states.exceptions.StateMachineTypeNotSupported):
        states.list_executions(stateMachineArn=machine)


def test_a_stopped_execution_is_aborted(machines: Any, states: Any, long: str) -> None:
    """With the error and the cause that it was stopped with."""
    arn = machines.start_again(long)
    states.stop_execution(executionArn=arn, error="My.Stop", cause="enough")
    ended = machines.end(arn)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "My.Stop", "enough")
    assert "output" not in ended
    assert machines.events(arn)[-1]["type"] == "ExecutionAborted"


def test_no_state_is_entered_after_a_stop(machines: Any, states: Any) -> None:
    """Nor is the stop caught or retried."""
    around = parallel(
        LONG,
        Retry=[{"ErrorEquals": ["States.ALL"]}],
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    )
    arn = machines.start(chain(around, {"Type": "Pass"}))
    until(lambda: "WaitStateEntered" in [event["type"] for event in machines.events(arn)])
    states.stop_execution(executionArn=arn)
    assert machines.end(arn)["status"] == "ABORTED"
    assert [event["type"] for event in machines.events(arn)][2:] == [
        "ParallelStateStarted",
        "WaitStateEntered",
        "ExecutionAborted",
    ]


def test_a_failed_execution_is_redriven_from_the_failed_state(machines: Any, states: Any) -> None:
    """Its ARN, input and history stay; the retries of the state count anew."""
    flaky = {
        "Type": "Choice",
        "Choices": [{"Variable": "$$.Execution.RedriveCount", "NumericEquals": 1, "Next": "Done"}],
        "Default": "Fails",
    }
    branch = {
        "StartAt": "Which",
        "States": {"Which": flaky, "Fails": fail("A"), "Done": {"Type": "Succeed"}},
    }
    state = parallel(branch, Retry=[{"ErrorEquals": ["A"], "MaxAttempts": 1}])
    arn = machines.start(chain({"Type": "Pass", "Assign": {"v": 1}}, state))
    assert machines.end(arn)["redriveStatus"] == "REDRIVABLE"
    states.redrive_execution(executionArn=arn)
    # The branch goes on at its failed state, fails once more, and is tried again from its start.
    ended = machines.end(arn)
    assert (ended["status"], ended["redriveCount"], ended["redriveStatus"]) == (
        "SUCCEEDED",
        1,
        "NOT_REDRIVABLE",
    )
    types = [event["type"] for event in machines.events(arn)]
    assert (types.count("PassStateEntered"), types.count("ExecutionRedriven")) == (1, 1)


def test_what_was_stopped_or_timed_out_is_redriven(machines: Any, states: Any) -> None:
    """It runs again."""
    arn = machines.start({**LONG, "TimeoutSeconds": 1})
    assert machines.end(arn)["status"] == "TIMED_OUT"
    states.redrive_execution(executionArn=arn)
    assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    states.stop_execution(executionArn=arn)
    assert machines.end(arn)["redriveStatus"] == "REDRIVABLE"


def test_what_succeeded_is_not_redriven(machines: Any, states: Any) -> None:
    """Nor is what runs."""
    arn = machines.start(SHORT)
    machines.end(arn)
    with pytest.raises(states.exceptions.ExecutionNotRedrivable):
        states.redrive_execution(executionArn=arn)


def test_an_execution_is_described(machines: Any) -> None:
    """By what it was given and what came of it."""
    arn = machines.start(chain({"Type": "Pass", "Result": [1]}), {"n": 1})
    ended = machines.end(arn)
    assert (json.loads(ended["input"]), json.loads(ended["output"])) == ({"n": 1}, [1])
    assert ended["stateMachineArn"].rpartition(":")[2] == arn.split(":")[6]
    assert ended["startDate"] <= ended["stopDate"]


def test_a_changed_machine_is_for_later_executions(machines: Any, states: Any) -> None:
    """One that runs goes by the definition it was started with."""
    machine = machines.create(chain(attempts("A", Retry=[RETRY]), {"Type": "Pass", "Result": 1}))
    arn = machines.start_again(machine)
    changed = chain({"Type": "Pass", "Result": 2})
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed))
    assert machines.end(arn)["output"] == "1"
    assert machines.end(machines.start_again(machine))["output"] == "2"


RETRY: State = {"ErrorEquals": ["A"], "IntervalSeconds": 50}
