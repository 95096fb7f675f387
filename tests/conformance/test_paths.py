"""JSONPath: what paths find, and what a path that finds nothing does.

Step Functions developer guide, "Using JSONPath paths"; the dialect is Jayway's JsonPath, whose
README says what each operator finds. Missing paths: "Handling errors", `States.Runtime`.
"""

import json
from typing import Any

import pytest

from tests.conformance.asl import chain, parallel

pytestmark = pytest.mark.local_cloud

GIVEN = {
    "foo": 123,
    "bar": ["a", "b", "c"],
    "car": {"cdr": True, "a.b": 1, "it's": 2, "n": None},
    "jar": [{"a": 1}, {"a": 5, "s": "x"}, {"a": 2, "s": "xyz"}, {"a": 7}],
    "none": [],
    "detail-type": "event",
    "größe": 4,
    "abc": {"def ghi": 6},
}
FOUND = {
    "$": GIVEN,
    "$.foo": 123,
    "$['foo']": 123,
    "$.car.cdr": True,
    "$.car.n": None,
    "$.car['a.b']": 1,
    '$["car"]["a.b"]': 1,
    r"$.car['it\'s']": 2,
    "$.abc.['def ghi']": 6,
    "$.detail-type": "event",
    "$.größe": 4,
    "$.bar[0]": "a",
    "$.bar[-1]": "c",
    "$.bar[0,2]": ["a", "c"],
    "$.bar[1:]": ["b", "c"],
    "$.bar[:2]": ["a", "b"],
    "$.bar[-2:]": ["b", "c"],
    "$.bar[1:9]": ["b", "c"],
    "$.bar[*]": ["a", "b", "c"],
    "$.car.*": [True, 1, 2, None],
    "$.none[*]": [],
    "$.jar[*].a": [1, 5, 2, 7],
    "$.jar[*].s": ["x", "xyz"],
    "$.jar[*].nothing": [],
    "$..a": [1, 5, 2, 7],
    "$..nothing": [],
    "$['foo','none']": {"foo": 123, "none": []},
    "$.jar[?(@.a >= 5)]": [{"a": 5, "s": "x"}, {"a": 7}],
    "$.jar[?(@.a > 1 && @.a < 6)].a": [5, 2],
    "$.jar[?(@.a == 1 || @.s == 'xyz')].a": [1, 2],
    "$.jar[?(@.s)].a": [5, 2],
    "$.jar[?(!@.s)].a": [1, 7],
    "$.jar[?(@.a != 1)].a": [5, 2, 7],
    "$.jar[?(@.a in [1, 7])].a": [1, 7],
    "$.jar[?(@.s =~ /x.*/)].a": [5, 2],
    "$.jar[?(@.a > 9)]": [],
    "$.jar[?(@.s > 1)]": [],
}


@pytest.fixture(scope="module")
def found(machines: Any) -> list[Any]:
    """What all the paths find, in one execution."""
    template = [{"it.$": path} for path in FOUND]
    output = machines.output(chain({"Type": "Pass", "Parameters": {"found": template}}), GIVEN)
    return [one["it"] for one in output["found"]]


@pytest.mark.parametrize("path", FOUND)
def test_a_path_finds(found: list[Any], path: str) -> None:
    """A path with `*`, a slice, a union of indices, a filter or `..` finds a list."""
    assert found[list(FOUND).index(path)] == FOUND[path]


MISSING = [
    "$.nothing",
    "$.foo.bar",
    "$.bar[3]",
    "$.bar[-4]",
    "$.bar.a",
    "$.car[0]",
    "$.nothing[*]",
    "$.nothing[0:1]",
    "$.nothing[?(@.a)]",
    "$.foo[0:1]",
    "$.bar.length()",
    "$$.Execution.Nothing",
    "$variable",
]


@pytest.fixture(scope="module")
def missed(machines: Any) -> list[str]:
    """The executions of paths that find nothing, all under way at once."""
    arns = []
    for path in MISSING:
        failing = chain({"Type": "Pass", "Parameters": {"it.$": path}})
        caught = parallel(
            failing,
            Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 1}],
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
        )
        arns.append(machines.start(chain(caught, {"Type": "Succeed"}), GIVEN))
    return arns


@pytest.mark.parametrize("path", MISSING)
def test_a_path_that_finds_nothing_ends_the_execution(
    machines: Any, missed: list[str], path: str
) -> None:
    """It is States.Runtime, which States.ALL neither retries nor catches; a list may be empty."""
    ended = machines.end(missed[MISSING.index(path)])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")


def test_a_path_that_finds_nothing_is_not_caught_by_its_name(machines: Any) -> None:
    """States.Runtime "will always cause the execution to fail", also where a catcher names it."""
    missing = chain(
        {
            "Type": "Parallel",
            "Branches": [chain({"Type": "Pass", "InputPath": "$.gone"})],
            "Retry": [{"ErrorEquals": ["States.Runtime"], "IntervalSeconds": 1}],
            "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "S1"}],
        },
        {"Type": "Succeed"},
    )
    assert machines.error(missing) == "States.Runtime"


def test_the_cause_of_a_missing_path_tells_field_and_input(machines: Any) -> None:
    """And the state, and the event it was entered by."""
    ended = machines.run(chain({"Type": "Pass", "Parameters": {"it.$": "$.a"}}), {"b": 1})
    assert ended["cause"] == (
        "An error occurred while executing the state 'S0' (entered at the event id #2). The "
        "JSONPath '$.a' specified for the field 'it.$' could not be found in the input "
        f"'{json.dumps({'b': 1}, separators=(',', ':'))}'"
    )
