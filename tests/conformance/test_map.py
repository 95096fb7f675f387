"""Map, inline: its items, what each iteration is given, and how one's failure ends the others.

States Language specification, "Map State"; Step Functions developer guide, "Using Map state in
Inline mode in Step Functions workflows".
"""

from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, item_map, jsonata

pytestmark = pytest.mark.local_cloud

SAME = chain({"Type": "Pass"})


def most_at_a_time(machines: Any, arn: str) -> int:
    """How many iterations of an execution ran at the same time."""
    running, most = 0, 0
    for event in machines.events(arn):
        running += {"MapIterationStarted": 1, "MapIterationSucceeded": -1}.get(event["type"], 0)
        most = max(most, running)
    return most


@pytest.mark.parametrize(
    ("fields", "given", "items"),
    [
        pytest.param({}, [1, "a", None], [1, "a", None], id="the input"),
        pytest.param({"ItemsPath": "$.a.b"}, {"a": {"b": [1]}}, [1], id="ItemsPath"),
        pytest.param({"ItemsPath": "$.a[*].b"}, {"a": [{"b": 1}, {"b": 2}]}, [1, 2], id="many"),
        pytest.param({"ItemsPath": "$$.Execution.Input.b"}, {"b": [3]}, [3], id="of the context"),
        pytest.param(
            {"InputPath": "$.a", "ItemsPath": "$.b"}, {"a": {"b": [4]}}, [4], id="InputPath first"
        ),
        pytest.param({}, [], [], id="none"),
    ],
)
def test_items(machines: Any, fields: State, given: Any, items: list[Any]) -> None:
    """An array of the input; the output has a member for each, in its order."""
    assert machines.output(chain(item_map(SAME, **fields)), given) == items


@pytest.mark.parametrize("given", [{"items": {"a": 1}}, {"items": "abc"}, {"items": None}, {}])
def test_items_that_are_no_array_fail_the_execution(machines: Any, given: Any) -> None:
    """Nothing is made an array."""
    assert machines.error(chain(item_map(SAME, ItemsPath="$.items")), given) == "States.Runtime"


@pytest.mark.parametrize("selector", ["ItemSelector", "Parameters"])
def test_an_iterations_input_is_selected(machines: Any, selector: str) -> None:
    """From the item, its index and the state's input; `Parameters` is the older name."""
    template = {
        "item.$": "$$.Map.Item.Value",
        "index.$": "$$.Map.Item.Index",
        "day.$": "$.day",
        "name.$": "States.Format('{}-{}', $.day, $$.Map.Item.Index)",
    }
    state = item_map(SAME, ItemsPath="$.items", **{selector: template})
    assert machines.output(chain(state), {"items": ["a", "b"], "day": "mon"}) == [
        {"item": "a", "index": 0, "day": "mon", "name": "mon-0"},
        {"item": "b", "index": 1, "day": "mon", "name": "mon-1"},
    ]


def test_the_item_is_known_to_each_state_of_an_iteration(machines: Any) -> None:
    """In the context object; of Maps within Maps the inner one's."""
    look = {"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item.Value"}}
    inner = chain(item_map(chain({"Type": "Pass"}, look)))
    assert machines.output(chain(item_map(inner)), [[1, 2], [3]]) == [
        [{"v": 1}, {"v": 2}],
        [{"v": 3}],
    ]


def test_the_outputs_are_selected_and_placed(machines: Any) -> None:
    """By ResultSelector, ResultPath and OutputPath."""
    state = item_map(
        SAME,
        ItemsPath="$.items",
        ResultSelector={"all.$": "$", "last.$": "$[-1]"},
        ResultPath="$.found",
        OutputPath="$.found",
    )
    assert machines.output(chain(state), {"items": [1, 2]}) == {"all": [1, 2], "last": 2}


def test_an_iterator_is_the_older_name_of_a_processor(machines: Any) -> None:
    """And works as it does."""
    state = {"Type": "Map", "Iterator": SAME}
    assert machines.output(chain(state), [1]) == [1]


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        pytest.param({"MaxConcurrency": 1}, {1}, id="one"),
        pytest.param({"MaxConcurrency": 3}, {2, 3}, id="three"),
        pytest.param({"MaxConcurrencyPath": "$.most"}, {1}, id="by path"),
        pytest.param({"MaxConcurrency": 0}, set(range(4, 7)), id="any number"),
    ],
)
def test_some_iterations_run_at_a_time(machines: Any, fields: State, most: set[int]) -> None:
    """Up to MaxConcurrency; the outputs are in the order of the items."""
    processor = chain({"Type": "Wait", "Seconds": 10})
    state = item_map(processor, ItemsPath="$.items", **fields)
    arn = machines.start(chain(state), {"items": list(range(6)), "most": 1})
    assert machines.end(arn)["output"] == "[0, 1, 2, 3, 4, 5]"
    assert most_at_a_time(machines, arn) in most


def test_inline_iterations_are_forty_at_a_time_at_most(machines: Any) -> None:
    """Whatever MaxConcurrency says: more take a distributed Map."""
    state = item_map(chain({"Type": "Wait", "Seconds": 30}), MaxConcurrency=100)
    arn = machines.start(chain(state), list(range(50)))
    assert machines.end(arn)["status"] == "SUCCEEDED"
    assert most_at_a_time(machines, arn) <= 40


FAILS_AT_TWO = {
    "StartAt": "Which",
    "States": {
        "Which": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$", "NumericEquals": 2, "Next": "Fails"},
                {"Variable": "$", "NumericGreaterThan": 2, "Next": "Long"},
            ],
            "Default": "Short",
        },
        "Fails": fail("A"),
        "Long": {"Type": "Wait", "Seconds": 90_000, "Next": "Short"},
        "Short": {"Type": "Pass", "End": True},
    },
}


def test_a_failed_iteration_ends_the_others_and_the_state(machines: Any) -> None:
    """Those that run are aborted, those to come are never started."""
    arn = machines.start(chain(item_map(FAILS_AT_TWO, MaxConcurrency=2)), [1, 3, 2, 4, 5])
    assert machines.end(arn)["error"] == "A"
    events = machines.events(arn)
    told = [
        (event["type"], details["index"])
        for event in events
        for key, details in event.items()
        if key.startswith("mapIteration")
    ]
    assert {index for kind, index in told if kind == "MapIterationStarted"} == {0, 1, 2}
    assert sorted(told)[:2] == [("MapIterationAborted", 1), ("MapIterationFailed", 2)]
    assert [event["type"] for event in events[-2:]] == ["MapStateFailed", "ExecutionFailed"]


def test_a_caught_failure_goes_on_with_the_states_input(machines: Any) -> None:
    """No output of any iteration is kept."""
    catch = {"ErrorEquals": ["A"], "ResultPath": None, "Next": "S1"}
    state = item_map(FAILS_AT_TWO, Catch=[catch])
    assert machines.output(chain(state, {"Type": "Pass"}), [1, 2]) == [1, 2]


@pytest.mark.parametrize(
    "items", ["{% $states.input.n ~> $map(function($v) {$v * 2}) %}", [2, "{% 2 * 2 %}"]]
)
def test_jsonata(machines: Any, items: Any) -> None:
    """Items, ItemSelector, Output, Assign and MaxConcurrency are expressions or hold such."""
    state = item_map(
        chain({"Type": "Pass"}),
        Items=items,
        ItemSelector={
            "v": "{% $states.context.Map.Item.Value %}",
            "i": "{% $states.context.Map.Item.Index %}",
        },
        MaxConcurrency="{% 1 + 1 %}",
        Output="{% $states.result.(v + i) %}",
        Assign={"count": "{% $count($states.result) %}"},
    )
    last = {"Type": "Succeed", "Output": "{% [$states.input, $count] %}"}
    assert machines.output(jsonata(state, last), {"n": [1, 2]}) == [2, 5, 2]


@pytest.mark.parametrize("items", ["{% 'abc' %}", "{% {'a': 1} %}", "{% $states.input.none %}"])
def test_jsonata_items_that_are_no_array_fail(machines: Any, items: str) -> None:
    """By the error of expressions."""
    state = item_map(SAME, Items=items)
    assert machines.error(jsonata(state), {}) == "States.QueryEvaluationError"
