"""Variables: how they are assigned, and where they are seen.

Step Functions developer guide, "Passing data between states with variables"; States Language
specification, "Variables".
"""

from typing import Any

import pytest

from tests.conformance.asl import chain, fail, item_map, jsonata, parallel
from tests.conformance.gaps import gap

pytestmark = pytest.mark.local_cloud

READ = {"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y"}}
READ_JSONATA = {"Type": "Pass", "Output": {"x": "{% $x %}", "y": "{% $y %}"}}


def test_all_are_assigned_from_the_values_before(machines: Any) -> None:
    """Two that are exchanged do not see one another's new value."""
    first = {"Type": "Pass", "Assign": {"x": 1, "y": 2}}
    swap = {"Type": "Pass", "Assign": {"x.$": "$y", "y.$": "$x"}}
    assert machines.output(chain(first, swap, READ)) == {"x": 2, "y": 1}


def test_all_are_assigned_from_the_values_before_in_jsonata(machines: Any) -> None:
    """There too, and Output sees the values before as well."""
    first = {"Type": "Pass", "Assign": {"x": 1, "y": 2}}
    assign = {"x": "{% $y %}", "y": "{% $x + $states.result.old %}"}
    swap = {"Type": "Pass", "Output": {"old": "{% $x %}"}, "Assign": assign}
    assert machines.output(jsonata(first, swap, READ_JSONATA)) == {"x": 2, "y": 2}


@pytest.mark.parametrize("value", [0, "", False, None, [], {}, {"a": [1, {"b": "c"}]}], ids=repr)
def test_any_json_is_a_value(machines: Any, value: Any) -> None:
    """Null too; a later language reads what an earlier one assigned."""
    first = {"Type": "Pass", "Assign": {"x": value, "y": value}}
    machine = chain(first, {**READ_JSONATA, "QueryLanguage": "JSONata"})
    assert machines.output(machine) == {"x": value, "y": value}


def test_paths_go_on_within_a_variable(machines: Any) -> None:
    """`$x.a[0]`, also in functions, choices and where a path is a field's value."""
    first = {"Type": "Pass", "Assign": {"x": {"a": [{"n": 7}]}, "y": [1, 2]}}
    rule = {"Variable": "$x.a[0].n", "NumericGreaterThanPath": "$y[1]", "Next": "S2"}
    choice = {"Type": "Choice", "Choices": [rule]}
    template = {"n.$": "$x.a[-1].n", "all.$": "States.Array($y[*], $x.a[0])"}
    read = {"Type": "Pass", "InputPath": "$x", "Parameters": template}
    assert machines.output(chain(first, choice, read)) == {"n": 7, "all": [[1, 2], {"n": 7}]}


def test_a_variable_that_was_not_assigned_fails(machines: Any) -> None:
    """In JSONPath as any path that finds nothing, in JSONata as an expression without a value."""
    assert machines.error(chain(READ)) == "States.Runtime"
    assert machines.error(jsonata(READ_JSONATA)) == "States.QueryEvaluationError"


@pytest.mark.parametrize(
    "around",
    [
        lambda inner: parallel(inner, ResultPath="$.r"),
        lambda inner: item_map(inner, ItemsPath="$.items", ResultPath="$.r"),
    ],
    ids=["Parallel", "Map"],
)
def test_inner_states_read_what_is_around_and_keep_their_own(machines: Any, around: Any) -> None:
    """A name of an inner scope is not seen outside."""
    first = {"Type": "Pass", "Assign": {"x": "outer"}}
    inner = chain(
        {"Type": "Pass", "Assign": {"mine.$": "States.Format('{}!', $x)"}},
        {"Type": "Pass", "InputPath": "$mine"},
    )
    read = {"Type": "Pass", "InputPath": "$.r"}
    assert machines.output(chain(first, around(inner), read), {"items": [1]}) == ["outer!"]
    leak = {"Type": "Pass", "InputPath": "$mine"}
    assert machines.error(chain(first, around(inner), leak), {"items": [1]}) == "States.Runtime"


def test_branches_do_not_see_one_anothers_variables(machines: Any) -> None:
    """Nor do the iterations of a Map."""
    inner = chain(
        {"Type": "Pass", "Assign": {"mine.$": "$"}},
        {"Type": "Wait", "Seconds": 1},
        {"Type": "Pass", "InputPath": "$mine"},
    )
    items = [1, 2, 3, 4]
    assert machines.output(chain(item_map(inner, ItemsPath="$.items")), {"items": items}) == items


def test_a_parallel_assigns_from_its_results(machines: Any) -> None:
    """`$` in its Assign is the list of results; that is how a branch's value gets out."""
    inner = chain({"Type": "Pass", "Result": {"n": 5}})
    state = parallel(inner, Assign={"x.$": "$[0].n", "y.$": "States.ArrayLength($)"})
    assert machines.output(chain(state, READ)) == {"x": 5, "y": 1}


def test_a_map_assigns_from_its_results_in_jsonata(machines: Any) -> None:
    """As `$states.result`, with the input it had as `$states.input`."""
    inner = chain({"Type": "Pass"})
    assign = {"x": "{% $sum($states.result) %}", "y": "{% $count($states.input.items) %}"}
    state = item_map(inner, Items="{% $states.input.items %}", Assign=assign)
    assert machines.output(jsonata(state, READ_JSONATA), {"items": [1, 2]}) == {"x": 3, "y": 2}


def test_a_failed_state_assigns_nothing(machines: Any) -> None:
    """Its catcher assigns instead."""
    first = {"Type": "Pass", "Assign": {"x": "before", "y": "before"}}
    catcher = {"ErrorEquals": ["Own"], "Next": "S2", "Assign": {"y.$": "$.Error"}}
    failing = parallel(chain(fail("Own")), Assign={"x": "never"}, Catch=[catcher])
    assert machines.output(chain(first, failing, READ)) == {"x": "before", "y": "Own"}


def test_a_catcher_of_a_jsonata_state_among_others_assigns(machines: Any) -> None:
    """A catcher's language is its state's, whatever the machine's is."""
    catcher = {
        "ErrorEquals": ["States.ALL"],
        "Next": "S1",
        "Assign": {"x": "{% $states.errorOutput.Error %}", "y": "{% $states.input.n %}"},
    }
    failing = parallel(chain(fail("Own")), QueryLanguage="JSONata", Catch=[catcher])
    assert machines.output(chain(failing, READ), {"n": 1}) == {"x": "Own", "y": 1}


def test_a_rule_of_a_jsonata_choice_among_others_assigns(machines: Any) -> None:
    """A rule's too; Assign of the state itself is for the default."""
    rule = {"Condition": "{% $states.input.n = 1 %}", "Next": "S1", "Assign": {"x": "rule"}}
    choice = {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [rule],
        "Default": "S1",
        "Assign": {"x": "default"},
    }
    machine = chain(choice, {"Type": "Pass", "InputPath": "$x"})
    assert machines.output(machine, {"n": 1}) == "rule"
    assert machines.output(machine, {"n": 2}) == "default"


@gap("Variables in the history")
def test_the_history_tells_what_was_assigned(machines: Any) -> None:
    """In the event that leaves the state, each value in JSON."""
    arn = machines.start(chain({"Type": "Pass", "Assign": {"x": {"a": 1}}}))
    machines.end(arn)
    (left,) = [event for event in machines.events(arn) if event["type"] == "PassStateExited"]
    assert left["stateExitedEventDetails"]["assignedVariables"] == {"x": '{"a":1}'}


@gap("Variables in DescribeStateMachine")
def test_a_machine_tells_who_reads_its_variables(machines: Any, states: Any) -> None:
    """By the state's name."""
    first = {"Type": "Pass", "Assign": {"x": 1, "y": 2}}
    described = states.describe_state_machine(stateMachineArn=machines.create(chain(first, READ)))
    assert described["variableReferences"] == {"S1": ["x", "y"]}
