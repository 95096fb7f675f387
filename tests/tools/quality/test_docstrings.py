"""Docstrings of public names."""

from tools.quality import docstrings


def test_each_public_name_says_what_it_is() -> None:
    """Modules, classes, functions and methods of the package."""
    assert docstrings.figure().offenders == ()
