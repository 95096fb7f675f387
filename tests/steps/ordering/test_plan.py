"""The order of steps, for any graph of what waits for what."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.steps.ordering.plan import (
    Beside,
    Plan,
    Series,
    ancestors,
    cycle,
    plan,
)

Waits = list[set[int]]


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> Waits:
    """What waits for what, in steps that are listed in any order."""
    size = draw(st.integers(1, most))
    names = draw(st.permutations(range(size)))
    waits: Waits = [set() for _ in range(size)]
    for later in range(size):
        for earlier in draw(st.sets(st.integers(0, later - 1))) if later else ():
            waits[names[later]].add(names[earlier])
    return waits


@st.composite
def nested(draw: st.DrawFn) -> Plan:
    """A plan of series and parts beside each other, at random."""
    shapes = st.recursive(
        st.just(None),
        lambda inner: st.tuples(st.booleans(), st.lists(inner, min_size=2, max_size=3)),
    )
    at = iter(range(1000))

    def make(shape: object) -> Plan:
        if shape is None:
            return next(at)
        assert isinstance(shape, tuple)
        parts = tuple(make(one) for one in shape[1])
        return Series(parts) if shape[0] else Beside(parts)

    return make(draw(shapes))


def steps_of(one: Plan) -> list[int]:
    """All steps of a plan."""
    return (
        [one] if isinstance(one, int) else [step for part in one.parts for step in steps_of(part)]
    )


def happens_before(one: Plan) -> set[tuple[int, int]]:
    """The pairs of a plan's steps of which the first has ended before the second starts."""
    if isinstance(one, int):
        return set()
    pairs = {pair for part in one.parts for pair in happens_before(part)}
    if isinstance(one, Series):
        for at, part in enumerate(one.parts):
            after = [step for later in one.parts[at + 1 :] for step in steps_of(later)]
            pairs |= set(product(steps_of(part), after))
    return pairs


def needed(waits: Waits) -> set[tuple[int, int]]:
    """The pairs of which the second waits for the first, by others or by itself."""
    return {(before, at) for at, all_of in enumerate(ancestors(waits)) for before in all_of}


def levels(waits: Waits) -> Sequence[int]:
    """The number of steps on the longest way to each step."""
    found: dict[int, int] = {}
    for at in sorted(range(len(waits)), key=lambda step: len(ancestors(waits)[step])):
        found[at] = max((found[one] + 1 for one in waits[at]), default=0)
    return [found[at] for at in range(len(waits))]


@given(graphs())
def test_each_step_runs_once_and_after_all_that_it_waits_for(waits: Waits) -> None:
    """Whatever the graph."""
    made = plan(waits)

    assert sorted(steps_of(made)) == list(range(len(waits)))
    assert needed(waits) <= happens_before(made)


def test_what_is_cut_off_comes_last() -> None:
    """Though a step before the cut may wait for more than one behind it."""
    waits = [{1, 2, 3}, set(), set(), set(), {3}, {4}]

    made = plan(waits)

    assert needed(waits) <= happens_before(made)
    assert isinstance(made, Series)
    assert made.parts[-1] == 5


@given(graphs())
def test_no_step_waits_for_one_of_its_own_level_or_a_later_one(waits: Waits) -> None:
    """So that nothing is later than it would be level by level."""
    level = levels(waits)

    assert all(level[before] < level[after] for before, after in happens_before(plan(waits)))


@given(nested())
def test_it_waits_for_nothing_else_where_states_can_say_so(shape: Plan) -> None:
    """The order of any nesting of series and parts beside each other comes out as it went in."""
    wanted = happens_before(shape)
    waits = [{one for one, other in wanted if other == at} for at in range(len(steps_of(shape)))]

    assert happens_before(plan(waits)) == wanted


@given(graphs(), st.data())
def test_a_circle_is_found_wherever_it_is(waits: Waits, data: st.DataObject) -> None:
    """And is one: each of its steps waits for the next one, the last for the first."""
    pairs = sorted({(at, at) for at in range(len(waits))} | needed(waits))
    before, after = data.draw(st.sampled_from(pairs))
    assert cycle(waits) == []

    waits[before].add(after)
    found = cycle(waits)

    assert found
    assert all(
        other in waits[one] for one, other in zip(found, [*found[1:], found[0]], strict=True)
    )


def test_where_states_cannot_say_it_the_fewest_steps_wait_without_need() -> None:
    """Two chains of three, and the last of one waits for the middle of the other too."""
    waits: Waits = [set(), {0}, {1}, set(), {3}, {4, 1}]

    made = plan(waits)

    assert made == Series((Beside((Series((0, 1)), Series((3, 4)))), Beside((2, 5))))
    assert happens_before(made) - needed(waits) == {(3, 2), (4, 2)}


@pytest.mark.parametrize(
    ("waits", "made"),
    [
        ([set()], 0),
        ([{1}, set()], Series((1, 0))),
        ([set(), set()], Beside((0, 1))),
        ([set(), {0}, {0}, {1, 2}], Series((0, Beside((1, 2)), 3))),
        ([set(), {0}, {0}, {1}], Series((0, Beside((Series((1, 3)), 2))))),
        ([set(), {0}, {0, 1}], Series((0, 1, 2))),
    ],
    ids=["one", "two in a row", "two side by side", "a diamond", "a longer arm", "a needless edge"],
)
def test_small_orders_read_as_one_would_write_them(waits: Waits, made: Plan) -> None:
    """No state more than needed."""
    assert plan(waits) == made
