"""A step's state in Amazon States Language, in the language of its machine."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.pseudo import PARTITION
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.rendering import (
    WrongLanguageError,
    expression,
    to_arguments,
    to_parameters,
)
from cdk_sagemaker_processing.request.values import Language, Reference
from cdk_sagemaker_processing.steps.options import Options
from cdk_sagemaker_processing.steps.state.result import jsonata_output, jsonpath_fields

__all__ = ["body", "language_of", "resource", "waits", "wrong_state_names"]

# https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
_LONGEST_NAME = 80


def waits(options: Options) -> bool:
    """Whether the state lasts until its job has ended."""
    return bool(options.integration_pattern == sfn.IntegrationPattern.RUN_JOB)


def resource(options: Options) -> str:
    """The ARN of what the state does."""
    end = ".sync" if waits(options) else ""
    return f"arn:{PARTITION}:states:::sagemaker:createProcessingJob{end}"


def language_of(chosen: sfn.QueryLanguage | None) -> Language:
    """The query language of a state that was told one, or none."""
    return "JSONata" if chosen == sfn.QueryLanguage.JSONATA else "JSONPath"


def body(
    request: CreateProcessingJobRequest, options: Options, language: Language
) -> tuple[dict[str, Any], list[Problem]]:
    """What the state says of the request and of its result.

    Returns:
        The fields, and a problem for all that is said in the other query
        language only.
    """
    wrong = _wrong_words(options, language)
    fields = _jsonata if language == "JSONata" else _jsonpath
    try:
        return {**_timeout(options, language), **fields(request, options)}, wrong
    except WrongLanguageError as error:
        return {}, [*wrong, Problem(str(error))]


def wrong_state_names(names: Sequence[str]) -> list[Problem]:
    """What is wrong with the names of a step's states: its own, its fallbacks' and its cache's."""
    longest = max(names, key=len)
    if len(longest) <= _LONGEST_NAME:
        return []
    return [
        Problem(
            f"the state's name must have at most {_LONGEST_NAME} characters, got {len(longest)}, "
            f"{longest!r}: give the step a shorter id, or a state_name beside it"
        )
    ]


def _wrong_words(options: Options, language: Language) -> list[Problem]:
    if language == "JSONata" and (options.result_path or options.result_selector):
        return [
            Problem(
                "result_path and result_selector are for JSONPath, but the state is JSONata: "
                "keep its result by result_name, or give its output as state_output, such as "
                "'{% $states.result %}'"
            )
        ]
    if language == "JSONPath" and options.state_output is not None:
        return [
            Problem(
                "state_output is for JSONata, but the state is JSONPath: "
                "keep the result by result_name, or by result_path and result_selector"
            )
        ]
    return []


def _jsonpath(request: CreateProcessingJobRequest, options: Options) -> dict[str, Any]:
    parameters = {"Parameters": to_parameters(request)}
    if options.result_name is not None:
        return {
            **parameters,
            **jsonpath_fields(request, options.result_name, ended=waits(options)),
        }
    selector = options.result_selector
    return {
        **parameters,
        **({"ResultSelector": run_time.fields(selector)} if selector else {}),
        "ResultPath": options.result_path or _discard(),
    }


@cache
def _discard() -> Any:
    """The CDK's word for no result; each reading of it crosses into Node."""
    return sfn.JsonPath.DISCARD


def _jsonata(request: CreateProcessingJobRequest, options: Options) -> dict[str, Any]:
    return {"Arguments": to_arguments(request), "Output": _jsonata_output(request, options)}


def _jsonata_output(request: CreateProcessingJobRequest, options: Options) -> Any:
    if options.result_name is not None:
        return jsonata_output(request, options.result_name, ended=waits(options))
    return "{% $states.input %}" if options.state_output is None else options.state_output


def _timeout(options: Options, language: Language) -> dict[str, Any]:
    if options.task_timeout is None:
        return {}
    seconds = run_time.number(run_time.whole(options.task_timeout.to_seconds()))
    if not isinstance(seconds, Reference):
        return {"TimeoutSeconds": seconds}
    if language == "JSONata":
        return {"TimeoutSeconds": f"{{% {expression(seconds, language)} %}}"}
    return {"TimeoutSecondsPath": expression(seconds, language)}
