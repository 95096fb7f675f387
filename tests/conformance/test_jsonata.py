"""JSONata in states: fields, `$states`, the functions of Step Functions' own, and failures.

Step Functions developer guide, "Transforming data with JSONata"; JSONata 2.0.6.
"""

import hashlib
import uuid
from typing import Any

import pytest

from tests.conformance.asl import chain, fail, item_map, jsonata, parallel

pytestmark = pytest.mark.local_cloud

GIVEN = {
    "n": 5,
    "half": 1.5,
    "s": "abc",
    "nil": None,
    "items": [{"name": "a", "price": 1}, {"name": "b", "price": 7}],
    "one": [{"name": "x"}],
    "list": [3, 1, 2],
    "json": '{"a": [1, null]}',
}
GIVES = {
    "$states.input.n": 5,
    "$states.input.n + 1": 6,
    "$states.input.n / 2": 2.5,
    "10 / 5": 2,
    "$states.input.nil": None,
    "$states.input.s & '-' & $string($states.input.n)": "abc-5",
    "$states.input.items.name": ["a", "b"],
    "$states.input.items[price > 1].name": "b",
    "$states.input.one.name": "x",
    "$states.input.one.name[]": ["x"],
    "$states.input.items[0].name": "a",
    "$states.input.list[-1]": 2,
    "$sort($states.input.list)": [1, 2, 3],
    "$sum($states.input.items.price)": 8,
    "$map($states.input.list, function($v) { $v * 2 })": [6, 2, 4],
    "$filter($states.input.list, function($v) { $v > 1 })": [3, 2],
    "$merge([{'a': 1}, {'b': 2}])": {"a": 1, "b": 2},
    "$exists($states.input.nothing) ? 'yes' : 'no'": "no",
    "($x := $states.input.n; $x * $x)": 25,
    "$states.input.items.{'key': name}": [{"key": "a"}, {"key": "b"}],
    "$lookup($states.input, 's')": "abc",
    "$partition([1, 2, 3, 4, 5], 2)": [[1, 2], [3, 4], [5]],
    "$partition([1, 2, 3], 2.9)": [[1, 2], [3]],
    "$range(0, 10, 5)": [0, 5, 10],
    "$range(3, 1, -1)": [3, 2, 1],
    "$hash($states.input.s, 'SHA-256')": hashlib.sha256(b"abc").hexdigest(),
    "$hash('abc', 'SHA-512')": hashlib.sha512(b"abc").hexdigest(),
    "$parse($states.input.json)": {"a": [1, None]},
    "$parse('7')": 7,
    "$random(3) = $random(3)": True,
    "$random() >= 0 and $random() < 1": True,
    "$type($states.context.Execution.Id)": "string",
    "[]": [],
    "{}": {},
    "null": None,
    "false": False,
}


@pytest.fixture(scope="module")
def given(machines: Any) -> list[Any]:
    """What all the expressions give, in one execution."""
    output = [f"{{% {expression} %}}" for expression in GIVES]
    return list(machines.output(jsonata({"Type": "Pass", "Output": output}), GIVEN))


@pytest.mark.parametrize("expression", GIVES)
def test_an_expression_gives(given: list[Any], expression: str) -> None:
    """A sequence of one is its value, as JSONata has it."""
    assert given[list(GIVES).index(expression)] == GIVES[expression]


FAILS = {
    "$states.input.nothing": "returned nothing (undefined).",
    "$states.result": "returned nothing (undefined).",
    "$nothing": "returned nothing (undefined).",
    "$states.input.items[price > 9]": "returned nothing (undefined).",
    "$states.input.s + 1": "threw an error during evaluation. T2001: ",
    "$states.input.n > 'a'": "threw an error during evaluation. T2009: ",
    "$nothing()": "threw an error during evaluation. T1006: ",
    "$eval('1+1')": "threw an error during evaluation. T1006: ",
    "$parse('{')": "threw an error during evaluation. ",
    "$hash('abc', 'SHA-3')": "threw an error during evaluation. ",
    "$range(1, 2, 0)": "threw an error during evaluation. ",
    "$partition([1], 0)": "threw an error during evaluation. ",
    "$error('own')": "threw an error during evaluation. ",
    "function($x) { $x }": "returned an unsupported result type.",
}


@pytest.fixture(scope="module")
def failed(machines: Any) -> list[str]:
    """The executions of expressions that fail, all under way at once."""
    states = [{"Type": "Pass", "Output": {"a": [f"{{% {one} %}}"]}} for one in FAILS]
    return [machines.start(jsonata(state), GIVEN) for state in states]


@pytest.mark.parametrize("expression", FAILS)
def test_an_expression_fails(machines: Any, failed: list[str], expression: str) -> None:
    """It is States.QueryEvaluationError; the cause names the expression and its place."""
    ended = machines.end(failed[list(FAILS).index(expression)])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert ended["cause"].startswith(
        "An error occurred while executing the state 'S0' (entered at the event id #2). The "
        f"JSONata expression '{expression}' specified for the field 'Output/a[0]' "
        f"{FAILS[expression]}"
    )


def test_a_failed_expression_is_caught(machines: Any) -> None:
    """States.ALL catches it, and so does its own name."""
    failing = chain({"Type": "Pass", "Output": "{% $states.input.nothing %}"})
    read = {"Type": "Pass", "Output": "{% $states.input.Error %}"}
    for name in ("States.ALL", "States.QueryEvaluationError"):
        caught = parallel(failing, Catch=[{"ErrorEquals": [name], "Next": "S1"}])
        assert machines.output(jsonata(caught, read)) == "States.QueryEvaluationError"


def test_uuids_are_of_version_4(machines: Any) -> None:
    """And differ at each call."""
    state = {"Type": "Pass", "Output": ["{% $uuid() %}", "{% $uuid() %}"]}
    first, second = machines.output(jsonata(state))
    assert first != second
    assert {uuid.UUID(one).version for one in (first, second)} == {4}


@pytest.mark.parametrize(
    ("output", "given"),
    [
        ("text", "text"),
        ({"a": ["$.n", "{% $states.input.n %}", 1]}, {"a": ["$.n", 5, 1]}),
        ("x {% $states.input.n %}", "x {% $states.input.n %}"),
        ("{%$states.input.n%}", 5),
        (None, None),
        (7, 7),
    ],
    ids=repr,
)
def test_only_a_whole_string_is_an_expression(machines: Any, output: Any, given: Any) -> None:
    """Anything else stands for itself, at any depth."""
    assert machines.output(jsonata({"Type": "Pass", "Output": output}), GIVEN) == given


def test_a_state_without_output_gives_its_input(machines: Any) -> None:
    """A Pass, a Wait, a Succeed and a Choice."""
    rule = {"Condition": "{% true %}", "Next": "S2"}
    states = ({"Type": "Wait", "Seconds": 0}, {"Type": "Choice", "Choices": [rule]})
    machine = jsonata(*states, {"Type": "Pass"}, {"Type": "Succeed"})
    assert machines.output(machine, GIVEN) == GIVEN


def test_arguments_are_a_branchs_input(machines: Any) -> None:
    """Output and Assign see the results as `$states.result`, the input as `$states.input`."""
    state = parallel(
        chain({"Type": "Pass", "Output": "{% $states.input.m * 2 %}"}),
        chain({"Type": "Pass"}),
        Arguments={"m": "{% $states.input.n %}"},
        Output={"results": "{% $states.result %}", "n": "{% $states.input.n %}"},
    )
    assert machines.output(jsonata(state), GIVEN) == {"results": [10, {"m": 5}], "n": 5}


def test_a_maps_output_sees_its_results(machines: Any) -> None:
    """And its input is what it was."""
    inner = chain({"Type": "Pass", "Output": "{% $states.input + 1 %}"})
    output = {"sum": "{% $sum($states.result) %}", "s": "{% $states.input.s %}"}
    state = item_map(inner, Items="{% $states.input.list %}", Output=output)
    assert machines.output(jsonata(state), GIVEN) == {"sum": 9, "s": "abc"}


def test_a_choice_chooses_by_conditions(machines: Any) -> None:
    """The first that holds; its own Output is given."""
    rules = [
        {"Condition": "{% $states.input.n > 9 %}", "Next": "S1", "Output": "large"},
        {"Condition": "{% $states.input.n > 4 %}", "Next": "S1", "Output": "middle"},
        {"Condition": "{% true %}", "Next": "S1", "Output": "small"},
    ]
    machine = jsonata({"Type": "Choice", "Choices": rules}, {"Type": "Pass"})
    assert machines.output(machine, GIVEN) == "middle"


def test_a_condition_must_be_a_boolean(machines: Any) -> None:
    """Another type is States.QueryEvaluationError."""
    rule = {"Condition": "{% $states.input.n %}", "Next": "S1"}
    machine = jsonata({"Type": "Choice", "Choices": [rule]}, {"Type": "Pass"})
    assert machines.error(machine, GIVEN) == "States.QueryEvaluationError"


def test_a_catcher_sees_the_error(machines: Any) -> None:
    """`$states.errorOutput` in its Output, beside the state's input."""
    output = {"error": "{% $states.errorOutput %}", "n": "{% $states.input.n %}"}
    catcher = {"ErrorEquals": ["Own"], "Next": "S1", "Output": output}
    failing = parallel(chain(fail("Own", "luck")), Catch=[catcher])
    assert machines.output(jsonata(failing, {"Type": "Pass"}), GIVEN) == {
        "error": {"Error": "Own", "Cause": "luck"},
        "n": 5,
    }


def test_a_state_may_be_in_jsonata_among_others(machines: Any) -> None:
    """States within it are in the machine's language, not in its own."""
    inner = chain({"Type": "Pass", "Parameters": {"n.$": "$.n"}})
    state = parallel(inner, QueryLanguage="JSONata", Output="{% $states.result[0].n + 1 %}")
    read = {"Type": "Pass", "Parameters": {"it.$": "$"}}
    assert machines.output(chain(state, read), GIVEN) == {"it": 6}


def test_expressions_are_text_in_jsonpath(machines: Any) -> None:
    """There they are no expressions."""
    state = {"Type": "Pass", "Parameters": {"a": "{% $nothing( %}", "b.$": "$.n"}}
    assert machines.output(chain(state), GIVEN) == {"a": "{% $nothing( %}", "b": 5}
