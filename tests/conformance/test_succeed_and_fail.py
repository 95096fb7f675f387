"""Succeed and Fail states: the ends of an execution.

States Language specification, "Succeed State" and "Fail State"; Step Functions developer guide,
"Succeed workflow state" and "Fail workflow state".
"""

from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, jsonata, parallel

pytestmark = pytest.mark.local_cloud


def test_succeed_gives_its_input(machines: Any) -> None:
    """InputPath and OutputPath choose what of it."""
    state = {"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}
    assert machines.output(chain(state), {"a": {"b": [1]}}) == [1]


def test_succeed_gives_its_output_in_jsonata(machines: Any) -> None:
    """Output stands for what the state gives."""
    state = {"Type": "Succeed", "Output": {"n": "{% $states.input.n + 1 %}"}}
    assert machines.output(jsonata(state), {"n": 1}) == {"n": 2}


@pytest.mark.parametrize(
    ("fields", "error", "cause"),
    [
        pytest.param({"Error": "My.Error", "Cause": "why"}, "My.Error", "why", id="both"),
        pytest.param({"Error": "My.Error"}, "My.Error", None, id="no cause"),
        pytest.param({"Cause": "why"}, None, "why", id="no error"),
        pytest.param({}, None, None, id="neither"),
        pytest.param({"ErrorPath": "$.e", "CausePath": "$.c"}, "E1", "C1", id="paths"),
        pytest.param(
            {"ErrorPath": "$$.Execution.Input.e", "CausePath": "States.Format('{}!', $.c)"},
            "E1",
            "C1!",
            id="the context and a function",
        ),
    ],
)
def test_fail_ends_the_execution(
    machines: Any, fields: State, error: str | None, cause: str | None
) -> None:
    """With the state's error and cause, and without an output."""
    ended = machines.run(chain({"Type": "Fail", **fields}), {"e": "E1", "c": "C1"})
    assert (ended["status"], ended.get("error"), ended.get("cause")) == ("FAILED", error, cause)
    assert "output" not in ended


def test_an_error_is_a_text(machines: Any) -> None:
    """Nothing else is made one."""
    assert machines.error(chain({"Type": "Fail", "ErrorPath": "$.n"}), {"n": 1}) == "States.Runtime"


def test_jsonata_gives_error_and_cause(machines: Any) -> None:
    """As expressions."""
    state = {"Type": "Fail", "Error": "{% 'E' & $states.input.n %}", "Cause": "{% 'why' %}"}
    ended = machines.run(jsonata(state), {"n": 1})
    assert (ended["error"], ended["cause"]) == ("E1", "why")


def test_a_failure_without_a_name_is_caught_by_the_wildcard(machines: Any) -> None:
    """And by no other name."""
    state = parallel(
        chain({"Type": "Fail"}),
        Catch=[
            {"ErrorEquals": ["States.Fail"], "Next": "S1"},
            {"ErrorEquals": ["States.ALL"], "Next": "S2"},
        ],
    )
    last = {"Type": "Pass", "Result": "caught"}
    assert machines.output(chain(state, fail("Wrong"), last)) == "caught"
