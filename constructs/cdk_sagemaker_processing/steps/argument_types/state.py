"""What the state around a job is told, of the right kind."""

import re
from collections.abc import Iterator, Mapping

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.argument_types.values import (
    is_list,
    is_list_token,
    wrong_duration,
    wrong_list,
    wrong_text,
)

__all__ = [
    "wrong_cache_duration",
    "wrong_instance_types",
    "wrong_language",
    "wrong_mapping",
    "wrong_overrides",
    "wrong_pattern",
    "wrong_result_name",
    "wrong_result_path",
    "wrong_retry",
    "wrong_timeout",
    "wrong_words",
]

_LONGEST_TIMEOUT = 99_999_999


def wrong_retry(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with how service errors are waited out."""
    if not isinstance(value, bool | sfn.RetryProps):
        yield Problem(f"{name} must be True, False or sfn.RetryProps(...), got {value!r}")


def wrong_pattern(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with an integration pattern."""
    if value == sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN:
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
        yield Problem(
            f"{name}: Step Functions gives processing jobs no task token: take RUN_JOB, or have a "
            "state of another kind wait for the token"
        )
    elif not isinstance(value, sfn.IntegrationPattern):
        yield Problem(f"{name} must be an sfn.IntegrationPattern, got {value!r}")


def wrong_instance_types(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a list of instance types, each of which becomes a state."""
    if isinstance(value, str) or (is_list(value) and any(map(is_list_token, value))):
        yield Problem(
            f"{name} must be a list known at synth, each of its items a state: got {value!r}"
        )
    else:
        yield from wrong_list(name, value)


def wrong_result_name(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with the name of a result."""
    if value is not None and (
        not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", value)
    ):
        yield Problem(
            f"{name} must be a name of letters, digits, '_' and '-' that begins with a letter or "
            f"'_', got {value!r}; a path goes to result_path"
        )


def wrong_timeout(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with when a state is given up.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """
    wrong = list(wrong_duration(name, value))
    yield from wrong
    if isinstance(value, cdk.Duration) and not wrong:
        seconds = value.to_seconds()
        if is_known(seconds) and not 1 <= seconds <= _LONGEST_TIMEOUT:
            yield Problem(f"{name} must be 1 to {_LONGEST_TIMEOUT} seconds, got {seconds:g}")


def wrong_cache_duration(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with for how long a success stands."""
    wrong = list(wrong_duration(name, value))
    yield from wrong
    if isinstance(value, cdk.Duration) and not wrong:
        seconds = value.to_seconds()
        if not is_known(seconds) or seconds < 1:
            yield Problem(
                f"{name} must be at least a second and known at synth, such as "
                f"cdk.Duration.days(7), got {value.to_human_string()}"
            )


def wrong_result_path(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with the path of a result."""
    if value is None or (isinstance(value, str) and (value[:1] == "$" or not is_known(value))):
        return
    yield Problem(f"{name} must be a path, such as '$.job', got {value!r}")


def wrong_mapping(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with JSON under names."""
    if value is not None and not isinstance(value, Mapping):
        yield Problem(f"{name} must be a mapping, got {value!r}")


def wrong_words(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a comment or a name."""
    if value is not None:
        yield from wrong_text(name, value)


def wrong_language(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with a query language."""
    if value is not None and not isinstance(value, sfn.QueryLanguage):
        yield Problem(f"{name} must be an sfn.QueryLanguage, got {value!r}")


def wrong_overrides(name: str, value: object) -> Iterator[Problem]:
    """What is wrong with overrides of the request."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield Problem(
            f"{name} must be a mapping of members to values, got {value!r}: write "
            "{'AppSpecification.ImageUri': ...}"
        )
        return
    for path in value:
        if not isinstance(path, str):
            yield Problem(f"{name}: a member must be named by a string, got {path!r}")
