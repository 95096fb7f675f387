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

from cdk_sagemaker_processing.local.ministack.states.place import current

_TOKEN = re.compile(
    r"""\.(?P<name>[^.\[\]*]+)
      | (?P<every>\.\*|\[\*\])
      | \[(?P<index>-?\d+)\]
      | \[(?P<first>-?\d*):(?P<last>-?\d*)\]
      | \[(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)")\]""",
    re.VERBOSE,
)
_CONTEXT = frozenset({"Execution", "Map", "State", "StateMachine", "Task"})
_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z_]\w*)")


class PathError(LookupError):
    """A path that finds nothing, or that cannot be read."""


def select(path: str, data: Any, context: Any = None) -> Any:
    """Return what a path finds in `data`.

    Args:
        path: A JSONPath (`$.a[0]`), one of the context object (`$$.State.Name`), or one of a
            variable (`$name.a`).
        data: What `$` is.
        context: The context object; by default that of the state that the thread is in.

    Returns:
        The value; a list of values for a path with `*` or a slice.

    Raises:
        PathError: There is nothing there.
    """
    if not path.startswith("$"):
        return data
    if path.startswith("$$"):
        return _walk(path[1:], _public(context or _context()))
    if found := _VARIABLE.match(path):
        return _walk(f"${path[found.end() :]}", _variable(found["name"], context or _context()))
    return _walk(path, data)


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


def _public(context: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in context.items() if name in _CONTEXT}


def _variable(name: str, context: dict[str, Any]) -> Any:
    variables = context.get("variables", {})
    if name not in variables:
        raise PathError(f"the variable ${name} was not assigned")
    return variables[name]


def _walk(path: str, data: Any) -> Any:
    values, many, position = [data], False, 1
    while position < len(path):
        token = _TOKEN.match(path, position)
        if token is None:
            raise PathError(f"'{path}' is no path that the local cloud can read")
        many = many or bool(token["every"]) or token["first"] is not None
        values = [found for value in values for found in _step(token, value)]
        position = token.end()
    if many:
        return values
    if not values:
        raise PathError(path)
    return values[0]


def _step(token: re.Match[str], value: Any) -> list[Any]:
    if token["every"]:
        return _every(value)
    if token["index"] is not None:
        return _item(value, int(token["index"]))
    if token["first"] is not None:
        return _slice(value, token["first"], token["last"])
    name = _name(token)
    return [value[name]] if isinstance(value, dict) and name in value else []


def _name(token: re.Match[str]) -> str | None:
    if token["name"] is not None:
        return token["name"]
    quoted = token["single"] if token["single"] is not None else token["double"]
    return None if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def _every(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _item(value: Any, index: int) -> list[Any]:
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return []
    return [value[index]]


def _slice(value: Any, first: str, last: str) -> list[Any]:
    if not isinstance(value, list):
        return []
    return value[int(first) if first else None : int(last) if last else None]


def _resolve_path(_original: Callable[..., Any], path: str, data: Any) -> Any:
    try:
        return select(path, data) if path else data
    except PathError as error:
        raise runtime_error(
            f"Invalid path '{path}': it could not be found in the input '{json.dumps(data)}' "
            f"({error})"
        ) from None


def _apply_result_path_raw(
    _original: Callable[..., Any], result_path: str | None, original: Any, result: Any
) -> Any:
    if result_path is None:
        return original
    return _with_result(_names(result_path), original, result)


def _names(result_path: str) -> list[str]:
    names, position = [], 1
    while position < len(result_path):
        token = _TOKEN.match(result_path, position)
        name = _name(token) if token else None
        if token is None or name is None:
            raise runtime_error(f"ResultPath '{result_path}' is no path that the local cloud takes")
        names.append(name)
        position = token.end()
    return names


def _with_result(names: list[str], original: Any, result: Any) -> Any:
    if not names:
        return result
    if not isinstance(original, dict):
        raise sfn._ExecutionError(
            "States.ResultPathMatchFailure",
            f"Unable to apply step '{names[0]}' of ResultPath to the input {json.dumps(original)}",
        )
    name, *others = names
    return {**original, name: _with_result(others, original.get(name, {}), result)}


def _evaluate_rule(
    original: Callable[..., bool], rule: dict[str, Any], data: Any, ctx: Any = None
) -> bool:
    if "IsPresent" in rule:
        return _is_present(rule["Variable"], data, ctx) is bool(rule["IsPresent"])
    return original(rule, data, ctx)


def _is_present(path: str, data: Any, context: Any) -> bool:
    try:
        select(path, data, context)
    except PathError:
        return False
    return True


MENDS = {
    "_resolve_path": _resolve_path,
    "_apply_result_path_raw": _apply_result_path_raw,
    "_evaluate_rule": _evaluate_rule,
}
