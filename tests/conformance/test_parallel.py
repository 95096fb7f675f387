"""Parallel: the branches' outputs, and how one branch's failure ends the others.

States Language specification, "Parallel State"; Step Functions developer guide, "Parallel workflow
state".
"""

import json
from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, job, jsonata, parallel
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

LONG = {"Type": "Wait", "Seconds": 90_000}


def giving(value: Any, seconds: int = 0) -> State:
    """A branch that waits and gives a value."""
    return chain({"Type": "Wait", "Seconds": seconds}, {"Type": "Pass", "Result": value})


def test_outputs_are_in_the_order_of_the_branches(machines: Any) -> None:
    """Whichever ends first; they need not be of one type."""
    state = parallel(giving("slow", 20), giving({"quick": 1}), giving([2]))
    assert machines.output(chain(state)) == ["slow", {"quick": 1}, [2]]


def test_each_branch_has_the_whole_input(machines: Any) -> None:
    """A copy of its own, after InputPath and Parameters."""
    change = chain({"Type": "Pass", "Result": 2, "ResultPath": "$.n"})
    look = chain({"Type": "Wait", "Seconds": 10}, {"Type": "Pass"})
    state = parallel(change, look, InputPath="$.a", Parameters={"n.$": "$.n", "b": 3})
    assert machines.output(chain(state), {"a": {"n": 1}}) == [{"n": 2, "b": 3}, {"n": 1, "b": 3}]


def test_the_outputs_are_selected_and_placed(machines: Any) -> None:
    """By ResultSelector, ResultPath and OutputPath."""
    state = parallel(
        giving(1),
        giving(2),
        ResultSelector={"second.$": "$[1]", "all.$": "$"},
        ResultPath="$.result",
        OutputPath="$.result",
    )
    assert machines.output(chain(state), {"n": 0}) == {"second": 2, "all": [1, 2]}


def test_branches_nest(machines: Any) -> None:
    """A branch may be of branches."""
    inner = chain(parallel(giving(1), giving(2)))
    assert machines.output(chain(parallel(inner, giving(3)))) == [[1, 2], 3]


def test_a_failed_branch_ends_the_others_and_the_state(machines: Any) -> None:
    """At once, with the error of the branch; the others' later states are not entered."""
    state = parallel(chain(fail("A")), chain(LONG, {"Type": "Pass"}))
    arn = machines.start(chain(state))
    ended = machines.end(arn)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "A", "asked to")
    types = [event["type"] for event in machines.events(arn)]
    assert "PassStateEntered" not in types
    assert types[-2:] == ["ParallelStateFailed", "ExecutionFailed"]


def test_a_failed_branch_stops_the_others_jobs(machines: Any, cloud: Any, job_role: str) -> None:
    """Of all that wait within it."""
    state = job(job_role, environment={"SECONDS": "600"})
    first = chain({"Type": "Wait", "Seconds": 50}, fail("A"))
    arn = machines.start(chain(parallel(chain(state), first)))
    assert machines.end(arn)["error"] == "A"
    (submitted,) = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["ProcessingJobArn"]
        for event in machines.events(arn)
        if event["type"] == "TaskSubmitted"
    ]
    name = submitted.rpartition("/")[2]
    sagemaker = cloud.client("sagemaker")

    def status() -> Any:
        return sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]

    assert until(lambda: status() == "Stopped")


def test_a_caught_failure_goes_on(machines: Any) -> None:
    """The other branches are ended all the same."""
    catch = {"ErrorEquals": ["A"], "ResultPath": "$.why", "Next": "S1"}
    state = parallel(chain(fail("A")), chain(LONG), Catch=[catch])
    output = machines.output(chain(state, {"Type": "Pass"}), {"n": 1})
    assert output == {"n": 1, "why": {"Error": "A", "Cause": "asked to"}}


def test_a_branch_that_catches_its_own_failure_ends_nobody(machines: Any) -> None:
    """The state's other branches and the state succeed."""
    catch = {"ErrorEquals": ["A"], "ResultPath": "$.why", "Next": "S1"}
    first = chain(parallel(chain(fail("A")), Catch=[catch]), {"Type": "Pass", "Result": 1})
    assert machines.output(chain(parallel(first, giving(2, 20)))) == [1, 2]


def test_succeed_ends_a_branch_only(machines: Any) -> None:
    """The execution goes on after the state."""
    state = parallel(chain({"Type": "Succeed"}), giving(2))
    assert machines.output(chain(state, {"Type": "Pass"}), 1) == [1, 2]


def test_jsonata(machines: Any) -> None:
    """Arguments, Output and Assign stand for the paths."""
    branch = chain({"Type": "Pass", "Output": "{% $states.input.n + 1 %}"})
    state = parallel(
        branch,
        branch,
        Arguments={"n": "{% $states.input.given %}"},
        Output="{% $sum($states.result) %}",
        Assign={"count": "{% $count($states.result) %}"},
    )
    last = {"Type": "Succeed", "Output": "{% [$states.input, $count] %}"}
    assert machines.output(jsonata(state, last), {"given": 1}) == [4, 2]
