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


ROWS = [
    {"n": 1, "s": "x", "of": ["a"], "on": True},
    {"n": 2, "s": "it's", "of": ["a", "b"], "on": False},
    {"n": 2.5, "s": None, "of": [], "on": 1},
    {"n": "2", "of": ["c"]},
    {"n": "12"},
]


@pytest.mark.parametrize(
    ("test", "rows"),
    [
        ("(@.n == 1 || @.n == 2) && @.on == false", [1]),
        ("!(@.n < 2.5)", [2, 3, 4]),
        ("@.n == 2.5", [2]),
        ("@.n == '2'", [3]),
        ("@.on == true", [0]),
        ("@.on != true", [1, 2, 3, 4]),
        ("@.s == null", [2]),
        (r"@.s == 'it\'s'", [1]),
        ("@.s =~ /IT.*/i", [1]),
        ("@.s =~ /IT.*/", []),
        ("@.s contains 't'", [1]),
        ("@.s contains 1", []),
        ("@.of contains 'b'", [1]),
        ("@.n contains 'b'", []),
        ("@.n nin [1, 2]", [2, 3, 4]),
        ("@.of && @.of subsetof ['a']", [0, 2]),
        ("@.of anyof ['b', 'c']", [1, 3]),
        ("@.of && @.of noneof ['b', 'c']", [0, 2]),
        ("@.of size 2", [1]),
        ("@.n size 1", [3]),
        ("@.n size 2", [4]),
        ("@.of empty true", [2]),
        ("@.of empty false", [0, 1, 3]),
        ("@.n >= 2", [1, 2]),
        ("@.n <= $[1].n", [0, 1]),
        ("@.s < 'x'", [1]),
        ("1 in [@.n, $[9].n]", [0]),
    ],
)
def test_a_filter_holds_for_rows(test: str, rows: list[int]) -> None:
    """Values of two kinds are neither alike nor in any order, and `true` is not 1."""
    assert jsonpath.parse(f"$[?({test})]").find(ROWS) == [ROWS[row] for row in rows]


@pytest.mark.parametrize(
    "text", ["$[?((@.n > 1]", "$[?(@.n in [1 2])]", "$[?(@.n in [1,])]", "$[?(@.n in [1)]"]
)
def test_a_filter_that_is_not_closed_is_refused(text: str) -> None:
    """With the text in the message."""
    with pytest.raises(jsonpath.PathError, match="is no JSONPath"):
        jsonpath.parse(text)
