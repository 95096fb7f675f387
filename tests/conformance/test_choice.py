"""Choice: every comparison, and what happens when none holds.

States Language specification, "Choice State"; Step Functions developer guide, "Choice workflow
state", which has the comparison operators.
"""

from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, jsonata, parallel

pytestmark = pytest.mark.local_cloud

GIVEN = {
    "s": "b",
    "upper": "B",
    "log": "zebra1.log",
    "star": "a*b",
    "slash": "a\\b",
    "lines": "a\nb",
    "n": 1,
    "f": 1.5,
    "big": 10,
    "t": True,
    "no": False,
    "null": None,
    "list": [],
    "noon": "2016-03-14T12:00:00Z",
    "later": "2016-03-14T12:00:00.5Z",
    "elsewhere": "2016-03-14T13:00:00+01:00",
    "day": "2016-03-14",
}

HOLD: list[tuple[str, str, Any]] = [
    ("s", "StringEquals", "b"),
    ("s", "StringEqualsPath", "$.s"),
    ("s", "StringLessThan", "c"),
    ("s", "StringLessThanPath", "$.log"),
    ("s", "StringLessThanEquals", "b"),
    ("s", "StringLessThanEqualsPath", "$.s"),
    ("s", "StringGreaterThan", "a"),
    ("s", "StringGreaterThanPath", "$.upper"),
    ("s", "StringGreaterThanEquals", "b"),
    ("s", "StringGreaterThanEqualsPath", "$.s"),
    ("log", "StringMatches", "*.log"),
    ("log", "StringMatches", "zebra*"),
    ("log", "StringMatches", "*bra*l*g"),
    ("log", "StringMatches", "zebra1.log"),
    ("star", "StringMatches", r"a\*b"),
    ("slash", "StringMatches", r"a\\b"),
    ("lines", "StringMatches", "a*b"),
    ("n", "NumericEquals", 1),
    ("n", "NumericEquals", 1.0),
    ("n", "NumericEqualsPath", "$.n"),
    ("n", "NumericLessThan", 1.5),
    ("n", "NumericLessThanPath", "$.f"),
    ("n", "NumericLessThanEquals", 1),
    ("n", "NumericLessThanEqualsPath", "$.n"),
    ("big", "NumericGreaterThan", 9),
    ("f", "NumericGreaterThanPath", "$.n"),
    ("f", "NumericGreaterThanEquals", 1.5),
    ("f", "NumericGreaterThanEqualsPath", "$.f"),
    ("t", "BooleanEquals", True),
    ("no", "BooleanEquals", False),
    ("t", "BooleanEqualsPath", "$.t"),
    ("noon", "TimestampEquals", "2016-03-14T12:00:00Z"),
    ("noon", "TimestampEquals", "2016-03-14T13:00:00+01:00"),
    ("noon", "TimestampEqualsPath", "$.elsewhere"),
    ("noon", "TimestampLessThan", "2016-03-14T12:00:01Z"),
    ("noon", "TimestampLessThanPath", "$.later"),
    ("noon", "TimestampLessThanEquals", "2016-03-14T12:00:00.000Z"),
    ("noon", "TimestampLessThanEqualsPath", "$.later"),
    ("later", "TimestampGreaterThan", "2016-03-14T12:00:00.25Z"),
    ("later", "TimestampGreaterThanPath", "$.elsewhere"),
    ("later", "TimestampGreaterThanEquals", "2016-03-14T12:00:00Z"),
    ("later", "TimestampGreaterThanEqualsPath", "$.noon"),
    ("null", "IsNull", True),
    ("s", "IsNull", False),
    ("n", "IsNumeric", True),
    ("f", "IsNumeric", True),
    ("t", "IsNumeric", False),
    ("s", "IsString", True),
    ("n", "IsString", False),
    ("no", "IsBoolean", True),
    ("n", "IsBoolean", False),
    ("later", "IsTimestamp", True),
    ("elsewhere", "IsTimestamp", True),
    ("day", "IsTimestamp", False),
    ("s", "IsTimestamp", False),
    ("null", "IsPresent", True),
    ("list[0]", "IsPresent", False),
    ("none", "IsPresent", False),
    ("none.deeper", "IsPresent", False),
]
HOLD_NOT: list[tuple[str, str, Any]] = [
    ("s", "StringEquals", "B"),
    ("n", "StringEquals", "1"),
    ("s", "StringGreaterThan", "b"),
    ("n", "StringLessThan", "z"),
    ("log", "StringMatches", "zebra"),
    ("log", "StringMatches", "*.LOG"),
    ("log", "StringMatches", "zebra1?log"),
    ("star", "StringMatches", r"a\*"),
    ("n", "NumericEquals", 2),
    ("t", "NumericEquals", 1),
    ("s", "NumericLessThan", 5),
    ("f", "NumericLessThanPath", "$.s"),
    ("n", "BooleanEquals", True),
    ("t", "BooleanEquals", False),
    ("noon", "TimestampGreaterThan", "2016-03-14T12:00:00Z"),
    ("day", "TimestampLessThan", "2020-01-01T00:00:00Z"),
    ("null", "IsNull", False),
    ("none", "IsPresent", True),
    ("n", "IsPresent", False),
]


def chosen(*rules: State, **others: Any) -> State:
    """A machine that gives the index of the rule that holds, else `none`."""
    names = [str(index) for index in range(len(rules))]
    which = {
        "Type": "Choice",
        "Choices": [{**rule, "Next": name} for rule, name in zip(rules, names, strict=True)],
        "Default": "none",
        **others,
    }
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in (*names, "none")}
    return {"StartAt": "Which", "States": {"Which": which, **ends}}


@pytest.fixture(scope="module")
def found(machines: Any) -> dict[str, str]:
    """What came of each comparison; all are the branches of one state."""
    cases = [*HOLD, *HOLD_NOT]
    branches = [
        chosen({"Variable": f"$.{variable}", operator: value})
        for variable, operator, value in cases
    ]
    output = machines.output(chain(parallel(*branches)), GIVEN)
    return {str(case): came for case, came in zip(cases, output, strict=True)}


@pytest.mark.parametrize("case", HOLD, ids=str)
def test_a_comparison_holds(found: dict[str, str], case: tuple[str, str, Any]) -> None:
    """Of values of the operator's type; numbers by value, timestamps by the time they stand for."""
    assert found[str(case)] == "0"


@pytest.mark.parametrize("case", HOLD_NOT, ids=str)
def test_a_comparison_does_not_hold(found: dict[str, str], case: tuple[str, str, Any]) -> None:
    """Nor does any of a value of another type; `true` is no number, a day no timestamp."""
    assert found[str(case)] == "none"


ONE = {"Variable": "$.n", "NumericEquals": 1}
TWO = {"Variable": "$.n", "NumericEquals": 2}
MISSING = {"Variable": "$.none", "NumericEquals": 1}


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        pytest.param([{"And": [ONE, ONE]}], "0", id="And"),
        pytest.param([{"And": [ONE, TWO]}], "none", id="And of one that does not hold"),
        pytest.param([{"Or": [TWO, ONE]}], "0", id="Or"),
        pytest.param([{"Or": [TWO, TWO]}], "none", id="Or of none"),
        pytest.param([{"Not": TWO}], "0", id="Not"),
        pytest.param([{"Not": {"And": [ONE, {"Or": [TWO, {"Not": ONE}]}]}}], "0", id="nested"),
        pytest.param([TWO, ONE, ONE], "1", id="the first that holds"),
        pytest.param(
            [{"And": [{"Variable": "$.none", "IsPresent": True}, MISSING]}],
            "none",
            id="IsPresent guards what follows",
        ),
    ],
)
def test_rules_are_combined(machines: Any, rules: list[State], outcome: str) -> None:
    """With And, Or and Not, which ask no further than they must."""
    assert machines.output(chosen(*rules), GIVEN) == outcome


@pytest.mark.parametrize(
    "rule",
    [
        MISSING,
        {"Variable": "$.none", "IsNull": True},
        {"Variable": "$.n", "NumericEqualsPath": "$.none"},
    ],
)
def test_a_comparison_of_nothing_fails_the_execution(machines: Any, rule: State) -> None:
    """IsPresent alone may ask for what is not there."""
    assert machines.error(chosen(rule), GIVEN) == "States.Runtime"


def test_no_match_without_a_default_fails(machines: Any) -> None:
    """Which a state around it can catch."""
    choice = {"Type": "Choice", "Choices": [{**TWO, "Next": "S1"}]}
    machine = chain(choice, {"Type": "Pass"})
    assert machines.error(machine, GIVEN) == "States.NoChoiceMatched"
    catch = {"ErrorEquals": ["States.NoChoiceMatched"], "ResultPath": None, "Next": "S1"}
    assert (
        machines.output(chain(parallel(machine, Catch=[catch]), {"Type": "Pass"}), GIVEN) == GIVEN
    )


def test_the_input_is_passed_on(machines: Any) -> None:
    """What InputPath and OutputPath leave of it."""
    rule = {"Variable": "$.n", "NumericEquals": 1, "Next": "S1"}
    choice = {"Type": "Choice", "Choices": [rule], "InputPath": "$.a", "OutputPath": "$.b"}
    machine = chain(choice, {"Type": "Pass"})
    assert machines.output(machine, {"a": {"n": 1, "b": [2]}}) == [2]


def test_a_rule_compares_variables_and_the_context(machines: Any) -> None:
    """Variable may be any path."""
    rules = [
        {"Variable": "$v.n", "NumericEqualsPath": "$.n"},
        {"Variable": "$$.State.Name", "StringEquals": "S1"},
    ]
    choice = {"Type": "Choice", "Choices": [{"And": rules, "Next": "S2"}]}
    set_ = {"Type": "Pass", "Assign": {"v": {"n": 1}}}
    assert machines.output(chain(set_, choice, {"Type": "Succeed"}), {"n": 1}) == {"n": 1}


CONDITION = {"Condition": "{% $states.input.n = 1 %}"}


def test_jsonata_conditions(machines: Any) -> None:
    """The first that is true; its Output and Assign are what counts then."""
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input.n > 1 %}", "Next": "S1"},
            {**CONDITION, "Next": "S2", "Output": {"out": 1}, "Assign": {"v": "rule"}},
        ],
        "Default": "S1",
        "Output": {"out": 2},
        "Assign": {"v": "state"},
    }
    last = {"Type": "Succeed", "Output": "{% [$states.input.out, $v] %}"}
    assert machines.output(jsonata(choice, fail("Wrong"), last), {"n": 1}) == [1, "rule"]


def test_jsonata_default(machines: Any) -> None:
    """The state's own Output and Assign are the default's."""
    choice = {
        "Type": "Choice",
        "Choices": [{**CONDITION, "Next": "S1"}],
        "Default": "S2",
        "Output": {"out": "{% $states.input.n * 2 %}"},
        "Assign": {"v": "state"},
    }
    last = {"Type": "Succeed", "Output": "{% [$states.input.out, $v] %}"}
    assert machines.output(jsonata(choice, fail("Wrong"), last), {"n": 2}) == [4, "state"]


@pytest.mark.parametrize("condition", ["{% $states.input.n %}", "{% 'true' %}"])
def test_a_jsonata_condition_is_a_boolean(machines: Any, condition: str) -> None:
    """Nothing else is taken for true or false."""
    choice = {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "S1"}]}
    machine = jsonata(choice, {"Type": "Succeed"})
    assert machines.error(machine, {"n": 1}) == "States.QueryEvaluationError"
