"""How strictly mypy looks."""

from tools.quality import types


def test_what_makes_mypy_less_strict_is_off() -> None:
    """Packages without types may be left out; none of our own code may."""
    overrides = [
        {"module": ["cfnlint.*"], "ignore_missing_imports": True},
        {"module": ["tests.*"], "ignore_errors": True},
    ]
    assert types.weakened({"strict": True, "overrides": overrides}) == (
        "pyproject.toml: an override of mypy sets ignore_errors",
    )
    assert types.weakened({"overrides": []}) == ("pyproject.toml: mypy is not strict",)
