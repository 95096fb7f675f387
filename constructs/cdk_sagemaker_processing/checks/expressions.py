"""What stands literally in the expressions of both query languages."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.checks.unknown import UNKNOWN

__all__ = ["from_jsonata", "from_jsonpath", "literals"]

_PIECES = re.compile(r"'(?:\\.|[^'\\])*'|[(),]|[^'(),]+", re.DOTALL)
# Of an argument, and of all of them.
_ENDS = (",", ")")
_ARRAY = "States.Array"
_FORMAT = "States.Format"
_LITERAL = re.compile(r"""'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)\"""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
# JSONata's and JSON's; in the intrinsic functions of JSONPath a backslash means the next character.
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_PLACE = re.compile(r"\\.|\{\}", re.DOTALL)


def from_jsonpath(value: Any) -> Any:
    """``Parameters`` of a JSONPath state as JSON, with ``UNKNOWN`` for what only a run knows.

    A member ``Name.$`` stands under ``Name``.
    """
    if isinstance(value, Mapping):
        return {
            key.removesuffix(".$"): _from_path(one) if key.endswith(".$") else from_jsonpath(one)
            for key, one in value.items()
        }
    return [from_jsonpath(one) for one in value] if isinstance(value, list) else value


def from_jsonata(value: Any) -> Any:
    """``Arguments`` of a JSONata state as JSON, with ``UNKNOWN`` for what only a run knows."""
    if isinstance(value, Mapping):
        return {key: from_jsonata(one) for key, one in value.items()}
    if isinstance(value, list):
        return [from_jsonata(one) for one in value]
    is_expression = isinstance(value, str) and value.startswith("{%") and value.endswith("%}")
    return literals(value) if is_expression else value


def _from_path(path: Any) -> Any:
    text = str(path).strip()
    if text.startswith("'"):
        return _unescaped(text[1:-1])
    name, _, rest = text.partition("(")
    if name == _ARRAY:
        return [_from_path(one) for one in _arguments(rest)]
    if name == _FORMAT:
        template = next(_arguments(rest), "")
        return _PLACE.sub(_filled, template[1:-1])
    return literals(text)


def _filled(found: re.Match[str]) -> str:
    return UNKNOWN if found[0] == "{}" else found[0][1:]


def _arguments(text: str) -> Iterator[str]:
    """The arguments of an intrinsic function, by its text after the opening parenthesis."""
    depth, made = 0, ""
    for piece in _PIECES.findall(text):
        if depth == 0 and piece in _ENDS:
            yield made.strip()
            made = ""
            if piece == _ENDS[1]:
                return
            continue
        depth += {"(": 1, ")": -1}.get(piece, 0)
        made += piece


def literals(expression: str) -> str:
    """The texts that stand in an expression, with ``UNKNOWN`` for what is around them."""
    found = [_unescaped(one[1] or one[2] or "") for one in _LITERAL.finditer(expression)]
    return UNKNOWN.join(["", *found, ""])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _CONTROLS.get(found[2], found[2])
