"""Which variables of its workflow a request holds."""

from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.request.values import Joined, Reference
from cdk_sagemaker_processing.run_time import variables_in


@dataclass(frozen=True)
class Request:
    """Something that holds values as a request does."""

    name: Any
    tags: Any = ()


def variable(name: str) -> Reference:
    """A variable, alike in both languages."""
    return Reference(jsonpath=f"${name}", jsonata=f"${name}")


def test_variables_are_found_wherever_they_stand() -> None:
    """In members, lists, mappings, and as the text of one."""
    as_text = Reference(jsonpath="States.Format('{}', $count)", jsonata="$string($count)")
    request = Request(variable("day"), (variable("a_1"), {"key": as_text}, Request("plain")))

    assert variables_in(request) == {"day", "a_1", "count"}


def test_paths_into_input_and_context_are_no_variables() -> None:
    """A variable is one word after its sign."""
    request = Request(
        Reference(jsonpath="$.day"),
        (Reference(jsonpath="$$.Execution.Name"), Reference(jsonata="$states.input.day"), "$day"),
    )

    assert variables_in(request) == frozenset()


def test_a_variable_within_text_is_found() -> None:
    """As a part of what is joined."""
    assert variables_in(Request(Joined(("s3://raw/", variable("day"), "/")))) == {"day"}
