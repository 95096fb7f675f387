"""Single states: where the interpreter is, their time limits, and the variables they set."""

from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import templates
from cdk_sagemaker_processing.local.ministack.states.place import current
from cdk_sagemaker_processing.local.ministack.states.scope import Ending

_State = dict[str, Any]
_Result = tuple[Any, str | None]


def _here(ctx: _State | None) -> None:
    place = current()
    if place is not None and ctx is not None:
        place.at(ctx)


def _execute_pass(
    original: Callable[..., _Result], state_def: _State, raw_input: Any, ctx: Any = None
) -> _Result:
    _here(ctx)
    return original(state_def, raw_input, ctx)


def _execute_wait(
    original: Callable[..., _Result], state_def: _State, raw_input: Any, ctx: Any = None
) -> _Result:
    _here(ctx)
    result = original(state_def, raw_input, ctx)
    templates.assign(state_def, sfn._apply_input_path(state_def, raw_input, ctx), ctx or {})
    return result


def _execute_choice(
    original: Callable[..., _Result], state_def: _State, raw_input: Any, ctx: Any = None
) -> _Result:
    _here(ctx)
    place = current()
    if place is None:
        return original(state_def, raw_input, ctx)
    place.rule_matched = False
    result = original(state_def, raw_input, ctx)
    if not place.rule_matched:
        templates.assign(state_def, sfn._apply_input_path(state_def, raw_input, ctx), place.context)
    return result


def _evaluate_rule(original: Callable[..., bool], rule: _State, data: Any, ctx: Any = None) -> bool:
    matched = original(rule, data, ctx)
    place = current()
    if matched and place is not None and "Next" in rule:
        place.rule_matched = True
        templates.assign(rule, data, place.context)
    return matched


def _execute_task(
    original: Callable[..., _Result], state_def: _State, raw_input: Any, execution: _State, ctx: Any
) -> _Result:
    _here(ctx)
    return original(_with_timeout(state_def, raw_input, ctx), raw_input, execution, ctx)


def _with_timeout(state: _State, raw_input: Any, ctx: Any) -> _State:
    if path := state.get("TimeoutSecondsPath"):
        effective = sfn._apply_input_path(state, raw_input, ctx)
        return {**state, "TimeoutSeconds": sfn._resolve_path_or_ctx(path, effective, ctx)}
    if isinstance(state.get("TimeoutSeconds"), str):
        seconds = sfn._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)
        return {**state, "TimeoutSeconds": seconds}
    return state


def _invoke_resource_with_timeout(
    original: Callable[..., Any], resource: str, input_data: Any, timeout: float
) -> Any:
    place = current()
    if place is None:
        return original(resource, input_data, timeout)
    outer = place.scope
    with outer.child() as scope:
        place.scope = scope
        try:
            return original(resource, input_data, timeout)
        except sfn._ExecutionError as error:
            scope.end(Ending(error.error, error.cause))
            raise
        finally:
            place.scope = outer


def _apply_output_path(
    original: Callable[..., Any], state_def: _State, data: Any, ctx: Any = None
) -> Any:
    """MiniStack gives a Succeed state no Output, which in JSONata stands for the path."""
    if (
        state_def.get("Type") == "Succeed"
        and sfn._state_query_language(state_def, ctx) == "JSONata"
    ):
        return sfn._apply_jsonata_output(state_def, data, ctx, default=data)
    return original(state_def, data, ctx)


MENDS = {
    "_apply_output_path": _apply_output_path,
    "_execute_pass": _execute_pass,
    "_execute_wait": _execute_wait,
    "_execute_choice": _execute_choice,
    "_evaluate_rule": _evaluate_rule,
    "_execute_task": _execute_task,
    "_invoke_resource_with_timeout": _invoke_resource_with_timeout,
}
