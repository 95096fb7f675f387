"""Rules of ruff, and the complexity of functions."""

from tools.quality import lint

PYPROJECT = """\
[tool.ruff.lint]
select = ["ALL"]
ignore = [
    "EM",    # easier to read
    "FBT",
]

[tool.ruff.lint.isort]
known-first-party = ["A1"]

[tool.ruff.lint.per-file-ignores]
"tests/**" = [
    "S101", # how a test states behaviour
    "D100", "D101",
]
"app.py" = ["INP001"] # run as a script
"tools/**" = ["T201"]
"""


def test_a_rule_that_is_off_needs_a_reason_beside_it() -> None:
    """Everywhere or for some files."""
    assert lint.reasonless(PYPROJECT) == (
        "pyproject.toml:5: FBT off without a reason",
        "pyproject.toml:14: D100, D101 off without a reason",
        "pyproject.toml:17: T201 off without a reason",
    )


def test_all_of_ruffs_rules_are_on_but_those_with_a_reason() -> None:
    """As pyproject.toml has it."""
    assert lint.rules().offenders == ()


def test_no_function_is_complex() -> None:
    """Not even one that has quieted ruff."""
    assert lint.complexity().offenders == ()
