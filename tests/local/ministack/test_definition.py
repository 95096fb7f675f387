"""The check of definitions, whatever it is given."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.ministack.states import definition

JOB = "arn:aws:states:::sagemaker:createProcessingJob.sync"
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2}]
CATCH = [{"ErrorEquals": ["A"], "Next": "End", "ResultPath": "$.e"}]
RULES = [{"And": [{"Variable": "$.a", "IsNull": True}], "Next": "Each", "Assign": {"x": 1}}]
INNER = {"StartAt": "I", "States": {"I": {"Type": "Wait", "Seconds": 1, "End": True}}}
BRANCH = {
    "StartAt": "B",
    "States": {"B": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True}},
}
RIGHT: dict[str, Any] = {
    "StartAt": "Choose",
    "States": {
        "Choose": {"Type": "Choice", "Choices": RULES, "Default": "Job"},
        "Job": {
            "Type": "Task",
            "Resource": JOB,
            "Parameters": {"a.$": "$.a", "b": [{"c.$": "States.UUID()"}]},
            "TimeoutSeconds": 5,
            "Retry": RETRY,
            "Catch": CATCH,
            "Next": "Each",
        },
        "Each": {"Type": "Map", "ItemProcessor": INNER, "ItemsPath": "$.i", "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [BRANCH], "Next": "End"},
        "End": {"Type": "Succeed"},
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value, but the whole."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


PLACES = list(places(RIGHT))


def test_the_definition_is_right() -> None:
    """So that what follows starts from nothing wrong."""
    assert definition.problems(json.dumps(RIGHT)) == []


@given(place=st.sampled_from(PLACES), value=JSON)
@settings(max_examples=400)
def test_any_value_may_stand_anywhere(place: tuple[Any, ...], value: Any) -> None:
    """It is told what is wrong, if anything is; the check itself does not fail."""
    changed = copy.deepcopy(RIGHT)
    *path, last = place
    holder = changed
    for key in path:
        holder = holder[key]
    holder[last] = value
    for problem in definition.problems(json.dumps(changed)):
        assert str(problem).startswith(f"{problem.code}: {problem.message}")


@given(text=st.text())
def test_any_text_may_be_given(text: str) -> None:
    """What is no definition is refused."""
    assert definition.problems(text) != []
