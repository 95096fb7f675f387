"""RedriveExecution of the local AWS: an execution goes on where it ended unwell."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import until

pytestmark = pytest.mark.local_cloud

# Fails in an execution's first attempt, and is 7 in the second.
FLAKY = {
    "Type": "Pass",
    "Parameters": {
        "value.$": "States.StringToJson(States.ArrayGetItem(States.Array('\\{', '7'), "
        "$$.Execution.RedriveCount))",
        "given.$": "$",
    },
}
SURE = {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}}


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """States one after the other."""
    names = list(states)
    links = [{"Next": name} for name in names[1:]] + [{"End": True}]
    linked = zip(names, states.values(), links, strict=True)
    return {
        "StartAt": names[0],
        "States": {name: {**state, **link} for name, state, link in linked},
    }


def entered(machines: Any, arn: str) -> list[str]:
    """The names of the states that an execution entered, in order."""
    details = (event.get("stateEnteredEventDetails") for event in machines.events(arn))
    return [one["name"] for one in details if one]


def redriven(machines: Any, arn: str) -> dict[str, Any]:
    """Redrive an execution that failed, and describe it at its end."""
    assert machines.end(arn)["status"] == "FAILED"
    assert "redriveDate" in machines.client.redrive_execution(executionArn=arn)
    return dict(machines.end(arn))


def test_it_goes_on_at_the_failed_state(machines: Any) -> None:
    """With that one's input and the variables of those before it, which are not run again."""
    first = {"Type": "Pass", "Assign": {"kept.$": "$.a"}}
    last = {"Type": "Pass", "Parameters": {"kept.$": "$kept", "value.$": "$.value"}}
    arn = machines.start(machine(First=first, Flaky=FLAKY, Last=last), {"a": 1})
    ended = redriven(machines, arn)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"kept": 1, "value": 7})
    assert entered(machines, arn) == ["First", "Flaky", "Last"]
    assert (ended["redriveCount"], ended["redriveStatus"]) == (1, "NOT_REDRIVABLE")
    assert [event["type"] for event in machines.events(arn)][4:6] == [
        "ExecutionFailed",
        "ExecutionRedriven",
    ]


def test_a_first_state_that_failed_has_the_execution_s_input(machines: Any) -> None:
    """There is nothing before it."""
    ended = redriven(machines, machines.start(machine(Flaky=FLAKY), {"a": 1}))
    assert json.loads(ended["output"]) == {"value": 7, "given": {"a": 1}}


def test_branches_that_ended_well_are_not_run_again(machines: Any) -> None:
    """Of a Parallel state only the failed one is, from its failed state on."""
    waiting = {"Type": "Wait", "Seconds": 1}
    both = {
        "Type": "Parallel",
        "Branches": [machine(Sure=SURE), machine(Waiting=waiting, Before=SURE, Flaky=FLAKY)],
    }
    arn = machines.start(machine(Both=both))
    ended = redriven(machines, arn)
    sure, flaky = json.loads(ended["output"])
    assert (list(sure), flaky["value"]) == (["id"], 7)
    assert sorted(entered(machines, arn)) == ["Before", "Both", "Flaky", "Sure", "Waiting"]


def test_iterations_that_ended_well_are_not_run_again(machines: Any) -> None:
    """Of a Map state only the failed and the ended ones are."""
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "Flaky"}],
        "Default": "Sure",
    }
    iteration = {
        "StartAt": "Which",
        "States": {
            "Which": choice,
            **{k: {**v, "End": True} for k, v in {"Flaky": FLAKY, "Sure": SURE}.items()},
        },
    }
    each = {"Type": "Map", "ItemProcessor": iteration, "MaxConcurrency": 1}
    arn = machines.start(machine(Each=each), [0, 1, 2])
    ended = redriven(machines, arn)
    assert [list(one) for one in json.loads(ended["output"])] == [
        ["id"],
        ["id"],
        ["value", "given"],
    ]
    assert entered(machines, arn).count("Which") == 3


def test_what_was_stopped_goes_on(machines: Any, states: Any) -> None:
    """And can be stopped again."""
    arn = machines.start(machine(Long={"Type": "Wait", "Seconds": 600}))
    until(lambda: entered(machines, arn))
    states.stop_execution(executionArn=arn)
    states.redrive_execution(executionArn=arn)
    assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    states.stop_execution(executionArn=arn)
    assert states.describe_execution(executionArn=arn)["redriveCount"] == 1


def test_it_may_fail_again_and_be_redriven_again(machines: Any) -> None:
    """As often as is wanted."""
    failing = {"Type": "Fail", "Error": "No", "Cause": "never"}
    arn = machines.start(
        machine(Sure=SURE) | {"States": {"Sure": {**SURE, "Next": "Failing"}, "Failing": failing}}
    )
    assert redriven(machines, arn)["error"] == "No"
    assert redriven(machines, arn)["redriveCount"] == 2


def test_it_goes_by_the_definition_it_was_started_with(machines: Any, states: Any) -> None:
    """What was deployed since is for later executions."""
    arn = machines.start(machine(Flaky=FLAKY))
    described = machines.end(arn)
    states.update_state_machine(
        stateMachineArn=described["stateMachineArn"], definition=json.dumps(machine(Other=SURE))
    )
    ended = redriven(machines, arn)
    assert json.loads(ended["output"])["value"] == 7
    told = states.describe_state_machine_for_execution(executionArn=arn)
    assert json.loads(told["definition"]) == machine(Flaky=FLAKY)


def test_what_ended_well_or_runs_is_refused(machines: Any, states: Any) -> None:
    """As is what is not there; each by the error's name that AWS gives it."""
    done = machines.start(machine(Sure=SURE))
    machines.end(done)
    running = machines.start(machine(Long={"Type": "Wait", "Seconds": 600}))
    for arn, code in [
        (done, "ExecutionNotRedrivable"),
        (running, "ExecutionNotRedrivable"),
        (f"{done}x", "ExecutionDoesNotExist"),
    ]:
        with pytest.raises(ClientError) as refused:
            states.redrive_execution(executionArn=arn)
        assert refused.value.response["Error"]["Code"] == code
    reason = states.describe_execution(executionArn=done)["redriveStatusReason"]
    assert reason == "Execution is SUCCEEDED and cannot be redriven"
    states.stop_execution(executionArn=running)
