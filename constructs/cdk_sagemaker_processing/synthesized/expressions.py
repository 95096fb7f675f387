r"""What the running state machine fills in, as a person reads it: text with expressions in braces.

>>> plain_jsonpath("States.Format('s3://b/{}/x', $$.Execution.Name)")
's3://b/{$$.Execution.Name}/x'
>>> plain_jsonata("{% 's3://b/' & $states.context.Execution.Name & '/x' %}")
's3://b/{$states.context.Execution.Name}/x'
"""

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["plain", "plain_jsonata", "plain_jsonpath"]

_CALL = re.compile(r"States\.(Format|Array)\((.*)\)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_HOLE = re.compile(r"\\.|\{\}", re.DOTALL)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"


def plain(value: Any) -> Any:
    """Return a JSON value of a task's `Parameters` or `Arguments` with its expressions in braces.

    Args:
        value: The value, in either query language.
    """
    if isinstance(value, dict):
        return dict(_member(name, member) for name, member in value.items())
    if isinstance(value, list):
        return [plain(item) for item in value]
    return plain_jsonata(value) if isinstance(value, str) else value


def _member(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith(".$") and isinstance(value, str):
        return name.removesuffix(".$"), plain_jsonpath(value)
    return name, plain(value)


def plain_jsonpath(expression: str) -> Any:
    """Return what a path or an intrinsic function of JSONPath comes to, as far as it is known.

    Args:
        expression: The value of a member whose name ends in `.$`.
    """
    try:
        return _known(expression)
    except (ValueError, StopIteration):
        # It is none that Step Functions would take.
        return f"{{{expression}}}"


def _known(expression: str) -> Any:
    call = _CALL.fullmatch(expression)
    arguments = list(_split(call[2], ",")) if call and call[2].strip() else []
    if call and call[1] == "Array":
        return [_argument(argument) for argument in arguments]
    # A template that is nothing but its hole makes text of a number: that is worth telling.
    if arguments and _is_literal(arguments[0]) and arguments[0] != "'{}'":
        return _filled(arguments[0][1:-1], arguments[1:])
    return f"{{{expression}}}"


def _argument(text: str) -> Any:
    if _is_literal(text):
        return _ESCAPED.sub(r"\1", text[1:-1])
    if text.startswith(("$", "States.")):
        return plain_jsonpath(text)
    return json.loads(text)


def _filled(template: str, values: list[str]) -> str:
    """Return the text of a `States.Format`."""
    ahead = iter(values)

    def fill(found: re.Match[str]) -> str:
        if found[0] != "{}":
            return found[0][1:]
        value = _argument(next(ahead))
        return value if isinstance(value, str) else json.dumps(value)

    return _HOLE.sub(fill, template)


def plain_jsonata(text: str) -> str:
    """Return text that may be a JSONata expression as far as it is known.

    Args:
        text: A string of `Arguments`; one that is not between `{%` and `%}` is returned.
    """
    if not (text.startswith("{%") and text.endswith("%}")):
        return text
    return "".join(map(_operand, _split(text[2:-2].strip(), "&")))


def _operand(text: str) -> str:
    if _is_literal(text):
        body = text[1:-1].replace(r"\'", "'")
        try:
            return str(json.loads(f'"{_QUOTE.sub(_escaped_quote, body)}"', strict=False))
        except ValueError:
            return f"{{{text}}}"
    return f"{{{text[1:-1] if _is_bracketed(text) else text}}}"


def _escaped_quote(found: re.Match[str]) -> str:
    return r"\"" if found[0] == '"' else found[0]


def _is_literal(text: str) -> bool:
    """Whether an expression is one quoted text."""
    return len(text) > 1 and text[0] in "'\"" and _end_of_quote(text, 0) == len(text) - 1


def _end_of_quote(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 2 if text[at] == "\\" else 1
    return at


def _is_bracketed(text: str) -> bool:
    """Whether an expression is in one pair of brackets."""
    return text[:1] == "(" and [at for at, _, depth in _walk(text) if not depth] == [len(text) - 1]


def _split(text: str, separator: str) -> Iterator[str]:
    """Split an expression at a separator that is in no brackets and in no quotes."""
    start = 0
    for at, character, depth in _walk(text):
        if character == separator and not depth:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _walk(text: str) -> Iterator[tuple[int, str, int]]:
    """Give each character outside quotes, its place, and in how many brackets what follows is."""
    depth, at = 0, 0
    while at < len(text):
        character = text[at]
        if character in "'\"":
            at = _end_of_quote(text, at)
        else:
            depth += (character in _OPENING) - (character in _CLOSING)
            yield at, character, depth
        at += 1
