"""CloudFormation's intrinsic functions, as far as text can be read through them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.checks.intrinsics import plain, quoted_outside, text
from cdk_sagemaker_processing.checks.unknown import REPOSITORY, UNKNOWN

RESOURCES = {"Repo": {"Type": "AWS::ECR::Repository"}, "Key": {"Type": "AWS::KMS::Key"}}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("plain", "plain"),
        ({"Ref": "Key"}, UNKNOWN),
        ({"Ref": "Repo"}, REPOSITORY),
        ({"Fn::GetAtt": ["Repo", "RepositoryUri"]}, REPOSITORY),
        ({"Fn::GetAtt": ["Repo", "Arn"]}, UNKNOWN),
        ({"Fn::FindInMap": ["A", "B", "C"]}, UNKNOWN),
        ({"Fn::Join": ["", ["a:", {"Ref": "Key"}, "/b"]]}, f"a:{UNKNOWN}/b"),
        ({"Fn::Join": ["-", ["a", {"Fn::Join": ["", ["b", "c"]]}]]}, "a-bc"),
        ({"Fn::Join": [":", ["a", 7]]}, "a:7"),
        ({"Fn::Join": [",", {"Ref": "List"}]}, UNKNOWN),
        ({"Fn::Sub": "a-${AWS::Region}-${!Literal}"}, f"a-{UNKNOWN}-${{Literal}}"),
        ({"Fn::Sub": ["${Name}:${Tag}", {"Tag": "1.2"}]}, f"{UNKNOWN}:1.2"),
        ({"Fn::Sub": "${Repo.RepositoryUri}:1"}, f"{REPOSITORY}:1"),
    ],
)
def test_text_is_read_through_intrinsic_functions(value: Any, read: str) -> None:
    """What they join is known, what they look up is not."""
    assert text(value, RESOURCES) == read


def test_values_keep_their_shape() -> None:
    """Only intrinsic functions become text."""
    value = {"a": [1, True, {"Ref": "Key"}], "b": {"c": None}}

    assert plain(value, RESOURCES) == {"a": [1, True, UNKNOWN], "b": {"c": None}}


def test_what_stands_outside_strings_is_quoted() -> None:
    """A number or an object that CloudFormation fills in leaves JSON."""
    joined = {"Fn::Join": ["", ['{"a": ', {"Ref": "N"}, ', "b": "x\\"', {"Ref": "T"}, '"}']]}

    assert json.loads(quoted_outside(joined, {}, {})) == {"a": UNKNOWN, "b": f'x"{UNKNOWN}'}


def test_substitutions_are_made() -> None:
    """Those of the state machine, as text or as what CloudFormation fills in."""
    written = '{"a": "${known}", "b": ${number}, "c": "${other}"}'

    read = json.loads(quoted_outside(written, {}, {"known": "x", "number": {"Ref": "N"}}))

    assert read == {"a": "x", "b": UNKNOWN, "c": "${other}"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(json_values, st.integers(min_value=0))
def test_joined_json_is_the_json(value: Any, at: int) -> None:
    """Wherever the CDK cuts it."""
    written = json.dumps(value)
    cut = at % (len(written) + 1)
    # Within an escape there is no token to cut at.
    while cut and written[cut - 1] == "\\":
        cut -= 1
    joined = {"Fn::Join": ["", [written[:cut], written[cut:]]]}

    assert json.loads(quoted_outside(joined, {}, {})) == value
