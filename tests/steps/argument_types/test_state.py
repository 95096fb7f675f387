"""What the state around a job is told, of the right kind."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.steps.argument_types import state
from tests.steps.argument_types.checked import said

RUN_JOB = sfn.IntegrationPattern.RUN_JOB
LATE_LIST = sfn.JsonPath.list_at("$.types")
RIGHT: dict[str, tuple[Callable[[str, Any], Any], list[Any]]] = {
    "retry": (state.wrong_retry, [True, False, sfn.RetryProps(), sfn.RetryProps(errors=["a"])]),
    "pattern": (state.wrong_pattern, [RUN_JOB, sfn.IntegrationPattern.REQUEST_RESPONSE]),
    "instance types": (
        state.wrong_instance_types,
        [(), ["ml.m5.xlarge"], [sfn.JsonPath.string_at("$.type"), "{% $type %}"]],
    ),
    "result name": (state.wrong_result_name, [None, "a", "_a", "a-b", "A1"]),
    "result path": (state.wrong_result_path, [None, "$.job", "$['a b']", sfn.JsonPath.DISCARD]),
    "mapping": (state.wrong_mapping, [None, {}, {"a": 5}]),
    "words": (state.wrong_words, [None, "", "a"]),
    "language": (state.wrong_language, [None, *sfn.QueryLanguage]),
    "overrides": (state.wrong_overrides, [None, {}, {"Tags[0].Value": 5}]),
}
WRONG: dict[str, tuple[Callable[[str, Any], Any], Any, str]] = {
    "a number of retries": (state.wrong_retry, 3, "it must be True, False or sfn.RetryProps(...)"),
    "a mapping of retries": (state.wrong_retry, {"max_attempts": 3}, "sfn.RetryProps(...), got {"),
    "a task token": (
        state.wrong_pattern,
        sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
        "it: Step Functions gives processing jobs no task token: take RUN_JOB",
    ),
    "a word for a pattern": (state.wrong_pattern, "RUN_JOB", "must be an sfn.IntegrationPattern"),
    "one instance type": (state.wrong_instance_types, "ml.m5.xlarge", "a list known at synth"),
    "a late list of types": (state.wrong_instance_types, LATE_LIST, "a list known at synth"),
    "a late list as text": (state.wrong_instance_types, "{% $types %}", "a list known at synth"),
    "a number for a type": (state.wrong_instance_types, ["a", 5], "it[1] must be a string, got 5"),
    "a path for a name": (state.wrong_result_name, "$.job", "a path goes to result_path"),
    "a number for a path": (state.wrong_result_path, 5, "it must be a path, such as '$.job'"),
    "nothing for a path": (state.wrong_result_path, "", "it must be a path, such as '$.job'"),
    "text for a mapping": (state.wrong_mapping, "a", "it must be a mapping, got 'a'"),
    "a number for words": (state.wrong_words, 5, "it must be a string, got 5"),
    "text for a language": (state.wrong_language, "JSONata", "it must be an sfn.QueryLanguage"),
    "a list of overrides": (state.wrong_overrides, ["a"], "it must be a mapping of members to"),
    "a number for a member": (state.wrong_overrides, {5: 1}, "a member must be named by a string"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_fits_is_taken(kind: str) -> None:
    """In all its ways of writing."""
    check, taken = RIGHT[kind]

    assert [said(check, one) for one in taken] == [[] for _ in taken]


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_what_does(case: str) -> None:
    """Once, with what came."""
    check, value, words = WRONG[case]

    (problem,) = said(check, value)

    assert words in problem


def test_a_results_path_begins_at_the_state() -> None:
    """Step Functions refuses any other at deploy."""
    assert said(state.wrong_result_path, "job")
