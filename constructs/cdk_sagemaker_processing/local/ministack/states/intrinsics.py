"""The intrinsic functions of payload templates: `States.Format('{}', $.a)` and the others.

MiniStack's reader takes what is no call for one, its `States.MathRandom` may return the end, its
`States.JsonMerge` does not look at the third argument, and arguments beyond the functions' limits
are as good as others there.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
    https://states-language.net/spec.html#appendix-b
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import paths
from cdk_sagemaker_processing.local.ministack.states.intrinsic_functions import (
    FUNCTIONS,
    ArgumentError,
    interpolated,
)

_DEEPEST = 10
_NAME = re.compile(r"(States\.\w+)\s*\(")
_LITERAL = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,)])
      | (?P<word>true|false|null)(?=\s*[,)])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class CallError(ValueError):
    """A text that is no call of an intrinsic function."""


@dataclass(frozen=True, slots=True)
class _Literal:
    value: Any
    template: str | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an intrinsic function.

    Attributes:
        name: The function's name.
        arguments: What it is called with.
    """

    name: str
    arguments: tuple["Call | _Literal | _Path", ...]

    @property
    def depth(self) -> int:
        """How many calls are within one another."""
        inner = [one.depth for one in self.arguments if isinstance(one, Call)]
        return 1 + max(inner, default=0)


@lru_cache(maxsize=4096)
def parse(expression: str) -> Call:
    """Read a call.

    Args:
        expression: The whole of a template's value.

    Raises:
        CallError: It is none, the function is unknown, or more than ten are within one another.
    """
    call, end = _call(expression, 0)
    if expression[end:].strip():
        raise CallError(f"'{expression}' goes on after the call")
    if call.depth > _DEEPEST:
        raise CallError(f"'{expression}' nests more than {_DEEPEST} intrinsic functions")
    return call


def _call(text: str, position: int) -> tuple[Call, int]:
    found = _NAME.match(text, position)
    if found is None or found[1] not in FUNCTIONS:
        raise CallError(f"'{text[position:]}' calls no intrinsic function that there is")
    arguments: list[Call | _Literal | _Path] = []
    position = _skip(text, found.end())
    while not text.startswith(")", position):
        if arguments:
            position = _skip(text, _after_comma(text, position))
        argument, position = _argument(text, position)
        arguments.append(argument)
        position = _skip(text, position)
    return Call(found[1], tuple(arguments)), position + 1


def _after_comma(text: str, position: int) -> int:
    if not text.startswith(",", position):
        raise CallError(f"'{text}' has neither ',' nor ')' at {position}")
    return position + 1


def _skip(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip())


def _argument(text: str, position: int) -> tuple[Call | _Literal | _Path, int]:
    if text.startswith("States.", position):
        return _call(text, position)
    if text.startswith("$", position):
        return _path(text, position)
    found = _LITERAL.match(text, position)
    if found is None:
        raise CallError(f"'{text}' has no argument at {position}")
    return _literal(found), found.end()


def _literal(found: re.Match[str]) -> _Literal:
    if found["string"]:
        inner = found["string"][1:-1]
        return _Literal(_ESCAPE.sub(r"\1", inner), inner)
    return _Literal(_WORDS[found["word"]] if found["word"] else json.loads(found["number"]))


def _path(text: str, position: int) -> tuple[_Path, int]:
    """The longest path there is before a `,` or a `)`: both may be within its brackets."""
    ends = [one.start() for one in re.finditer(r"[,)]", text) if one.start() > position]
    for end in reversed(ends):
        candidate = text[position:end].rstrip()
        try:
            paths.parse(candidate)
        except paths.PathError:
            continue
        return _Path(candidate), end
    raise CallError(f"'{text}' has no JSONPath at {position}")


def run(call: Call, data: Any, context: Any) -> Any:
    """Return what a call gives.

    Args:
        call: The call.
        data: What `$` is.
        context: The context object.

    Raises:
        ArgumentError: The function does not take these arguments.
    """
    if call.name == "States.Format":
        return _format(call, data, context)
    values = [_value(argument, data, context) for argument in call.arguments]
    return FUNCTIONS[call.name](*values)


def _format(call: Call, data: Any, context: Any) -> str:
    values = [_value(argument, data, context) for argument in call.arguments]
    template = call.arguments[0] if call.arguments else None
    if isinstance(template, _Literal) and template.template is not None:
        values[0] = template.template
    return interpolated(*values)


def _value(argument: Call | _Literal | _Path, data: Any, context: Any) -> Any:
    if isinstance(argument, Call):
        return run(argument, data, context)
    if isinstance(argument, _Literal):
        return argument.value
    try:
        return paths.select(argument.text, data, context)
    except paths.PathError:
        raise paths.runtime_error(
            f"The JSONPath '{argument.text}' specified for the intrinsic function could not be "
            f"found in the input '{paths.shown(data)}'"
        ) from None


def _evaluate_intrinsic(_original: Callable[..., Any], expression: str, data: Any, ctx: Any) -> Any:
    try:
        return run(parse(expression), data, ctx)
    except (ArgumentError, CallError, TypeError) as error:
        raise sfn._ExecutionError(
            "States.IntrinsicFailure", f"{expression} failed: {error}"
        ) from error


MENDS = {"_evaluate_intrinsic": _evaluate_intrinsic}
