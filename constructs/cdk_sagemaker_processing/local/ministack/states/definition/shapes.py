"""Whether the fields that a definition is built of are of the JSON types that they must be.

What else there is to say of a definition is said only where they are.
"""

from collections.abc import Callable
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

_Check = Callable[[Any, str], Problems]


def machine(value: Any, path: str) -> Problems:
    """Yield each field of a machine that is of another type.

    Args:
        value: The machine, or one within a state.
        path: Where it is.
    """
    yield from _members(value, path, {"StartAt": _text, "QueryLanguage": _text, "States": _states})


def _states(value: Any, path: str) -> Problems:
    yield from _object(value, path)
    for name, state in value.items() if isinstance(value, dict) else ():
        yield from _members(state, f"{path}/{name}", _STATE)


def _rule(value: Any, path: str) -> Problems:
    yield from _members(value, path, _RULE)


def _members(value: Any, path: str, checks: dict[str, _Check]) -> Problems:
    yield from _object(value, path)
    for name, check in checks.items():
        if isinstance(value, dict) and name in value:
            yield from check(value[name], f"{path}/{name}")


def _text(value: Any, path: str) -> Problems:
    if not isinstance(value, str):
        yield Problem("Value must be a string", path)


def _object(value: Any, path: str) -> Problems:
    if not isinstance(value, dict):
        yield Problem("Value must be an object", path)


def _array(check: _Check) -> _Check:
    def array(value: Any, path: str) -> Problems:
        if not isinstance(value, list):
            yield Problem("Value must be an array", path)
            return
        for index, item in enumerate(value):
            yield from check(item, f"{path}[{index}]")

    return array


_RULE: dict[str, _Check] = {
    "Next": _text,
    "ErrorEquals": _array(_text),
    "JitterStrategy": _text,
    "Assign": _object,
    "And": _array(_rule),
    "Or": _array(_rule),
    "Not": _rule,
}
_STATE: dict[str, _Check] = {
    "Type": _text,
    "Resource": _text,
    "QueryLanguage": _text,
    "Next": _text,
    "Default": _text,
    "Assign": _object,
    "Retry": _array(_rule),
    "Catch": _array(_rule),
    "Choices": _array(_rule),
    "Branches": _array(machine),
    "ItemProcessor": machine,
    "Iterator": machine,
}
