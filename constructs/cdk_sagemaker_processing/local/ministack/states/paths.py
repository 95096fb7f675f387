"""JSONPath as Step Functions reads it.

MiniStack answers null where a path finds nothing; on AWS that fails the execution with
`States.Runtime`, which is how a wrong path is found. Variables (`$name`) are read here too.
MiniStack's ResultPath knows no names in brackets, and makes an object of an input that is none.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import jsonpath
from cdk_sagemaker_processing.local.ministack.states.jsonpath import PathError
from cdk_sagemaker_processing.local.ministack.states.place import current

__all__ = ["MENDS", "PathError", "parse", "public", "runtime_error", "select", "shown"]

_CONTEXT = frozenset({"Execution", "Map", "State", "StateMachine", "Task"})
_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z_]\w*)")


def select(path: str, data: Any, context: Any = None) -> Any:
    """Return what a path finds in `data`.

    Args:
        path: A JSONPath (`$.a[0]`), one of the context object (`$$.State.Name`), or one of a
            variable (`$name.a`).
        data: What `$` is.
        context: The context object; by default that of the state that the thread is in.

    Returns:
        The value; a list of values for a path that may find several.

    Raises:
        PathError: There is nothing there.
    """
    if path.startswith("$$"):
        return jsonpath.parse(path[1:]).find(public(context or _context()))
    if found := _VARIABLE.match(path):
        variable = _variable(found["name"], context or _context())
        return jsonpath.parse(f"${path[found.end() :]}").find(variable)
    return jsonpath.parse(path).find(data)


def parse(path: str) -> jsonpath.Path:
    """Read a path, whatever its `$` is.

    Args:
        path: As `select` takes it.

    Raises:
        PathError: It is none.
    """
    if path.startswith("$$"):
        return jsonpath.parse(path[1:])
    variable = _VARIABLE.match(path)
    return jsonpath.parse(f"${path[variable.end() :]}" if variable else path)


def shown(data: Any) -> str:
    """Return a value as causes show it."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def runtime_error(problem: str) -> Exception:
    """Return the error that fails an execution, in AWS's words."""
    place = current()
    if place is not None and place.state:
        problem = (
            f"An error occurred while executing the state '{place.state}' "
            f"(entered at the event id #{place.entered}). {problem}"
        )
    error: Exception = sfn._ExecutionError("States.Runtime", problem)
    return error


def _context() -> dict[str, Any]:
    place = current()
    return {} if place is None else place.context


def public(context: dict[str, Any]) -> dict[str, Any]:
    """Return the context object without what MiniStack keeps there for itself."""
    return {name: value for name, value in context.items() if name in _CONTEXT}


def _variable(name: str, context: dict[str, Any]) -> Any:
    variables = context.get("variables", {})
    if name not in variables:
        raise PathError(f"the variable ${name} was not assigned")
    return variables[name]


def _resolve_path(_original: Callable[..., Any], path: str, data: Any) -> Any:
    try:
        return select(path, data) if path else data
    except PathError as error:
        raise runtime_error(
            f"Invalid path '{path}': it could not be found in the input '{shown(data)}' ({error})"
        ) from None


def _apply_result_path_raw(
    _original: Callable[..., Any], result_path: str | None, original: Any, result: Any
) -> Any:
    if result_path is None:
        return original
    return _with_result(_names(result_path), original, result)


def _names(result_path: str) -> list[str]:
    try:
        names = jsonpath.parse(result_path).names
    except PathError:
        names = None
    if names is None:
        raise runtime_error(f"ResultPath '{result_path}' is no path that the local cloud takes")
    return list(names)


def _with_result(names: list[str], original: Any, result: Any) -> Any:
    if not names:
        return result
    if not isinstance(original, dict):
        raise sfn._ExecutionError(
            "States.ResultPathMatchFailure",
            f"Unable to apply step '{names[0]}' of ResultPath to the input {shown(original)}",
        )
    name, *others = names
    return {**original, name: _with_result(others, original.get(name, {}), result)}


MENDS = {
    "_resolve_path": _resolve_path,
    "_apply_result_path_raw": _apply_result_path_raw,
}
