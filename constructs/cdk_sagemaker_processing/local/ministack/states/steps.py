"""Single states: where the interpreter is, their time limits, and the variables they set."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import choices, paths, templates
from cdk_sagemaker_processing.local.ministack.states.place import current, here
from cdk_sagemaker_processing.local.ministack.states.scope import Ending

_State = dict[str, Any]
_Result = tuple[Any, str | None]

_LIMITS = ("TimeoutSeconds", "HeartbeatSeconds")


def _here(ctx: _State) -> None:
    # MiniStack's TestState walks a state outside any execution.
    if (place := current()) is not None:
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
    if sfn._state_query_language(state_def, ctx) == "JSONata":
        return original(state_def, raw_input, ctx)
    effective = sfn._apply_input_path(state_def, raw_input, ctx)
    _check_wait(state_def, effective)
    result = original(state_def, raw_input, ctx)
    templates.assign(state_def, effective, ctx or {})
    return result


def _check_wait(state: _State, effective: Any) -> None:
    """MiniStack waits not at all for what is no number of seconds and no timestamp."""
    if path := state.get("SecondsPath"):
        seconds = sfn._resolve_path(path, effective)
        if not _is_whole(seconds, 0):
            raise paths.runtime_error(
                f"The SecondsPath parameter cannot be parsed as a long value: {path} == "
                f"{json.dumps(seconds)}"
            )
    if path := state.get("TimestampPath"):
        until = sfn._resolve_path(path, effective)
        if choices.timestamp(until) is None:
            raise paths.runtime_error(
                f"The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
                f"date-time format string: {path} == {json.dumps(until)}"
            )


def _execute_task(
    original: Callable[..., _Result], state_def: _State, raw_input: Any, execution: _State, ctx: Any
) -> _Result:
    place = here()
    place.at(ctx)
    try:
        place.task = _limited(state_def, raw_input, ctx)
        return original(place.task, raw_input, execution, ctx)
    except sfn._ExecutionError as error:
        # MiniStack fills Parameters before it looks for who catches.
        return _caught(state_def, raw_input, ctx, error)


def _caught(state: _State, raw_input: Any, ctx: Any, error: Any) -> _Result:
    catcher = sfn._find_matching_catcher(state.get("Catch", []), error.error)
    if catcher is None:
        raise error
    told = {"Error": error.error, "Cause": error.cause}
    language = sfn._state_query_language(state, ctx)
    return sfn._apply_catcher(catcher, raw_input, ctx, language, told), catcher["Next"]


def _limited(state: _State, raw_input: Any, ctx: Any) -> _State:
    given = [name for name in _LIMITS if name in state or f"{name}Path" in state]
    return {**state, **{name: _limit(name, state, raw_input, ctx) for name in given}}


def _limit(name: str, state: _State, raw_input: Any, ctx: Any) -> float:
    limit: Any = state.get(name)
    if isinstance(limit, str):
        limit = sfn._jsonata_state_field(state, name, "number", raw_input, ctx)
    if path := state.get(f"{name}Path"):
        effective = sfn._apply_input_path(state, raw_input, ctx)
        limit = sfn._resolve_path_or_ctx(path, effective, ctx)
    if not _is_whole(limit, 1):
        raise paths.runtime_error(
            f"The value for the field '{name}' must be a positive integer, "
            f"but it is {json.dumps(limit)}"
        )
    return float(limit)


def _is_whole(value: Any, least: int) -> bool:
    return sfn._is_num(value) and float(value).is_integer() and value >= least


def _invoke_resource_with_timeout(
    original: Callable[..., Any], resource: str, input_data: Any, timeout: float
) -> Any:
    place = here()
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
    "_execute_task": _execute_task,
    "_invoke_resource_with_timeout": _invoke_resource_with_timeout,
}
