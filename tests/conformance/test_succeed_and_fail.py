"""Succeed and Fail states: the ends of an execution.

States Language specification, "Succeed State" and "Fail State"; Step Functions developer guide,
"Succeed workflow state" and "Fail workflow state".
"""

from typing import Any

import pytest

from tests.conformance.asl import chain, fail, jsonata

pytestmark = pytest.mark.local_cloud


def test_succeed_gives_its_input(machines: Any) -> None:
    """InputPath and OutputPath choose what of it."""
    state = {"Type": "Succeed", "InputPath": "$.a", "OutputPath": "$.b"}
    assert machines.output(chain(state), {"a": {"b": [1]}}) == [1]


def test_succeed_gives_its_output_in_jsonata(machines: Any) -> None:
    """Output stands for what the state gives."""
    state = {"Type": "Succeed", "Output": {"n": "{% $states.input.n + 1 %}"}}
    assert machines.output(jsonata(state), {"n": 1}) == {"n": 2}


def test_fail_ends_the_execution_with_its_error(machines: Any) -> None:
    """Its error and cause are the execution's, which has no output."""
    ended = machines.run(chain(fail("My.Error", "this is why")))
    assert (ended["status"], ended["error"], ended["cause"]) == (
        "FAILED",
        "My.Error",
        "this is why",
    )
    assert "output" not in ended
