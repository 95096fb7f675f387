"""What stands literally in the expressions of both query languages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.checks.expressions import from_jsonata, from_jsonpath
from cdk_sagemaker_processing.checks.unknown import UNKNOWN
from cdk_sagemaker_processing.request.rendering import to_arguments, to_parameters
from cdk_sagemaker_processing.request.values import Joined, Reference


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$.day", UNKNOWN),
        ("$$.Execution.Name", UNKNOWN),
        ("'it\\'s'", "it's"),
        ("States.Format('s3://{}/\\{x\\}', $.day)", f"s3://{UNKNOWN}/{{x}}"),
        ("States.Array('--day', $.day, 'a,b')", ["--day", UNKNOWN, "a,b"]),
        ("States.Array(States.Format('{}-x', $.a), 'b')", [f"{UNKNOWN}-x", "b"]),
        ("States.StringToJson('[1]')", f"{UNKNOWN}[1]{UNKNOWN}"),
    ],
)
def test_a_jsonpath_member_stands_under_its_own_name(written: str, read: Any) -> None:
    """Without the ``.$``, and with what is written in the expression."""
    assert from_jsonpath({"Arguments.$": written}) == {"Arguments": read}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{% $states.input.day %}", UNKNOWN),
        ("{% '--password=' & $p %}", f"{UNKNOWN}--password={UNKNOWN}"),
        ('{% "it\\u0027s" %}', f"{UNKNOWN}it's{UNKNOWN}"),
        ("plain", "plain"),
        (["a", "{% $x %}"], ["a", UNKNOWN]),
        ({"Key.$": 1}, {"Key.$": 1}),
    ],
)
def test_a_jsonata_expression_is_unknown_but_for_its_texts(written: Any, read: Any) -> None:
    """Everything else stands as it is written."""
    assert from_jsonata({"Arguments": written}) == {"Arguments": read}


@given(st.lists(st.text(), min_size=1, max_size=5), st.integers(0, 4))
def test_what_the_steps_render_is_read_back(words: list[str], at: int) -> None:
    """A list with a run-time value in it holds the same words in either language."""
    items: tuple[str | Reference, ...] = (*words[:at], Reference("$.x", "$x"), *words[at:])
    wanted = [*words[:at], UNKNOWN, *words[at:]]

    assert from_jsonpath(to_parameters({"Words": items})) == {"Words": wanted}
    if not any(one.startswith("{%") and one.endswith("%}") for one in words):
        assert from_jsonata(to_arguments({"Words": items})) == {"Words": wanted}


@given(st.text(min_size=1))
def test_text_around_a_run_time_value_is_read_back(text: str) -> None:
    """By States.Format in JSONPath, by joining in JSONata."""
    joined = {"Word": Joined((text, Reference("$.x", "$x")))}

    assert from_jsonpath(to_parameters(joined)) == {"Word": f"{text}{UNKNOWN}"}
    assert text in from_jsonata(to_arguments(joined))["Word"]
