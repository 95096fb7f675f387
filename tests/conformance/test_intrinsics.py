r"""Intrinsic functions, with the edges that are documented.

Step Functions developer guide, "Intrinsic functions for JSONPath states"; States Language
specification, "Intrinsic Functions" and its Appendix B.
"""

import hashlib
import uuid
from typing import Any

import pytest

from tests.conformance.asl import chain, parallel

pytestmark = pytest.mark.local_cloud

GIVEN = {
    "name": "Arnav",
    "template": "Hello, my name is {}.",
    "list": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "mixed": [1, "1", True, 1, None, {"a": 1}, {"a": 1}, [], []],
    "object": {"a": {"a1": 1, "a2": 2}, "b": 2},
    "other": {"a": {"a3": 1}, "c": 3},
    "json": '{"foo": [1, "é"]}',
    "value": 111,
    "step": -1,
    "half": 1.5,
    "minus": -1.5,
    "text": "1,2,3,4,5",
    "odd": "This.is+a,test=string",
    "letters": "x" * 10_000,
    "many": "x" * 10_001,
    "zero": 0,
    "null": None,
    "no": False,
}
GIVES = {
    "States.Array()": [],
    "States.Array($.value, 'a', 1.5, true, null)": [111, "a", 1.5, True, None],
    "States.Array(States.Array($.name), $.list[0:2])": [["Arnav"], [1, 2]],
    "States.ArrayPartition($.list, 4)": [[1, 2, 3, 4], [5, 6, 7, 8], [9]],
    "States.ArrayPartition($.list, 9.4)": [[1, 2, 3, 4, 5, 6, 7, 8, 9]],
    "States.ArrayPartition(States.Array(), 2)": [],
    "States.ArrayContains($.list, 5)": True,
    "States.ArrayContains($.list, '5')": False,
    "States.ArrayContains(States.Array(1), true)": False,
    "States.ArrayContains($.mixed, $.mixed[5])": True,
    "States.ArrayRange(1, 9, 2)": [1, 3, 5, 7, 9],
    "States.ArrayRange(1, 8, 3)": [1, 4, 7],
    "States.ArrayRange(3, 1, -1)": [3, 2, 1],
    "States.ArrayRange(3, 1, 1)": [],
    "States.ArrayRange(0.5, $.half, 1)": [1, 2],
    "States.ArrayLength(States.ArrayRange(1, 1000, 1))": 1000,
    "States.ArrayGetItem($.list, 5)": 6,
    "States.ArrayGetItem($.list, $.zero)": 1,
    "States.ArrayLength($.list)": 9,
    "States.ArrayUnique($.mixed)": [1, "1", True, None, {"a": 1}, []],
    "States.Base64Encode('Data to encode')": "RGF0YSB0byBlbmNvZGU=",
    "States.Base64Decode('RGF0YSB0byBlbmNvZGU=')": "Data to encode",
    "States.Base64Decode('RGF0YSB0byBlbmNvZGU')": "Data to encode",
    "States.Base64Decode(States.Base64Encode('é'))": "é",
    "States.Hash('input data', 'SHA-1')": "aaff4a450a104cd177d28d18d74485e8cae074b7",
    "States.Hash('', 'MD5')": "d41d8cd98f00b204e9800998ecf8427e",
    "States.Hash($.letters, 'SHA-256')": hashlib.sha256(b"x" * 10_000).hexdigest(),
    "States.JsonMerge($.object, $.other, false)": {"a": {"a3": 1}, "b": 2, "c": 3},
    "States.StringToJson($.json)": {"foo": [1, "é"]},
    "States.StringToJson('7')": 7,
    "States.StringToJson('')": None,
    "States.StringToJson(' ')": None,
    "States.JsonToString($.object)": '{"a":{"a1":1,"a2":2},"b":2}',
    "States.JsonToString(States.StringToJson($.json))": '{"foo":[1,"é"]}',
    "States.MathAdd($.value, $.step)": 110,
    "States.MathAdd($.half, 0)": 2,
    "States.MathAdd($.minus, 0)": -1,
    "States.MathAdd(2147483647, -2147483648)": -1,
    "States.MathRandom(1, 2)": 1,
    "States.StringSplit($.text, ',')": ["1", "2", "3", "4", "5"],
    "States.StringSplit($.odd, '.+,=')": ["This", "is", "a", "test", "string"],
    "States.StringSplit(',,a,,b,', ',')": ["a", "b"],
    "States.StringSplit(',,,', ',')": [],
    "States.StringSplit($.name, '|')": ["Arnav"],
    "States.Format('Hello, my name is {}.', $.name)": "Hello, my name is Arnav.",
    "States.Format($.template, $.name)": "Hello, my name is Arnav.",
    "States.Format('{} {} {}', $.null, $.no, $.half)": "null false 1.5",
    "States.Format('{} {}', $.list[0:2], $.other)": "[1, 2] {a={a3=1}, c=3}",
    "States.Format('no place')": "no place",
    r"States.Format('\{\} \\ it\'s {}', $.zero)": "{} \\ it's 0",
    "States.Format('{}', $['name'])": "Arnav",
    "States.Format('{}',States.Format('a,b)({}', $.list[?(@ == 1)]))": "a,b)([1]",
    "States.Format('{}', $$.State.Name)": "S0",
}


@pytest.fixture(scope="module")
def given(machines: Any) -> list[Any]:
    """What all the calls give, in one execution."""
    template = [{"it.$": call} for call in GIVES]
    output = machines.output(chain({"Type": "Pass", "Parameters": {"all": template}}), GIVEN)
    return [one["it"] for one in output["all"]]


@pytest.mark.parametrize("call", GIVES)
def test_a_function_gives(given: list[Any], call: str) -> None:
    """Numbers that are no integers are rounded to the nearest where integers are wanted."""
    value = given[list(GIVES).index(call)]
    assert (value, type(value)) == (GIVES[call], type(GIVES[call]))


FAILS = [
    "States.ArrayPartition($.list, 0)",
    "States.ArrayPartition($.list, -1)",
    "States.ArrayPartition($.name, 1)",
    "States.MathRandom(1, 5, 3, 4)",
    "States.ArrayContains($.name, 'A')",
    "States.ArrayRange(1, 9, 0)",
    "States.ArrayRange(1, 1001, 1)",
    "States.ArrayRange('1', 9, 1)",
    "States.ArrayGetItem($.list, 9)",
    "States.ArrayGetItem($.list, -1)",
    "States.ArrayLength($.object)",
    "States.ArrayUnique($.name)",
    "States.Base64Encode($.many)",
    "States.Base64Encode($.value)",
    "States.Base64Decode('!')",
    "States.Hash($.name, 'SHA-3')",
    "States.Hash($.many, 'MD5')",
    "States.JsonMerge($.object, $.other, true)",
    "States.JsonMerge($.object, $.list, false)",
    "States.StringToJson('no json')",
    "States.StringToJson($.value)",
    "States.MathAdd(2147483648, 0)",
    "States.MathAdd('1', 2)",
    "States.MathRandom(2, 1)",
    "States.StringSplit($.value, ',')",
    "States.Format('{}')",
    "States.Format('', $.name)",
    "States.Format($.value, $.name)",
    "States.UUID(1)",
    "States.ArrayLength()",
]


@pytest.fixture(scope="module")
def failed(machines: Any) -> list[str]:
    """The executions of calls that fail, all under way at once."""
    states = [{"Type": "Pass", "Parameters": {"it.$": call}} for call in FAILS]
    return [machines.start(chain(state), GIVEN) for state in states]


@pytest.mark.parametrize("call", FAILS)
def test_a_function_refuses(machines: Any, failed: list[str], call: str) -> None:
    """What a function does not take is States.IntrinsicFailure."""
    ended = machines.end(failed[FAILS.index(call)])
    assert (ended["status"], ended["error"]) == ("FAILED", "States.IntrinsicFailure")


def test_a_functions_failure_is_caught(machines: Any) -> None:
    """States.ALL catches it, unlike a path that finds nothing."""
    failing = chain({"Type": "Pass", "Parameters": {"it.$": "States.StringToJson('{')"}})
    caught = parallel(failing, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S1"}])
    output = machines.output(chain(caught, {"Type": "Pass", "Parameters": {"it.$": "$.Error"}}))
    assert output == {"it": "States.IntrinsicFailure"}


def test_a_tasks_own_parameters_that_fail_are_caught(machines: Any) -> None:
    """So it is where the call stands in a task that has a catcher."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:headObject",
        "Parameters": {"Bucket.$": "States.StringToJson('{')", "Key": "k"},
        "Catch": [{"ErrorEquals": ["States.IntrinsicFailure"], "Next": "S1"}],
    }
    output = machines.output(chain(task, {"Type": "Pass", "Parameters": {"it.$": "$.Error"}}))
    assert output == {"it": "States.IntrinsicFailure"}


def test_random_numbers_are_of_their_range(machines: Any) -> None:
    """The start may come and the end may not; a seed gives the same number again."""
    calls = {f"n{number}.$": "States.MathRandom(3, 5)" for number in range(60)}
    seeded = {f"s{number}.$": "States.MathRandom(1, 1000000, 7)" for number in range(2)}
    output = machines.output(chain({"Type": "Pass", "Parameters": {**calls, **seeded}}))
    assert output["s0"] == output["s1"]
    assert {value for name, value in output.items() if name.startswith("n")} == {3, 4}


def test_uuids_are_of_version_4(machines: Any) -> None:
    """And differ at each call."""
    template = {"a.$": "States.UUID()", "b.$": "States.UUID()"}
    output = machines.output(chain({"Type": "Pass", "Parameters": template}))
    assert output["a"] != output["b"]
    assert {uuid.UUID(value).version for value in output.values()} == {4}
