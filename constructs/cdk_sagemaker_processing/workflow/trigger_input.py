"""The input that a workflow's triggers give its executions, held against its parameters."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.request.values import is_known

__all__ = ["wrong_input"]

# What EventBridge Scheduler fills in: <aws.scheduler.scheduled-time> and its like.
_FILLED_IN = "<aws.scheduler."


def wrong_input(name: str, given: object, parameters: Sequence[WorkflowParameter]) -> list[Problem]:
    """What an execution would say of its input, where that is known at synth.

    Args:
        name: What the input is called in messages.
        given: The input; None for none.
        parameters: The workflow's parameters; without any every input will do.
    """
    if given is not None and not isinstance(given, Mapping):
        return [Problem(f"{name} must be a mapping of names to values, got {given!r}")]
    if not parameters:
        return []
    values: Mapping[str, Any] = given or {}
    return [
        Problem(f"{name}: {one}")
        for one in [*_wrong_values(values, parameters), *_unknown(values, parameters)]
    ]


def _wrong_values(
    values: Mapping[str, Any], parameters: Sequence[WorkflowParameter]
) -> Iterable[str]:
    for one in parameters:
        if one.name not in values:
            if one.required:
                yield f"{one.name} is missing, it must be {one.allowed}"
        elif _is_literal(values[one.name]) and (problem := one.problem(values[one.name])):
            yield problem


def _unknown(values: Mapping[str, Any], parameters: Sequence[WorkflowParameter]) -> Iterable[str]:
    names = [one.name for one in parameters]
    for name in values:
        if name not in names:
            yield f"{name} is no parameter, the parameters are {', '.join(names)}"


def _is_literal(value: object) -> bool:
    values = value if isinstance(value, list | tuple) else (value,)
    return all(is_known(one) and not (isinstance(one, str) and _FILLED_IN in one) for one in values)
