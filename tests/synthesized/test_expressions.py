import doctest
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.request.rendering import expression
from cdk_sagemaker_processing.request.values import Joined, Reference, Text, join
from cdk_sagemaker_processing.synthesized import expressions
from cdk_sagemaker_processing.synthesized.expressions import plain, plain_jsonata, plain_jsonpath


def test_the_examples_hold() -> None:
    """Those of its documentation."""
    assert doctest.testmod(expressions).failed == 0


def references(**languages: str) -> st.SearchStrategy[Text]:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    found = st.sampled_from([Reference(**languages)])
    return st.lists(texts | found, max_size=5).map(lambda parts: join(*parts))


@given(references(jsonpath="States.UUID()"))
def test_what_is_written_for_jsonpath_reads_back_as_its_text(value: Text) -> None:
    """Known text in between the expressions in braces, whatever quotes and braces it holds."""
    written = expression(value, "JSONPath")
    assert plain({"A.$": written} if _is_run_time(value) else {"A": value}) == {"A": str(value)}


@given(references(jsonata="$uuid()"))
def test_what_is_written_for_jsonata_reads_back_as_its_text(value: Text) -> None:
    """The same in the other language."""
    written = expression(value, "JSONata")
    assert plain_jsonata(f"{{% {written} %}}") == str(value)


def _is_run_time(value: Text) -> bool:
    return isinstance(value, Reference | Joined)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$.day", "{$.day}"),
        ("$$.Execution.Name", "{$$.Execution.Name}"),
        ("States.Array('--day', $.day, 3, States.Format('{}-{}', $.a, 'b'))", None),
        ("States.MathAdd($.n, 1)", "{States.MathAdd($.n, 1)}"),
        ("States.Format('{}', $.n)", "{States.Format('{}', $.n)}"),
        ("States.Format($.template, 1)", "{States.Format($.template, 1)}"),
        ("States.Format('{}, {}', 1, $.a['x, y'])", "1, {$.a['x, y']}"),
        (r"States.Format('it\'s \{\} {}', $.a)", "it's {} {$.a}"),
    ],
)
def test_hand_written_jsonpath_is_read_too(written: str, read: Any) -> None:
    """What is no format or array of known pieces stays an expression."""
    assert plain_jsonpath(written) == (read or ["--day", "{$.day}", 3, "{$.a}-b"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain {text}", "plain {text}"),
        ("{% $states.input.day %}", "{$states.input.day}"),
        ('{% "a \\"b\\" & c" & $d & \'e\' %}', 'a "b" & c{$d}e'),
        ("{% 'say \"\"' & $a %}", 'say ""{$a}'),
        ("{% $a & ($b ? 'x' : 'y') %}", "{$a}{$b ? 'x' : 'y'}"),
        ("{% ($a) + ($b) %}", "{($a) + ($b)}"),
        ("{% $join(['a', 'b'], ' & ') %}", "{$join(['a', 'b'], ' & ')}"),
    ],
)
def test_hand_written_jsonata_is_read_too(written: str, read: str) -> None:
    """Texts that are joined, and expressions between them."""
    assert plain_jsonata(written) == read


@given(st.text(max_size=40))
def test_no_expression_is_too_odd(text: str) -> None:
    """Whatever stands in a definition, the command goes on."""
    for written in (text, f"States.Format({text})", f"States.Array({text})", f"'{text}' & {text}"):
        assert json.dumps(plain({"A.$": written, "B": f"{{% {written} %}}"}))
