"""Calls of intrinsic functions as texts; what they give stands in tests/conformance."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.ministack.states import intrinsics
from cdk_sagemaker_processing.local.ministack.states.intrinsic_functions import (
    FUNCTIONS,
    ArgumentError,
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("States.UUID() + 1", "goes on after the call"),
        ("States.UUID", "calls no intrinsic function that there is"),
        ("States.Uuid()", "calls no intrinsic function that there is"),
        ("States.Array($.a $.b)", "has no JSONPath at 13"),
        ("States.Array('a' 'b')", "has neither ',' nor ')' at 17"),
        ("States.Array('a', )", "has no argument at 18"),
        ("States.Array($.[, 1)", "has no JSONPath at 13"),
        ("States.Array(1", "has no argument at 13"),
        ("States.Array(" * 11 + ")" * 11, "nests more than 10 intrinsic functions"),
    ],
)
def test_what_is_no_call_is_refused(text: str, problem: str) -> None:
    """With the text, and where it ceases to be one."""
    with pytest.raises(intrinsics.CallError) as error:
        intrinsics.parse(text)
    assert problem in str(error.value)
    assert text[:12] in str(error.value)


@given(literals=st.lists(st.integers() | st.booleans() | st.none(), max_size=5))
def test_a_call_gives_its_arguments_to_its_function(literals: list[object]) -> None:
    """Blanks between them mean nothing."""
    written = " , ".join(map(json.dumps, literals))
    assert intrinsics.run(intrinsics.parse(f"States.Array( {written} )"), {}, {}) == literals


def test_an_array_of_more_than_a_thousand_parts_is_refused() -> None:
    """As States.ArrayRange may give no more items either."""
    assert len(FUNCTIONS["States.ArrayPartition"](list(range(1000)), 1)) == 1000
    with pytest.raises(ArgumentError, match="1001 items, of at most 1000"):
        FUNCTIONS["States.ArrayPartition"](list(range(1001)), 1)
