"""Which versions the package is tested with."""

import pytest

from tools.matrix import Cell, cells


def test_the_lowest_and_each_python_with_the_newest() -> None:
    """The lowest bounds on the lowest Python; 3.9 is below 3.10."""
    made = cells(
        [
            "Programming Language :: Python :: 3",
            "Programming Language :: Python :: 3.10",
            "Programming Language :: Python :: 3.9",
            "Typing :: Typed",
        ]
    )

    assert made == [
        Cell("lowest", "3.9", "lowest-direct"),
        Cell("newest, 3.9", "3.9", "highest"),
        Cell("newest, 3.10", "3.10", "highest"),
    ]


def test_a_project_that_claims_no_python_is_no_matrix() -> None:
    """Nothing tested must not be taken for all passed."""
    with pytest.raises(IndexError):
        cells(["Typing :: Typed"])
