import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.model import StringShape
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.runs.report.prices import PriceTable, PriceTableError, read_prices

OWN = {
    "asOf": "2026-02-01",
    "region": "eu-west-1",
    "currency": "EUR",
    "source": "our contract",
    "perInstanceHour": {"ml.m5.xlarge": 0.2, "ml.free": 0},
}


def written(folder: Path, **members: Any) -> Path:
    file = folder / "prices.json"
    file.write_text(json.dumps({**OWN, **members}))
    return file


def test_the_shipped_table_is_dated_and_names_instance_types_that_jobs_may_have() -> None:
    """List prices of one region; a type that SageMaker does not know would be a slip."""
    prices = read_prices()

    assert (prices.region, prices.currency) == ("us-east-1", "USD")
    assert prices.as_of == date(2025, 1, 1)
    assert "not fetched" in prices.source
    assert prices.per_instance_hour["ml.m5.xlarge"] == 0.23
    sagemaker = boto3.client("sagemaker", region_name="us-east-1")
    known = sagemaker.meta.service_model.shape_for("ProcessingInstanceType")
    assert isinstance(known, StringShape)
    assert set(prices.per_instance_hour) <= set(known.enum)


def test_larger_instances_of_a_family_cost_in_proportion() -> None:
    """In families without GPUs a size's price is that of the smaller one times the ratio."""
    prices = read_prices().per_instance_hour
    for family in ("t3", "m5", "c5", "r5"):
        per_unit = [
            price / _units(name.rpartition(".")[2])
            for name, price in prices.items()
            if name.startswith(f"ml.{family}.")
        ]
        assert max(per_unit) / min(per_unit) < 1.01


def _units(size: str) -> float:
    small = {"medium": 0.25, "large": 0.5, "xlarge": 1.0}
    return small.get(size) or float(size.removesuffix("xlarge"))


def test_a_table_of_ones_own_replaces_it_in_whole(tmp_path: Path) -> None:
    """Other prices, another region, another currency."""
    assert read_prices(written(tmp_path)) == PriceTable(
        as_of=date(2026, 2, 1),
        region="eu-west-1",
        currency="EUR",
        source="our contract",
        per_instance_hour={"ml.m5.xlarge": 0.2, "ml.free": 0},
    )


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"asOf": "May"}, "asOf must be a day such as 2025-01-01, got 'May'"),
        ({"currency": 1, "region": None}, "currency must be text; region must be text"),
        ({"perInstanceHour": []}, "perInstanceHour must be an object of instance types and prices"),
        (
            {"perInstanceHour": {"a": -1, "b": True, "c": "1"}},
            (
                "the price of a must be a number from 0, got -1; "
                "the price of b must be a number from 0, got True; "
                "the price of c must be a number from 0, got '1'"
            ),
        ),
    ],
)
def test_what_is_no_table_is_refused_with_all_that_is_wrong(
    tmp_path: Path, members: dict[str, Any], told: str
) -> None:
    """And with a table as it should be."""
    file = written(tmp_path, **members)
    beginning = re.escape(f"{file}: {told}. A price table is {{")
    with pytest.raises(PriceTableError, match=beginning):
        read_prices(file)


@pytest.mark.parametrize(
    ("text", "told"), [("{", "is not JSON"), ("[]", "it must hold a JSON object, it holds list")]
)
def test_other_files_are_refused(tmp_path: Path, text: str, told: str) -> None:
    """By what they hold."""
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(PriceTableError, match=told):
        read_prices(file)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(json_values, st.sampled_from([None, *OWN]))
def test_nothing_but_a_table_is_ever_taken(
    tmp_path_factory: pytest.TempPathFactory, value: Any, member: str | None
) -> None:
    """Whatever stands in the file or in a member of it: a table or a refusal, nothing else."""
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps(value if member is None else {**OWN, member: value}))
    try:
        prices = read_prices(file)
    except PriceTableError:
        return
    assert all(0 <= price < float("inf") for price in prices.per_instance_hour.values())
