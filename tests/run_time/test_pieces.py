"""Text in pieces: what is written, and values of a run between it."""

from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.run_time.pieces import is_jsonata, jsonata_in, pieces_of, values_in

PLAIN = st.text(st.characters(exclude_characters="{%}$", codec="ascii"))
EXPRESSION = PLAIN.map(lambda text: f"{{% {text} %}}")


@given(st.lists(PLAIN, min_size=1).flatmap(lambda plain: st.tuples(
    st.just(plain), st.lists(EXPRESSION, min_size=len(plain) - 1, max_size=len(plain) - 1)
)))  # fmt: skip # one strategy, read as one
def test_values_stand_at_the_odd_places(written: tuple[list[str], list[str]]) -> None:
    """Whatever stands between them, and nothing is lost."""
    plain, values = written
    text = plain[0] + "".join(a + b for a, b in zip(values, plain[1:], strict=True))

    assert pieces_of(text)[::2] == plain
    assert values_in(text) == values
    assert "".join(pieces_of(text)) == text


def test_an_expression_alone_is_jsonata() -> None:
    """With text around it, it is a text that holds one."""
    assert is_jsonata("{% $x %}")
    assert not is_jsonata("a{% $x %}")
    assert not is_jsonata("$x")
    assert jsonata_in("{% $x + 1 %}") == "$x + 1"
