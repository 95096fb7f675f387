"""Retry: which errors are tried again, how often and when.

States Language specification, "Retrying after error"; Step Functions developer guide, "Handling
errors in Step Functions workflows", sections "Retrying after an error" and "Error names".
"""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.conformance.asl import (
    State,
    apart,
    attempts,
    chain,
    fail,
    item_map,
    job,
    jsonata,
    parallel,
)
from tests.conformance.conftest import SCALE

pytestmark = pytest.mark.local_cloud


def retrier(*errors: str, **others: Any) -> State:
    return {"ErrorEquals": list(errors), **others}


def retries(machines: Any, errors: str, *retriers: State) -> int | str:
    """How often a state that fails with these errors was retried; or how it failed in the end."""
    ended = machines.run(chain(attempts(*errors.split(), Retry=list(retriers))))
    if ended["status"] == "FAILED":
        return str(ended["error"])
    return int(json.loads(ended["output"])[0]["attempt"])


def pauses(machines: Any, errors: str, one: State) -> list[float]:
    """The seconds between the attempts of a state, by the clock of the state machine."""
    arn = machines.start(chain(attempts(*errors.split(), Retry=[one])))
    assert machines.end(arn)["status"] == "SUCCEEDED"
    began = [
        event["timestamp"].timestamp()
        for event in machines.events(arn)
        if event["type"] == "ChoiceStateEntered"
    ]
    return [(later - before) / SCALE for before, later in pairwise(began)]


@pytest.mark.parametrize(
    ("errors", "retriers", "outcome"),
    [
        pytest.param("A", [], "A", id="none"),
        pytest.param("A A A", [retrier("A")], 3, id="three times by default"),
        pytest.param("A A A A", [retrier("A")], "A", id="no fourth time"),
        pytest.param("A A A A", [retrier("A", MaxAttempts=4)], 4, id="MaxAttempts"),
        pytest.param("A", [retrier("A", MaxAttempts=0)], "A", id="MaxAttempts of 0"),
        pytest.param("B", [retrier("A")], "B", id="another error"),
        pytest.param("A B", [retrier("A", "B")], 2, id="one of several errors"),
        pytest.param("A B", [retrier("States.ALL")], 2, id="States.ALL"),
        pytest.param("A B", [retrier("States.TaskFailed")], 2, id="States.TaskFailed"),
        pytest.param(
            "A", [retrier("A", MaxAttempts=0), retrier("States.ALL")], "A", id="the first decides"
        ),
        pytest.param(
            "B",
            [retrier("A", MaxAttempts=0), retrier("States.ALL")],
            1,
            id="the first that matches",
        ),
        pytest.param(
            "A B A B",
            [retrier("A", MaxAttempts=2), retrier("B", MaxAttempts=2)],
            4,
            id="each counts its own",
        ),
        pytest.param(
            "A B A A",
            [retrier("A", MaxAttempts=2), retrier("B", MaxAttempts=2)],
            "A",
            id="and is used up on its own",
        ),
    ],
)
def test_which_errors_are_tried_again(
    machines: Any, errors: str, retriers: list[State], outcome: int | str
) -> None:
    """The first retrier that names the error decides, up to its own number of attempts."""
    assert retries(machines, errors, *retriers) == outcome


@pytest.mark.parametrize(
    ("one", "least"),
    [
        pytest.param({}, [1, 2, 4], id="by default"),
        pytest.param({"IntervalSeconds": 3}, [3, 6, 12], id="IntervalSeconds"),
        pytest.param({"IntervalSeconds": 4, "BackoffRate": 1}, [4, 4, 4], id="BackoffRate of 1"),
        pytest.param({"IntervalSeconds": 4, "BackoffRate": 1.5}, [4, 6, 9], id="BackoffRate"),
        pytest.param(
            {"IntervalSeconds": 1, "BackoffRate": 9, "MaxDelaySeconds": 20},
            [1, 9, 20],
            id="MaxDelaySeconds",
        ),
        pytest.param({"IntervalSeconds": 70, "BackoffRate": 1}, [70] * 3, id="beyond a minute"),
    ],
)
def test_each_pause_is_longer_than_the_one_before(
    machines: Any, one: State, least: list[float]
) -> None:
    """By BackoffRate, up to MaxDelaySeconds."""
    found = pauses(machines, "A A A", retrier("A", **one))
    assert [pause >= bound - 0.5 for pause, bound in zip(found, least, strict=True)] == [True] * 3


def test_no_pause_is_longer_than_the_longest(machines: Any) -> None:
    """MaxDelaySeconds holds for the first one too: else this would take days."""
    one = retrier("A", IntervalSeconds=10**7, MaxDelaySeconds=10)
    assert retries(machines, "A A", one) == 2


def test_full_jitter_shortens_pauses(machines: Any) -> None:
    """Each lasts between nothing and what it would have lasted."""
    one = retrier("A", IntervalSeconds=30, BackoffRate=1, MaxAttempts=8, JitterStrategy="FULL")
    found = pauses(machines, " ".join("A" * 8), one)
    assert min(found) < 28


def test_the_count_is_in_the_context_object(machines: Any) -> None:
    """RetryCount, which JSONata reads too."""
    read = "{% $states.context.State.RetryCount %}"
    branch = jsonata(
        {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input < 2 %}", "Next": "S1"}],
            "Default": "S2",
        },
        fail("A"),
        {"Type": "Succeed"},
    )
    del branch["QueryLanguage"]
    state = parallel(branch, Arguments=read, Retry=[retrier("A")])
    assert machines.output(jsonata(state)) == [2]


def test_a_state_that_is_entered_again_counts_anew(machines: Any) -> None:
    """Retries are of one visit of the state."""
    state = attempts("A", Retry=[retrier("A", MaxAttempts=1)], Next="Twice")
    twice = {"Variable": "$[0].attempt", "NumericEquals": 1, "Next": "Again"}
    visits = {
        "First": state,
        "Twice": {"Type": "Choice", "Choices": [twice]},
        "Again": {**state, "Next": "Done"},
        "Done": {"Type": "Succeed"},
    }
    machine = apart({"StartAt": "First", "States": visits})
    assert machines.output(machine) == [{"attempt": 1}]


def test_all_of_a_map_is_run_again(machines: Any) -> None:
    """Its iterations are those of another attempt."""
    inner = chain(
        {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.attempt", "NumericEquals": 0},
                        {"Variable": "$.item", "NumericEquals": 1},
                    ],
                    "Next": "S1",
                }
            ],
            "Default": "S2",
        },
        fail("A"),
        {"Type": "Succeed"},
    )
    selector = {"attempt.$": "$$.State.RetryCount", "item.$": "$$.Map.Item.Value"}
    state = item_map(inner, ItemSelector=selector, Retry=[retrier("A")])
    assert machines.output(chain(state), [1, 2]) == [
        {"attempt": 1, "item": 1},
        {"attempt": 1, "item": 2},
    ]


def test_a_failed_job_is_tried_again_as_another_one(machines: Any, job_role: str) -> None:
    """Parameters are filled once more, and then the catcher has the error."""
    state = {
        **job(job_role, environment={"OUTCOME": "Failed"}),
        "Retry": [retrier("States.TaskFailed", MaxAttempts=1)],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    }
    arn = machines.start(chain(state, {"Type": "Pass"}))
    assert json.loads(machines.end(arn)["output"])["Error"] == "States.TaskFailed"
    submitted = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["ProcessingJobArn"]
        for event in machines.events(arn)
        if event["type"] == "TaskSubmitted"
    ]
    assert len(set(submitted)) == 2


@pytest.mark.parametrize(
    ("named", "tries"),
    [("States.Timeout", 2), ("States.ALL", 2), ("States.TaskFailed", 1)],
)
def test_a_timeout_is_no_failed_task(machines: Any, job_role: str, named: str, tries: int) -> None:
    """States.TaskFailed stands for every error but States.Timeout."""
    state = {
        **job(job_role, environment={"SECONDS": "60"}),
        "TimeoutSeconds": 1,
        "Retry": [retrier(named, MaxAttempts=1)],
    }
    arn = machines.start(chain(state))
    assert machines.end(arn)["error"] == "States.Timeout"
    types = [event["type"] for event in machines.events(arn)]
    assert types.count("TaskTimedOut") == tries
