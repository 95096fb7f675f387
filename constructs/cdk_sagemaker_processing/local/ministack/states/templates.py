"""Payload templates in JSONPath: Parameters, ResultSelector, ItemSelector and Assign.

MiniStack leaves lists within lists alone, knows no `Assign` in JSONPath, and gives ResultSelector
no context object.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import limits, paths
from cdk_sagemaker_processing.local.ministack.states.place import current

_Template = dict[str, Any]


def fill(template: Any, data: Any, context: Any = None) -> Any:
    """Return a payload template with its paths and intrinsic functions replaced.

    Args:
        template: The template.
        data: What `$` is.
        context: The context object.
    """
    if isinstance(template, list):
        return [fill(item, data, context) for item in template]
    if not isinstance(template, dict):
        return template
    return dict(_member(name, value, data, context) for name, value in template.items())


def _member(name: str, value: Any, data: Any, context: Any) -> tuple[str, Any]:
    if not name.endswith(".$"):
        return name, fill(value, data, context)
    if not isinstance(value, str):
        raise paths.runtime_error(
            f"The value for the field '{name}' must be a STRING that contains a JSONPath"
        )
    if value.startswith("States."):
        return name[:-2], sfn._evaluate_intrinsic(value, data, context)
    try:
        return name[:-2], paths.select(value, data, context)
    except paths.PathError:
        raise paths.runtime_error(
            f"The JSONPath '{value}' specified for the field '{name}' could not be found in the "
            f"input '{paths.shown(data)}'"
        ) from None


def assign(state: _Template, data: Any, context: _Template) -> None:
    """Set the variables of a JSONPath state's `Assign`.

    Args:
        state: The state, the choice rule or the catcher that may have one.
        data: What `$` is: the result of a state that has one, else its input.
        context: The context object that keeps the variables.
    """
    if "Assign" in state and sfn._state_query_language(state, context) != "JSONata":
        limits.assign(fill(state["Assign"], data, context), context)


def _resolve_params_obj(
    _original: Callable[..., Any], template: Any, data: Any, ctx: Any = None
) -> Any:
    return fill(template, data, ctx)


def _apply_parameters(
    _original: Callable[..., Any], state_def: _Template, data: Any, ctx: Any = None
) -> Any:
    # An empty template is one too: it gives an empty object.
    given = fill(state_def["Parameters"], data, ctx) if "Parameters" in state_def else data
    return _noted(given)


def _apply_jsonata_arguments(
    original: Callable[..., Any], state_def: _Template, raw_input: Any, ctx: Any = None
) -> Any:
    return _noted(original(state_def, raw_input, ctx))


def _noted(parameters: Any) -> Any:
    place = current()
    if place is not None:
        place.parameters = parameters
    return parameters


def _apply_result_selector(original: Callable[..., Any], state_def: _Template, data: Any) -> Any:
    place = current()
    if place is None:
        return original(state_def, data)
    assign(state_def, data, place.context)
    if "ResultSelector" not in state_def:
        return data
    return fill(state_def["ResultSelector"], data, place.context)


def _apply_catcher(  # noqa: PLR0917 - MiniStack calls it so
    original: Callable[..., Any],
    catcher: _Template,
    raw_input: Any,
    ctx: _Template,
    query_language: str,
    error_output: Any,
) -> Any:
    if query_language != "JSONata":
        assign(catcher, error_output, ctx)
    return original(catcher, raw_input, ctx, query_language, error_output)


MENDS = {
    "_resolve_params_obj": _resolve_params_obj,
    "_apply_parameters": _apply_parameters,
    "_apply_jsonata_arguments": _apply_jsonata_arguments,
    "_apply_result_selector": _apply_result_selector,
    "_apply_catcher": _apply_catcher,
}
