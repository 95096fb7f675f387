"""The committed report on packs of regulations."""

import pytest

from security import frameworks


def test_the_page_is_up_to_date() -> None:
    """docs/about/security.md says what the stacks are now: `make security-report` writes it."""
    assert frameworks.PAGE.read_text() == frameworks.page()


def test_a_finding_without_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page never lists a finding that it does not explain."""
    monkeypatch.delitem(frameworks._ANSWERS, "IAMNoInlinePolicy")

    with pytest.raises(ValueError, match="IAMNoInlinePolicy is found: say what it means"):
        frameworks.page()
