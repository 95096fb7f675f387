"""The context object, `$$` and `$states.context`.

Step Functions developer guide, "Accessing execution data from the Context object".
"""

import json
import re
from typing import Any

import pytest

from tests.conformance.asl import chain, item_map, jsonata, parallel

pytestmark = pytest.mark.local_cloud

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
WHOLE = [
    chain({"Type": "Pass", "InputPath": "$$"}),
    jsonata({"Type": "Pass", "Output": "{% $states.context %}"}),
]


@pytest.mark.parametrize("machine", WHOLE, ids=["JSONPath", "JSONata"])
def test_the_context_is_of_the_execution(machines: Any, machine: dict[str, Any]) -> None:
    """Its members, and no others."""
    arn = machines.start(machine, {"a": 1})
    context = json.loads(machines.end(arn)["output"])
    times = [context["Execution"].pop("StartTime"), context["State"].pop("EnteredTime")]
    assert all(TIME.fullmatch(time) for time in times)
    *_, machine_name, name = arn.split(":")
    assert context == {
        "Execution": {
            "Id": arn,
            "Input": {"a": 1},
            "Name": name,
            "RedriveCount": 0,
            "RoleArn": "arn:aws:iam::000000000000:role/machine",
        },
        "State": {"Name": "S0"},
        "StateMachine": {
            "Id": arn.replace(":execution:", ":stateMachine:").removesuffix(f":{name}"),
            "Name": machine_name,
        },
    }


def test_states_that_cannot_be_retried_have_no_count(machines: Any) -> None:
    """RetryCount is of Task, Parallel and Map states only."""
    state = {"Type": "Pass", "InputPath": "$$.State"}
    assert machines.output(chain(state)).keys() == {"Name", "EnteredTime"}


def test_the_context_is_of_the_state_it_is_read_in(machines: Any) -> None:
    """In a branch, of the branch's state; after it, of the state itself."""
    read = chain({"Type": "Pass", "Parameters": {"inner.$": "$$.State.Name"}})
    selector = {"inner.$": "$[0].inner", "outer.$": "$$.State.Name"}
    output = machines.output(chain({"Type": "Pass"}, parallel(read, ResultSelector=selector)))
    assert output == {"inner": "S0'", "outer": "S1"}


def test_an_iteration_sees_its_item(machines: Any) -> None:
    """Map.Item has its index and its value, in the selector and in the iteration's states."""
    inner = chain({"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item"}})
    items = machines.output(chain(item_map(inner, ItemsPath="$.items")), {"items": ["a", {"b": 1}]})
    assert [one["item"]["Index"] for one in items] == [0, 1]
    assert [one["item"]["Value"] for one in items] == ["a", {"b": 1}]


def test_an_iteration_sees_its_item_in_jsonata(machines: Any) -> None:
    """By `$states.context.Map.Item`."""
    inner = chain({"Type": "Pass"})
    selector = {
        "index": "{% $states.context.Map.Item.Index %}",
        "value": "{% $states.context.Map.Item.Value * 2 %}",
        "of": "{% $states.input.of %}",
    }
    state = item_map(inner, Items="{% $states.input.items %}", ItemSelector=selector)
    assert machines.output(jsonata(state), {"items": [1, 2], "of": "x"}) == [
        {"index": 0, "value": 2, "of": "x"},
        {"index": 1, "value": 4, "of": "x"},
    ]


def test_there_is_no_item_outside_a_map(machines: Any) -> None:
    """A path to it finds nothing."""
    assert machines.error(chain({"Type": "Pass", "InputPath": "$$.Map"})) == "States.Runtime"
