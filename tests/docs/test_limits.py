"""docs/about/limits.md and costs.md: their figures are those of the service model and the table."""

import re
from typing import Any

import botocore.session
import pytest

from cdk_sagemaker_processing.runs.report.prices import read_prices
from cdk_sagemaker_processing.steps.caching.expressions import MOST_OBJECTS
from cdk_sagemaker_processing.steps.state.sizes import LARGEST_DEFINITION, MOST_MANAGED_POLICIES
from tests.docs.blocks import ROOT

ABOUT = ROOT / "docs" / "about"
LIMITS = (ABOUT / "limits.md").read_text()
COSTS = (ABOUT / "costs.md").read_text()
ROWS = re.findall(r"^\| `([\w.\[\]]+)` \| ([\d,]+) \| ([\d,]+) \|", LIMITS, re.MULTILINE)
PRICED = re.findall(
    r"^\| `(ml\.\w+\.\w+)`[^|]* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", COSTS, re.MULTILINE
)


def member(path: str) -> Any:
    """A member of CreateProcessingJob, with its limits."""
    service = botocore.session.get_session().get_service_model("sagemaker")
    shape: Any = service.operation_model("CreateProcessingJob").input_shape
    for name in re.findall(r"\w+|\[\]", path):
        shape = shape.member if name == "[]" else shape.members[name]
    return shape


def test_the_tables_are_read() -> None:
    """So that the tests below are not of nothing."""
    assert (len(ROWS), len(PRICED)) == (15, 6)


@pytest.mark.parametrize(("path", "least", "most"), ROWS, ids=[row[0] for row in ROWS])
def test_the_limits_are_those_of_the_service_model(path: str, least: str, most: str) -> None:
    """As botocore has it."""
    limits = member(path).metadata

    assert (limits["min"], limits["max"]) == (int(least), int(most.replace(",", "")))


@pytest.mark.parametrize(("kind", "hour", "ten", "four"), PRICED, ids=[row[0] for row in PRICED])
def test_the_prices_are_those_of_reports(kind: str, hour: str, ten: str, four: str) -> None:
    """An hour, ten minutes, and ten minutes on four instances."""
    price = read_prices().per_instance_hour[kind]

    assert [hour, ten, four] == [f"{one:.3f}" for one in (price, price / 6, price / 6 * 4)]


def test_the_day_of_the_prices_is_told() -> None:
    """And the region and currency that they are of."""
    prices = read_prices()

    assert f"as of {prices.as_of}" in " ".join(COSTS.split())
    assert f"{prices.region} in {prices.currency}" in COSTS


def test_limits_of_this_package_are_those_of_the_code() -> None:
    """The few that are numbers."""
    assert f"At most {MOST_OBJECTS:,} objects" in LIMITS
    assert f"{LARGEST_DEFINITION:,} characters" in LIMITS
    assert f"policies of a role: {MOST_MANAGED_POLICIES} |" in LIMITS
