"""A request as Amazon States Language, in either query language, and as a boto3 dict."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from cdk_sagemaker_processing.request.values import (
    TOKEN,
    Joined,
    Language,
    Reference,
    Text,
    is_run_time,
)

__all__ = ["WrongLanguageError", "expression", "to_arguments", "to_dict", "to_parameters"]


class WrongLanguageError(ValueError):
    """A run-time value was written in the query language that its state does not speak."""

    def __init__(self, reference: Reference, language: Language) -> None:
        other: Language = "JSONata" if language == "JSONPath" else "JSONPath"
        written = reference.in_language(other)
        super().__init__(
            f"the value {written!r} is {other}, but the state is {language}: "
            f"write the value in {language}, or give the step the query language {other}"
        )


def to_parameters(request: object) -> dict[str, Any]:
    """The request as the ``Parameters`` of a JSONPath task state.

    Raises:
        WrongLanguageError: A value can only be had in JSONata.
    """
    return _members(request, _put_jsonpath)


def to_arguments(request: object) -> dict[str, Any]:
    """The request as the ``Arguments`` of a JSONata task state.

    Raises:
        WrongLanguageError: A value can only be had in JSONPath.
    """
    return _members(request, _put_jsonata)


def to_dict(request: object) -> dict[str, Any]:
    """The request as boto3's ``create_processing_job(**request)`` takes it.

    Values known only at run time stand as their expression in braces.
    """
    return _members(request, _put_plain)


_BRACES = re.compile("[{}]")


def expression(value: Text, language: Language) -> str:
    r"""One value as an expression of the query language, without ``{% %}``.

    >>> print(expression("it's", "JSONPath"))
    'it\'s'
    """
    if isinstance(value, Joined):
        return _jsonpath_format(value) if language == "JSONPath" else _jsonata_join(value)
    if isinstance(value, Reference):
        return _of(value, language)
    return _jsonpath_literal(value) if language == "JSONPath" else _jsonata_literal(value)


_Put = Callable[[dict[str, Any], str, Any], None]


def _members(of: object, put: _Put) -> dict[str, Any]:
    rendered: dict[str, Any] = {}
    for name, value in _items(of):
        if value is not None:
            put(rendered, name, value)
    return rendered


def _items(of: object) -> list[tuple[str, Any]]:
    if isinstance(of, Mapping):
        return list(of.items())
    return [(field.name, getattr(of, field.name)) for field in fields(of)]  # type: ignore[arg-type] # a dataclass, by the callers


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping) or is_dataclass(value)


def _put_jsonpath(into: dict[str, Any], name: str, value: Any) -> None:
    if is_run_time(value):
        into[f"{name}.$"] = expression(value, "JSONPath")
    elif _is_object(value):
        into[name] = _members(value, _put_jsonpath)
    elif isinstance(value, tuple):
        _put_jsonpath_list(into, name, value)
    else:
        into[name] = value


def _put_jsonpath_list(into: dict[str, Any], name: str, items: tuple[Any, ...]) -> None:
    # A list in Parameters may not hold a path: States.Array makes the list at run time.
    if any(map(is_run_time, items)):
        array = ", ".join(expression(item, "JSONPath") for item in items)
        into[f"{name}.$"] = f"States.Array({array})"
    else:
        into[name] = [_members(item, _put_jsonpath) if _is_object(item) else item for item in items]


def _put_jsonata(into: dict[str, Any], name: str, value: Any) -> None:
    into[name] = _jsonata_value(value)


def _jsonata_value(value: Any) -> Any:
    if is_run_time(value):
        return f"{{% {expression(value, 'JSONata')} %}}"
    if _is_object(value):
        return _members(value, _put_jsonata)
    if isinstance(value, tuple):
        return [_jsonata_value(item) for item in value]
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        # Step Functions would take it for an expression, which nobody wrote.
        return f"{{% {_jsonata_literal(value)} %}}"
    return value


def _put_plain(into: dict[str, Any], name: str, value: Any) -> None:
    into[name] = _plain(value)


def _plain(value: Any) -> Any:
    if is_run_time(value):
        return str(value)
    if _is_object(value):
        return _members(value, _put_plain)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _of(reference: Reference, language: Language) -> str:
    written = reference.in_language(language)
    if written is None:
        raise WrongLanguageError(reference, language)
    return written


def _jsonpath_format(joined: Joined) -> str:
    template = "".join(
        _escape(part, "\\'{}") if isinstance(part, str) else "{}" for part in joined.parts
    )
    values = [_of(part, "JSONPath") for part in joined.parts if isinstance(part, Reference)]
    return f"States.Format({', '.join([_quoted(template), *values])})"


def _jsonata_join(joined: Joined) -> str:
    return " & ".join(
        _jsonata_literal(part) if isinstance(part, str) else _operand(_of(part, "JSONata"))
        for part in joined.parts
    )


def _operand(jsonata: str) -> str:
    """An expression that may stand beside ``&`` whatever operators it holds."""
    simple = all(character.isalnum() or character in "$._()" for character in jsonata)
    return jsonata if simple else f"({jsonata})"


def _jsonpath_literal(text: str) -> str:
    literal = _quoted(_escape(text, "\\'{}"))
    # Braces must be escaped in every intrinsic, yet only States.Format is known to unescape them.
    return f"States.Format({literal})" if _BRACES.search(TOKEN.sub("", text)) else literal


def _jsonata_literal(text: str) -> str:
    # JSONata has no escape of its own for the quote.
    return _quoted(_escape(text, "\\").replace("'", "\\u0027").replace("\n", "\\n"))


def _escape(text: str, reserved: str) -> str:
    """A backslash before each reserved character, but none inside the CDK's tokens."""
    # Splitting by a pattern with one group puts the tokens at the odd places.
    return "".join(
        piece if at % 2 else "".join(f"\\{c}" if c in reserved else c for c in piece)
        for at, piece in enumerate(TOKEN.split(text))
    )


def _quoted(escaped: str) -> str:
    return f"'{escaped}'"
