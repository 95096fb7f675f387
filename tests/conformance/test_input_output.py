"""What a JSONPath state makes of its input and its result.

Step Functions developer guide, "Processing input and output"; States Language specification,
"Input and Output Processing" and "Payload Template".
"""

from typing import Any

import pytest

from tests.conformance.asl import chain, item_map, parallel

pytestmark = pytest.mark.local_cloud

GIVEN = {"a": {"b": 1}, "c": [1, 2]}


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, GIVEN),
        ({"InputPath": "$.a"}, {"b": 1}),
        ({"InputPath": "$.c[*]"}, [1, 2]),
        ({"InputPath": None}, {}),
        ({"InputPath": "$$.State.Name"}, "S0"),
        ({"OutputPath": "$.a.b"}, 1),
        ({"OutputPath": None}, {}),
        ({"OutputPath": "$$.State.Name"}, "S0"),
        ({"Parameters": {"x": 1, "y.$": "$.a"}}, {"x": 1, "y": {"b": 1}}),
        ({"InputPath": "$.a", "Parameters": {"y.$": "$.b"}}, {"y": 1}),
        ({"Parameters": {}}, {}),
        ({"Parameters": {"x": "$.a"}}, {"x": "$.a"}),
        ({"Parameters": {"x": [{"y.$": "$.a.b"}, ["$.a", {"z.$": "$.c[1]"}]]}},
         {"x": [{"y": 1}, ["$.a", {"z": 2}]]}),
        ({"Parameters": {"c.$": "$$.Execution.Input.c"}, "ResultPath": "$.x"},
         {**GIVEN, "x": {"c": [1, 2]}}),
        ({"Result": 7}, 7),
        ({"Result": {"n.$": "$.a"}}, {"n.$": "$.a"}),
        ({"Result": None}, None),
        ({"Result": 7, "ResultPath": "$.a"}, {"a": 7, "c": [1, 2]}),
        ({"Result": 7, "ResultPath": "$.a.b"}, {"a": {"b": 7}, "c": [1, 2]}),
        ({"Result": 7, "ResultPath": "$.x.y"}, {**GIVEN, "x": {"y": 7}}),
        ({"Result": 7, "ResultPath": "$['x y']"}, {**GIVEN, "x y": 7}),
        ({"Result": 7, "ResultPath": None}, GIVEN),
        ({"Result": 7, "ResultPath": "$"}, 7),
        ({"Result": 7, "ResultPath": "$.x", "OutputPath": "$.x"}, 7),
        ({"InputPath": "$.a", "Result": 7, "ResultPath": "$.x"}, {**GIVEN, "x": 7}),
    ],
    ids=repr,
)  # fmt: skip # a case a line
def test_a_state_makes_its_output(machines: Any, fields: dict[str, Any], output: Any) -> None:
    """InputPath, Parameters, the result, ResultPath, OutputPath: in this order."""
    assert machines.output(chain({"Type": "Pass", **fields}), GIVEN) == output


def test_a_result_keeps_the_whole_input(machines: Any) -> None:
    """ResultPath puts the result in what came, whatever InputPath took of it."""
    state = parallel(
        chain({"Type": "Pass"}),
        InputPath="$.a",
        ResultSelector={"first.$": "$[0].b", "n.$": "States.ArrayLength($)"},
        ResultPath="$.c",
        OutputPath="$.c",
    )
    assert machines.output(chain(state), GIVEN) == {"first": 1, "n": 1}


def test_a_branch_gets_the_parameters(machines: Any) -> None:
    """They are each branch's input."""
    state = parallel(*[chain({"Type": "Pass"})] * 2, Parameters={"n.$": "$.a.b"})
    assert machines.output(chain(state), GIVEN) == [{"n": 1}, {"n": 1}]


def test_an_item_selector_reads_the_maps_input(machines: Any) -> None:
    """`$` is the Map state's input after InputPath, `$$.Map.Item` the item."""
    state = item_map(
        chain({"Type": "Pass"}),
        InputPath="$",
        ItemsPath="$.c",
        ItemSelector={
            "b.$": "$.a.b",
            "index.$": "$$.Map.Item.Index",
            "value.$": "$$.Map.Item.Value",
        },
    )
    assert machines.output(chain(state), GIVEN) == [
        {"b": 1, "index": 0, "value": 1},
        {"b": 1, "index": 1, "value": 2},
    ]


@pytest.mark.parametrize("given", [[1], "text", 7, None], ids=repr)
def test_a_result_needs_an_object_to_be_put_in(machines: Any, given: Any) -> None:
    """Else it is States.ResultPathMatchFailure."""
    inner = chain({"Type": "Pass", "Result": 1, "ResultPath": "$.x"})
    machine = chain(parallel(inner, InputPath="$.it"))
    assert machines.error(machine, {"it": given}) == "States.ResultPathMatchFailure"


def test_a_mismatch_of_a_result_is_caught(machines: Any) -> None:
    """States.ALL catches it."""
    inner = chain({"Type": "Pass", "Result": 1, "ResultPath": "$.a.b.c"})
    caught = parallel(inner, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S1"}])
    read = {"Type": "Pass", "OutputPath": "$.Error"}
    assert machines.output(chain(caught, read), GIVEN) == "States.ResultPathMatchFailure"
