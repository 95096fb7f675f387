"""Steps ask SageMaker for what the SageMaker SDK's processors ask for."""

import ast
import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import cdk_sagemaker_processing as processing
from tests.sdk import recordings
from tests.sdk.comparison import Found, compare, our_side, their_side
from tests.sdk.differences import ACCEPTED, DIFFERENCES, REFUSED, undeclared
from tests.sdk.our_calls import CALLS
from tests.support import new_stack
from tools import sdk_page

REFUSED_THERE = [name for name in recordings.NAMES if "error" in recordings.read(name)]
COMPARED = [name for name in recordings.NAMES if name not in (*REFUSED_THERE, *REFUSED)]

Make = Callable[[str], processing.ProcessingStep]
Side = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes the step of a call, beside the files that it names."""

    def made(name: str) -> processing.ProcessingStep:
        region = recordings.read(name)["region"]
        environment = cdk.Environment(account="111122223333", region=region)
        stack = new_stack(tmp_path_factory.mktemp(name), environment=environment)
        with contextlib.chdir(recordings.FILES):
            return CALLS[name](stack)

    return made


@pytest.fixture(scope="module")
def ours(make: Make) -> Side:
    """Our side of a call, made once."""
    return cache(lambda name: our_side(make(name)))


def theirs(name: str) -> dict[str, Any]:
    """The SDK's side of a call."""
    return their_side(recordings.read(name))


def test_both_sides_have_the_same_calls() -> None:
    """No recorded call is without its step, and no step without its recorded call."""
    assert sorted(CALLS) == recordings.NAMES
    assert len(COMPARED) >= 40
    assert set(REFUSED) <= set(recordings.NAMES)


def test_every_call_of_the_tool_is_recorded() -> None:
    """The fixtures are of the calls as the tool has them, none missing and none of old."""
    tool = ast.parse(
        Path(recordings.__file__).parents[2].joinpath("tools/sdk_calls.py").read_text()
    )
    made = [
        one.name
        for one in tool.body
        if isinstance(one, ast.FunctionDef)
        and any(ast.unparse(mark).startswith("call") for mark in one.decorator_list)
    ]
    documented = sdk_page.examples(sdk_page.V2)

    assert sorted([*made, *documented]) == recordings.NAMES


@pytest.mark.parametrize("name", COMPARED)
def test_a_step_asks_for_what_the_sdk_asks_for(name: str, ours: Side) -> None:
    """The two requests are equal, but for what is declared to differ."""
    assert undeclared(compare(theirs(name), ours(name))) == []


@pytest.mark.parametrize("name", [name for name in REFUSED_THERE if name not in ACCEPTED])
def test_what_the_sdk_refuses_a_step_refuses(name: str, make: Make) -> None:
    """A mistake that the SDK finds is found here, at synth."""
    with pytest.raises(processing.ValidationError):
        make(name)


@pytest.mark.parametrize("name", REFUSED)
def test_a_step_refuses_what_the_sdk_lets_through(name: str, make: Make) -> None:
    """What would fail later is refused at synth, each with its reason declared."""
    assert "request" in recordings.read(name)
    with pytest.raises(processing.ValidationError, match=re.escape(REFUSED[name].says)):
        make(name)


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_step_takes_what_the_sdk_refuses(name: str, make: Make) -> None:
    """What is harmless is taken, each with its reason declared."""
    assert ACCEPTED[name].says in recordings.read(name)["error"]
    assert make(name).render_request()


def test_every_declared_difference_is_needed(ours: Side) -> None:
    """Each declared difference is found in a call, and each one found is declared once."""
    found = [one for name in COMPARED for one in compare(theirs(name), ours(name))]

    idle = [one for one in DIFFERENCES if not any(map(one.covers, found))]
    twice = {one for one in found if sum(known.covers(one) for known in DIFFERENCES) > 1}

    assert idle == []
    assert twice == set()


@pytest.mark.parametrize("name", COMPARED)
def test_no_change_of_a_request_passes_for_a_declared_difference(name: str, ours: Side) -> None:
    """Whatever single value of a step's request were another one, the comparison would tell."""
    unnoticed = [
        path
        for path, changed in changes(ours(name))
        if not undeclared(compare(theirs(name), changed))
    ]

    assert unnoticed == []


def changes(side: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """The side with each of its values changed, one at a time."""
    for path in leaves(side):
        changed = copy.deepcopy(side)
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = f"{holder[path[-1]]}, changed"
        yield path, changed


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value that holds no other."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, one in pairs:
            yield from leaves(one, (*path, step))
    else:
        yield path


def test_a_comparison_tells_what_is_missing_added_and_out_of_order() -> None:
    """A member or an item too many or too few, and another order, are differences."""
    two: dict[str, Any] = {
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
        "NetworkConfig": {"EnableNetworkIsolation": True},
    }
    none: dict[str, Any] = {}
    turned = {**two, "Tags": two["Tags"][::-1]}

    assert compare(two, two) == []
    assert compare(two, none) == [
        Found("NetworkConfig.EnableNetworkIsolation", "true", "(missing)"),
        Found("Tags[a]", '{"Key": "a", "Value": "1"}', "(missing)"),
        Found("Tags[b]", '{"Key": "b", "Value": "2"}', "(missing)"),
    ]
    assert [one.ours for one in compare(none, two)] == [one.theirs for one in compare(two, none)]
    assert compare(two, turned) == [Found("Tags in their order", '["a", "b"]', '["b", "a"]')]
    assert compare({"Tags": []}, none) == [Found("Tags", "[]", "(missing)")]
    assert len(compare({"Tags": two["Tags"][:1]}, {"Tags": two["Tags"][:1] * 2})) == 1
    assert compare({"Count": 1}, {"Count": True}) == [Found("Count", "1", "true")]
