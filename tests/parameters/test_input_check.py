"""The check of an execution's input, in JSONata: the same answers as Python gives at synth."""

from typing import Any

import jsonata  # type: ignore[import-untyped] # it ships no type information
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.parameters.input_check import problems_in, value_of
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter

PARAMETERS = (
    WorkflowParameter("day", pattern=r"\d{4}-\d{2}-\d{2}"),
    WorkflowParameter("in", default='a/b\'s \\ "x"', pattern=r"[^/]*/.*|\(x\)"),
    WorkflowParameter("instances", type="integer", default=3, minimum=1, maximum=10),
    WorkflowParameter("share", type="number", default=0.5, allowed_values=[0.5, 1]),
    WorkflowParameter("full", type="boolean", default=False),
    WorkflowParameter("airports", type="strings", default=["JFK"], pattern="[A-Z]{3}"),
    WorkflowParameter("words", type="strings", default=[]),
)
VALUES: dict[str, Any] = {
    "day": "2013-01-31",
    "in": "a/b",
    "instances": 10,
    "share": 1,
    "full": True,
    "airports": [],
    "words": ["a", ""],
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-20, 20)
    | st.sampled_from([0.5, 1, 1.5, 10, 11])
    | st.from_regex(r"\d{4}-\d{2}-\d{2}\s?", fullmatch=True)
    | st.from_regex(r"[A-Z]{2,4}|a/b?\n?|\(x\)", fullmatch=True)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def evaluated(expression: str, state_input: Any) -> Any:
    """What a JSONata expression gives in a state that has this input."""
    assert expression.startswith("{% ")
    whole = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))
    whole.assign("states", {"input": state_input})
    return whole.evaluate(None)


def problems_of(state_input: Any) -> list[str]:
    """What an execution with this input would say."""
    return [one for one in evaluated(problems_in(PARAMETERS), state_input).split("; ") if one]


def test_what_is_right_has_no_problem() -> None:
    """With all parameters, and with those alone that have no default."""
    assert problems_of(VALUES) == []
    assert problems_of({"day": "2013-01-31"}) == []


def test_every_wrong_one_is_named_with_what_came_and_what_is_allowed() -> None:
    """All in one message."""
    found = problems_of(
        {"in": "none", "instances": "3", "share": 2, "full": None, "airports": ["JFK", "x"]}
    )

    assert found == [
        r"day is missing, it must be text that matches \d{4}-\d{2}-\d{2}",
        r'in must be text that matches [^/]*/.*|\(x\), got "none"',
        'instances must be a whole number from 1 up to 10, got "3"',
        "share must be a number of 0.5, 1, got 2",
        "full must be true or false, got null",
        'airports must be a list of texts that matches [A-Z]{3}, got ["JFK","x"]',
    ]


def test_a_slip_of_a_name_is_found() -> None:
    """With the names that there are; what Step Functions adds itself is none."""
    found = problems_of(
        {**VALUES, "dya": "x", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn", "FULL": 1}
    )

    known = "is no parameter, the parameters are day, in, instances, share, full, airports, words"
    assert found == [f"dya {known}", f"FULL {known}"]


def test_a_null_in_a_list_is_no_text() -> None:
    """Though it may look like nothing."""
    assert problems_of({**VALUES, "words": ["a", None]}) == [
        'words must be a list of texts, got ["a",null]'
    ]


def test_a_long_value_is_cut() -> None:
    """A message is for people."""
    (found,) = problems_of({"day": "x" * 10_000})

    assert len(found) < 200


@pytest.mark.parametrize(
    ("state_input", "shown"), [("x", '"x"'), ([], "[]"), (5, "5"), (None, "null")], ids=str
)
def test_an_input_that_is_no_object_is_told(state_input: Any, shown: str) -> None:
    """Nothing can be found in it."""
    assert problems_of(state_input) == [
        f"the input must be a JSON object of the parameters, got {shown}"
    ]


@given(st.sampled_from(PARAMETERS), JSON)
def test_step_functions_says_of_any_value_what_python_says(
    parameter: WorkflowParameter, value: Any
) -> None:
    """So what is checked at synth, as a schedule's input, is not refused in a run."""
    found = problems_of({**VALUES, parameter.name: value})

    assert bool(found) == (parameter.problem(value) is not None)
    assert all(
        one.startswith(f"{parameter.name} must be {parameter.allowed}, got") for one in found
    )


@pytest.mark.parametrize(
    ("pattern", "matches", "other"),
    [
        ("a|b", "b", "ab"),
        ("a/b", "a/b", "a"),
        (r"a\/b", "a/b", "a"),
        (r"\x5C", "\\", "/"),
        (r"\\/", "\\/", "/"),
        (r"(?:\(|\[)*", "(", ")"),
        (r"[^/\]]+", "a", "]"),
        ("^a$", "a", "a\n"),
        (r"\d{1,2}%\}", "5%}", "5"),
        ("", "", "a"),
        ("'x'", "'x'", "x"),
        ("é+", "éé", "e"),
        (r"[*+]+\++", "*+", "*"),
        (r"\\A", "\\A", "A"),
    ],
)
def test_any_pattern_holds_for_the_whole_text(pattern: str, matches: str, other: str) -> None:
    """Whatever of JSONata's own signs it holds."""
    check = problems_in([WorkflowParameter("day", pattern=pattern)])

    assert evaluated(check, {"day": matches}) == ""
    assert evaluated(check, {"day": other}) != ""


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda one: one.name)
def test_its_value_is_what_was_given_else_its_default(parameter: WorkflowParameter) -> None:
    """A variable must have a value, so one without either is null."""
    expression = value_of(parameter)
    default = parameter.default

    assert evaluated(expression, VALUES) == VALUES[parameter.name]
    assert evaluated(expression, {}) == (list(default) if isinstance(default, tuple) else default)
    assert evaluated(expression, "no object") == evaluated(expression, {})
