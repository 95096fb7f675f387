"""A duration beside those of earlier runs, in words."""

import pytest

from cdk_sagemaker_processing.cli.workflows.report_page.comparison import Comparison


@pytest.mark.parametrize(
    ("seconds", "median", "told"),
    [
        (10.0, None, "nothing to compare with"),
        (10.0, 0.0, "about the median"),
        (10.5, 10.0, "about the median"),
        (15.0, 10.0, "50% longer than the median"),
        (5.0, 10.0, "50% shorter than the median"),
    ],
)
def test_a_duration_is_told_beside_the_median(
    seconds: float, median: float | None, told: str
) -> None:
    """A little more or less is no news; a state that is new has nothing to be held against."""
    assert Comparison("Clean", seconds, median, (), 0).told == told
