"""One request in Amazon States Language, in both query languages, and as a boto3 dict."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.request.model import AppSpecification, Tag
from cdk_sagemaker_processing.request.rendering import (
    WrongLanguageError,
    expression,
    to_arguments,
    to_dict,
    to_parameters,
)
from cdk_sagemaker_processing.request.values import Joined, Reference, Text, join

DAY = Reference(jsonpath="$.day", jsonata="$states.input.day")
COUNT = Reference(jsonpath="$.n", jsonata="$states.input.n + 1")


def app(*arguments: Text) -> AppSpecification:
    """A part of a request with a list in it."""
    return AppSpecification(ImageUri="image", ContainerArguments=arguments)


def test_members_that_are_none_are_left_out() -> None:
    """A request never holds a null."""
    assert to_parameters(AppSpecification(ImageUri="image")) == {"ImageUri": "image"}


def test_a_list_without_run_time_values_stays_a_list() -> None:
    """Only where it must is a list made at run time."""
    assert to_parameters(app("a", "b")) == {"ImageUri": "image", "ContainerArguments": ["a", "b"]}


def test_a_list_with_a_run_time_value_is_an_array_in_jsonpath() -> None:
    """Parameters take no path inside a list."""
    assert to_parameters(app("--day", DAY)) == {
        "ImageUri": "image",
        "ContainerArguments.$": "States.Array('--day', $.day)",
    }


def test_a_list_with_a_run_time_value_stays_a_list_in_jsonata() -> None:
    """Arguments take an expression anywhere."""
    assert to_arguments(app("--day", DAY)) == {
        "ImageUri": "image",
        "ContainerArguments": ["--day", "{% $states.input.day %}"],
    }


def test_joined_text_is_a_format_in_jsonpath_and_a_concatenation_in_jsonata() -> None:
    """An expression with operators of its own stands in brackets."""
    value = join("s3://b/", DAY, "/", COUNT)

    assert expression(value, "JSONPath") == "States.Format('s3://b/{}/{}', $.day, $.n)"
    assert expression(value, "JSONata") == (
        "'s3://b/' & $states.input.day & '/' & ($states.input.n + 1)"
    )


def test_a_dry_run_shows_expressions_in_braces() -> None:
    """``to_dict`` is for reading and comparing, so nothing is hidden."""
    assert to_dict(Tag(Key="day", Value=join("d-", DAY))) == {"Key": "day", "Value": "d-{$.day}"}


def test_tokens_pass_unescaped() -> None:
    """What CloudFormation fills in keeps its marker, whatever is escaped around it."""
    marker = "${Token[TOKEN.12]}"

    assert expression(join(f"{{{marker}}}", DAY), "JSONPath") == (
        f"States.Format('\\{{{marker}\\}}{{}}', $.day)"
    )


@pytest.mark.parametrize(
    ("value", "render"),
    [(Reference(jsonpath="$.day"), to_arguments), (Reference(jsonata="$x"), to_parameters)],
)
def test_a_value_of_the_other_language_is_refused(value: Reference, render: object) -> None:
    """It is never rendered in the wrong language."""
    with pytest.raises(WrongLanguageError, match="write the value in"):
        render(app(value))  # type: ignore[operator] # one of the two renderers


@given(st.lists(st.one_of(st.text(), st.just(DAY), st.just(COUNT)), max_size=6))
def test_joining_keeps_order_and_text(parts: list[str | Reference]) -> None:
    """However it is cut, joined text reads the same."""
    whole = join(*parts)

    assert str(whole) == "".join(map(str, parts))
    if isinstance(whole, Joined):
        neighbours = zip(whole.parts, whole.parts[1:], strict=False)
        assert not any(isinstance(a, str) and isinstance(b, str) for a, b in neighbours)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_jsonpath_literal_gives_its_text_back(text: str) -> None:
    """Quotes, braces and backslashes stay data; braces by the one function that unescapes them."""
    literal = expression(text, "JSONPath")
    has_braces = "{" in text or "}" in text
    quoted = literal.removeprefix("States.Format(").removesuffix(")") if has_braces else literal
    body, unescaped, at = quoted[1:-1], "", 0
    while at < len(body):
        assert body[at] not in "'{}"
        at += body[at] == "\\"
        unescaped += body[at]
        at += 1

    assert unescaped == text
    assert json.loads(json.dumps(literal)) == literal
