"""Catch: which errors lead on, and what the next state is given.

States Language specification, "Fallback states"; Step Functions developer guide, "Handling errors
in Step Functions workflows", section "Fallback states".
"""

import json
from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, item_map, job, jsonata, parallel

pytestmark = pytest.mark.local_cloud

TOLD = {"Error": "A", "Cause": "asked to"}


def catcher(*errors: str, **others: Any) -> State:
    return {"ErrorEquals": list(errors), "Next": "S1", **others}


def failing(*catchers: State, error: str = "A", **others: Any) -> State:
    return parallel(chain(fail(error)), Catch=list(catchers), **others)


@pytest.mark.parametrize(
    ("where", "output"),
    [
        pytest.param({}, TOLD, id="by default"),
        pytest.param({"ResultPath": "$"}, TOLD, id="the whole"),
        pytest.param({"ResultPath": "$.why"}, {"n": 1, "why": TOLD}, id="beside the input"),
        pytest.param({"ResultPath": "$.n"}, {"n": TOLD}, id="over the input"),
        pytest.param({"ResultPath": "$.a.b"}, {"n": 1, "a": {"b": TOLD}}, id="deep"),
        pytest.param({"ResultPath": None}, {"n": 1}, id="nowhere"),
    ],
)
def test_the_error_goes_where_the_path_says(machines: Any, where: State, output: Any) -> None:
    """ResultPath of the catcher, not that of the state, puts the error into the state's input."""
    state = failing(catcher("A", **where), ResultPath="$.never", InputPath="$.n")
    assert machines.output(chain(state, {"Type": "Pass"}), {"n": 1}) == output


@pytest.mark.parametrize(
    ("catchers", "output"),
    [
        pytest.param([catcher("B"), catcher("A", ResultPath="$.second")], "second", id="the named"),
        pytest.param(
            [catcher("A", ResultPath="$.first"), catcher("A", ResultPath="$.second")],
            "first",
            id="the first",
        ),
        pytest.param([catcher("B", "A", ResultPath="$.list")], "list", id="of several"),
        pytest.param(
            [catcher("B"), catcher("States.ALL", ResultPath="$.all")], "all", id="States.ALL"
        ),
        pytest.param(
            [catcher("States.TaskFailed", ResultPath="$.task")], "task", id="States.TaskFailed"
        ),
    ],
)
def test_the_first_catcher_that_names_the_error_has_it(
    machines: Any, catchers: list[State], output: str
) -> None:
    """In their order."""
    assert list(machines.output(chain(failing(*catchers), {"Type": "Pass"}))) == [output]


def test_an_error_that_no_catcher_names_fails_the_execution(machines: Any) -> None:
    """As it would without them; names are whole names."""
    assert machines.error(chain(failing(catcher("B", "a", "AA")), {"Type": "Pass"})) == "A"


def test_a_caught_error_leads_to_the_catchers_next_state(machines: Any) -> None:
    """And not to the state's own."""
    state = failing({**catcher("A"), "Next": "S2"})
    machine = chain(state, fail("Wrong"), {"Type": "Pass", "Result": "caught"})
    assert machines.output(machine) == "caught"


def test_an_error_after_a_caught_one_is_its_own(machines: Any) -> None:
    """The catcher's next state is no part of the state that failed."""
    assert machines.error(chain(failing(catcher("States.ALL")), fail("B"))) == "B"


def test_a_jsonata_catcher_makes_its_output(machines: Any) -> None:
    """From the error and the state's input."""
    made = {"why": "{% $states.errorOutput.Error %}", "n": "{% $states.input.n %}"}
    machine = jsonata(failing(catcher("A", Output=made)), {"Type": "Pass"})
    assert machines.output(machine, {"n": 1}) == {"why": "A", "n": 1}


def test_a_jsonata_catcher_gives_the_error_by_default(machines: Any) -> None:
    """Which has the same members as in JSONPath."""
    assert machines.output(jsonata(failing(catcher("A")), {"Type": "Pass"})) == TOLD


@pytest.mark.parametrize(
    ("language", "assigned", "read"),
    [
        ("JSONPath", {"why.$": "$.Error"}, {"Parameters": {"why.$": "$why"}}),
        (
            "JSONata",
            {"why": "{% $states.errorOutput.Error %}"},
            {"Output": {"why": "{% $why %}"}},
        ),
    ],
)
def test_a_catcher_assigns_variables(
    machines: Any, language: str, assigned: State, read: State
) -> None:
    """From the error; those of the state itself are not assigned when it fails."""
    state = failing(catcher("A", Assign=assigned), Assign={"why": "not this"})
    machine = chain(state, {"Type": "Pass", **read}, QueryLanguage=language)
    assert machines.output(machine) == {"why": "A"}


def test_a_map_catches_what_an_iteration_fails_with(machines: Any) -> None:
    """One catcher for all of them."""
    state = item_map(chain(fail("A")), Catch=[catcher("A", ResultPath=None)])
    assert machines.output(chain(state, {"Type": "Pass"}), [1, 2]) == [1, 2]


def test_a_nested_state_catches_before_the_one_around_it(machines: Any) -> None:
    """What is caught within is no failure outside."""
    inner = chain(failing(catcher("A")), {"Type": "Pass", "Result": "inner"})
    state = parallel(inner, Catch=[{**catcher("States.ALL"), "Next": "S1"}])
    assert machines.output(chain(state, {"Type": "Pass"})) == ["inner"]


def test_a_failed_jobs_cause_is_its_description(machines: Any, job_role: str) -> None:
    """In JSON, which a state can read."""
    state = {
        **job(job_role, environment={"OUTCOME": "Failed"}),
        "Catch": [catcher("States.TaskFailed")],
    }
    read = {"Type": "Pass", "Parameters": {"job.$": "States.StringToJson($.Cause)"}}
    found = machines.output(chain(state, read))["job"]
    assert (found["ProcessingJobStatus"], found["FailureReason"]) == (
        "Failed",
        "AlgorithmError: asked to fail",
    )


def test_a_request_that_is_refused_is_caught_by_its_name(machines: Any, job_role: str) -> None:
    """The service's error, with the service's name before it."""
    state = {
        **job(job_role, environment={"CREATE_ERROR": "ResourceLimitExceeded"}),
        "Catch": [catcher("SageMaker.ResourceLimitExceededException", ResultPath="$.why")],
    }
    found = machines.output(chain(state, {"Type": "Pass"}))["why"]
    assert found["Cause"].startswith("refused as asked (Service: AmazonSageMaker; Status Code: 400")


def test_an_intrinsic_functions_failure_is_caught(machines: Any, job_role: str) -> None:
    """States.IntrinsicFailure of a task's Parameters is an error as any other."""
    state = job(job_role) | {
        "Parameters": {"ProcessingJobName.$": "States.ArrayGetItem($.list, 5)"},
        "Catch": [catcher("States.IntrinsicFailure")],
    }
    found = machines.output(chain(state, {"Type": "Pass"}), {"list": [1]})
    assert found["Error"] == "States.IntrinsicFailure"


def test_what_a_catcher_did_is_in_the_history(machines: Any) -> None:
    """The state is left with the error as its output."""
    arn = machines.start(chain(failing(catcher("A")), {"Type": "Pass"}))
    machines.end(arn)
    (left,) = [
        event["stateExitedEventDetails"]
        for event in machines.events(arn)
        if event["type"] == "ParallelStateExited"
    ]
    assert (left["name"], json.loads(left["output"])) == ("S0", TOLD)
