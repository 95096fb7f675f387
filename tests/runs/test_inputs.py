import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.deployed.errors import DeployedError
from cdk_sagemaker_processing.parameters.in_definition import CHECK_STATE, described
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.runs.inputs import read_input
from tests.runs.fakes import DEFINITION

PARAMETERS = (
    WorkflowParameter("day"),
    WorkflowParameter("share", type="number", default=1),
    WorkflowParameter("full", type="boolean", default=False),
)
WITH_PARAMETERS = json.dumps({"States": {CHECK_STATE: {"Comment": described(PARAMETERS)}}})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n=3", {"n": 3}),
        ("n=2013-01-01", {"n": "2013-01-01"}),
        ("n=", {"n": ""}),
        ("n=a=b", {"n": "a=b"}),
        ('n="3"', {"n": "3"}),
        ("n=[1, 2]", {"n": [1, 2]}),
        ('{"n": {"a": 1}}', {"n": {"a": 1}}),
    ],
)
def test_a_value_is_json_where_it_is_some_and_else_text(text: str, value: dict[str, Any]) -> None:
    """As long as the workflow says nothing of it."""
    assert read_input(DEFINITION, "{}", [text]) == value


def test_a_parameter_s_value_is_read_as_its_type_says() -> None:
    """A day that looks like a number stays text."""
    given_ = ["day=20130101", "share=0.5", "full=true"]
    assert read_input(WITH_PARAMETERS, "{}", given_) == {
        "day": "20130101",
        "share": 0.5,
        "full": True,
    }


def test_what_is_given_goes_over_the_document() -> None:
    """The later over the earlier; the rest of the document stays."""
    read = read_input(DEFINITION, '{"a": 1, "b": 1}', ["b=2", '{"c": 2}', "c=3"])
    assert read == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("document", "text", "told"),
    [
        ("{}", "day", "^--input is name=value or a JSON object, got 'day'$"),
        ("{}", "=1", "^--input is name=value or a JSON object, got '=1'$"),
        ("{}", "{day", "^--input is not JSON: Expecting"),
        ('{"day": "1"}', "share=half", "^the input would be refused: share must be "),
        ('{"full": 1}', "day=1", "^the input would be refused: full must be "),
        ("{}", "full=true", "^the input would be refused: day is missing, it must be text$"),
        (
            '{"day": "1"}',
            "dya=2",
            "^the input would be refused: dya is no parameter, the parameters are day, ",
        ),
        ("[1]", "day=1", r"^the input file must be a JSON object, got \[1\]$"),
        ("{", "day=1", "^the input file is not JSON: Expecting"),
    ],
)
def test_what_cannot_be_read_is_told(document: str, text: str, told: str) -> None:
    """Before anything is started."""
    with pytest.raises(DeployedError, match=told):
        read_input(WITH_PARAMETERS, document, [text])


@given(
    st.text(min_size=1).filter(lambda name: "=" not in name and not name.lstrip().startswith("{")),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
)
def test_any_json_can_be_given(name: str, value: Any) -> None:
    """Whatever its name."""
    assert read_input(DEFINITION, "{}", [f"{name}={json.dumps(value)}"]) == {name: value}
