"""The batches of a distributed Map's items."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.ministack.states.maps import batches

ITEMS = st.lists(st.text(max_size=12) | st.integers() | st.none(), max_size=30)


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")).encode())


@given(items=ITEMS, most=st.integers(0, 5), largest=st.sampled_from([0, 30, 60, 1000]))
def test_batches_hold_all_items_and_keep_to_both_limits(
    items: list[Any], most: int, largest: int
) -> None:
    """In their order; only one item alone may be larger than a batch may."""
    found = batches(items, {"BatchInput": 1}, most, largest)

    assert [item for batch in found for item in batch["Items"]] == items
    for batch in found:
        assert batch["BatchInput"] == 1
        assert 1 <= len(batch["Items"]) <= (most or len(items))
        assert not largest or size(batch) <= largest or len(batch["Items"]) == 1


@given(items=ITEMS, most=st.integers(0, 5), largest=st.sampled_from([0, 30, 60, 1000]))
def test_batches_are_as_large_as_they_may_be(items: list[Any], most: int, largest: int) -> None:
    """The first item of one would not have gone into the one before."""
    found = batches(items, {}, most, largest)

    for before, after in pairwise(found):
        fuller = {"Items": [*before["Items"], after["Items"][0]]}
        assert len(before["Items"]) == most or (largest and size(fuller) > largest)


@pytest.mark.parametrize("largest", [0, 10])
def test_no_items_are_no_batches(largest: int) -> None:
    """Whatever they share."""
    assert batches([], {"BatchInput": {"a": 1}}, 2, largest) == []
