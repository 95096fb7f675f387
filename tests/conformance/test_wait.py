"""Wait: for how long, and until when.

States Language specification, "Wait State"; Step Functions developer guide, "Wait workflow state".
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conformance.asl import State, chain, jsonata
from tests.conformance.conftest import SCALE

pytestmark = pytest.mark.local_cloud


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def waited(machines: Any, machine: State, given: Any = None) -> float:
    """How many seconds the first state took, by the clock of the state machine."""
    arn = machines.start(machine, given)
    assert machines.end(arn)["status"] == "SUCCEEDED"
    entered, left = (
        event["timestamp"]
        for event in machines.events(arn)
        if event["type"] in {"WaitStateEntered", "WaitStateExited"}
    )
    return float((left - entered).total_seconds() / SCALE)


@pytest.mark.parametrize(
    ("fields", "least"),
    [
        pytest.param({"Seconds": 30}, 30, id="Seconds"),
        pytest.param({"SecondsPath": "$.seconds"}, 20, id="SecondsPath"),
        pytest.param({"SecondsPath": "$$.Execution.Input.seconds"}, 20, id="of the context"),
        pytest.param({"InputPath": "$.inner", "SecondsPath": "$.n"}, 10, id="of the chosen input"),
        pytest.param({"Seconds": 0}, 0, id="no time"),
    ],
)
def test_it_takes_the_seconds(machines: Any, fields: State, least: float) -> None:
    """And passes its input on."""
    given = {"seconds": 20, "inner": {"n": 10}}
    assert waited(machines, chain({"Type": "Wait", **fields}), given) >= least - 0.5


@pytest.mark.parametrize("field", ["Timestamp", "TimestampPath"])
def test_it_waits_until_a_time(machines: Any, field: str) -> None:
    """Of the definition or of the input."""
    value = in_seconds(40) if field == "Timestamp" else "$.until"
    machine = chain({"Type": "Wait", field: value})
    assert waited(machines, machine, {"until": in_seconds(40)}) >= 20


@pytest.mark.parametrize(
    "until", ["2016-03-14T01:59:00Z", "2016-03-14T01:59:00.123Z", "2016-03-14T01:59:00+02:00"]
)
def test_a_time_that_has_passed_is_no_wait(machines: Any, until: str) -> None:
    """Its output is its input."""
    machine = chain({"Type": "Wait", "TimestampPath": "$.until"})
    assert machines.output(machine, {"until": until}) == {"until": until}


@pytest.mark.parametrize(
    "given",
    [
        {"SecondsPath": "ten"},
        {"SecondsPath": -1},
        {"SecondsPath": 1.5},
        {"SecondsPath": True},
        {"TimestampPath": "soon"},
        {"TimestampPath": "2016-03-14"},
        {"TimestampPath": 5},
        {"SecondsPath": None},
    ],
    ids=str,
)
def test_what_is_no_time_fails_the_execution(machines: Any, given: State) -> None:
    """As a path that finds nothing does."""
    (field,) = given
    machine = chain({"Type": "Wait", field: f"$.{field}"})
    assert machines.error(machine, given) == "States.Runtime"
    assert machines.error(machine, {}) == "States.Runtime"


@pytest.mark.parametrize(
    "fields",
    [{"Seconds": "{% $states.input.n * 10 %}"}, {"Timestamp": "{% $states.input.until %}"}],
)
def test_jsonata_gives_the_time(machines: Any, fields: State) -> None:
    """Its Output and Assign are those of the state."""
    wait = {"Type": "Wait", **fields, "Output": "{% $states.input.n %}", "Assign": {"v": "kept"}}
    machine = jsonata(wait, {"Type": "Succeed", "Output": "{% [$states.input, $v] %}"})
    given = {"n": 2, "until": "2016-03-14T01:59:00Z"}
    assert machines.output(machine, given) == [2, "kept"]


@pytest.mark.parametrize(
    "fields",
    [{"Seconds": "{% 'ten' %}"}, {"Seconds": "{% -1 %}"}, {"Timestamp": "{% 'soon' %}"}],
    ids=str,
)
def test_a_jsonata_time_that_is_none_fails(machines: Any, fields: State) -> None:
    """By the error of expressions."""
    assert machines.error(jsonata({"Type": "Wait", **fields})) == "States.QueryEvaluationError"
