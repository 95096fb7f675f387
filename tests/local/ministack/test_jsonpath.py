"""JSONPaths, whatever the data; tests/conformance/test_paths.py has what each operator finds."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.ministack.states import jsonpath

NAMES = st.text(min_size=1, max_size=8)
STEPS = st.lists(NAMES | st.integers(0, 3), max_size=5)


def holding(steps: list[Any], value: Any) -> Any:
    """Data that holds a value at the end of names and indices."""
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [None] * step + [value]
    return value


def written(step: Any) -> str:
    if not isinstance(step, str):
        return f"[{step}]"
    return "['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']"


@given(steps=STEPS, value=st.integers())
def test_a_path_of_names_and_indices_finds_what_is_there(steps: list[Any], value: int) -> None:
    """Any character may be in a name between brackets."""
    path = jsonpath.parse("$" + "".join(written(step) for step in steps))
    assert path.find(holding(steps, value)) == value
    assert path.names == (tuple(steps) if all(isinstance(one, str) for one in steps) else None)


@given(names=st.lists(NAMES, min_size=1, max_size=5), value=st.integers())
def test_descent_finds_at_any_depth(names: list[str], value: int) -> None:
    """The last name is found wherever it is."""
    found = jsonpath.parse(f"$..{written(names[-1])}").find(holding(list(names), value))
    assert value in found


@given(text=st.text(alphabet="$.[]*?@()'\"a1:,-=<>&|! /~\\"))
def test_a_text_is_a_path_or_is_refused(text: str) -> None:
    """Nothing else comes of reading it."""
    with contextlib.suppress(jsonpath.PathError):
        assert jsonpath.parse(text).text == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "$a", "$.", "$..", "$[", "$[a]", "$['a]", "$.a b", "$.a]", "$[?(@.a]", "$[?()]",
     "$[?(@.a == )]", "$[?(@.a > 1]", "$[?((@.a)]", "$.a.length("],
)  # fmt: skip # a list, no column
def test_what_is_no_path_is_refused(text: str) -> None:
    """With the text in the message."""
    with pytest.raises(jsonpath.PathError, match="is no JSONPath"):
        jsonpath.parse(text)
