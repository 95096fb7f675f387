"""From what users write, CDK tokens and JSONata among it, to the values of a request."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.request.values import (
    TOKEN,
    Reference,
    Text,
    is_known,
    is_resolvable,
    join,
)
from cdk_sagemaker_processing.run_time.pieces import (
    LIST_TOKEN,
    is_jsonata,
    jsonata_in,
    pieces_of,
    values_in,
)
from cdk_sagemaker_processing.run_time.stand_ins import is_folder, meaning
from cdk_sagemaker_processing.run_time.variables import VARIABLE

__all__ = ["fields", "file_name", "json_value", "number", "text", "texts", "whole"]

# Each question to the CDK crosses into Node: ask once a token.
_paths: dict[str, str | None] = {}


def text(value: str) -> Text:
    """The value of a string that may hold JSONPath tokens and JSONata expressions.

    Both may stand anywhere in the string, where the CDK and Step Functions
    take them only alone; what CloudFormation fills in stays in place.
    """
    pieces = pieces_of(value)
    _ask(pieces[1::2])
    found = join(*(_value(piece) if at % 2 else piece for at, piece in enumerate(pieces)))
    return _as_text(found) if isinstance(found, Reference) and _is_number(value) else found


@overload
def texts(values: str) -> Reference: ...
@overload
def texts(values: Sequence[str]) -> tuple[Text, ...] | Reference: ...
def texts(values: str | Sequence[str]) -> tuple[Text, ...] | Reference:
    """The values of a list of strings; a list known only at run time becomes one reference."""
    if isinstance(values, str):
        return Reference(jsonata=jsonata_in(values))
    if len(values) == 1 and values[0].startswith(LIST_TOKEN):
        if isinstance(known := meaning(values[0]), Reference):
            return known
        path = _render({"list": list(values)}).get("list.$")
        return _at(path) if path else tuple(values)
    _ask(piece for value in values for piece in values_in(value))
    return tuple(map(text, values))


def file_name(uri: str) -> str | None:
    """The last name in a URI, which may be a run-time value; None where it has none.

    A step's output is a folder, so what follows it is a name.
    """
    name = ""
    pieces = pieces_of(uri)
    for at in reversed(range(len(pieces))):
        is_value = at % 2
        if is_value and is_folder(pieces[at]):
            return name or None
        _, slash, last = ("", "", pieces[at]) if is_value else pieces[at].rpartition("/")
        name = last + name
        if slash:
            return name or None
    return None


def number(value: float | str) -> int | float | Reference:
    """The value of a number that may be a JSONPath token or a JSONata expression."""
    if isinstance(value, str):
        return Reference(jsonata=jsonata_in(value))
    if is_known(value):
        return value
    if isinstance(known := meaning(repr(value)), Reference):
        return known
    path = _render({"number": value}).get("number.$")
    return _at(path) if path else value


def json_value(value: Any) -> Any:
    """JSON in which any value may be one of a run: each becomes what the request holds for it.

    Mappings and lists are gone through, lists become tuples; an object or
    boolean of ``sfn.JsonPath.object_at`` becomes one reference.
    """
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {key: json_value(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return _json_list(value)
    if isinstance(value, bool) or value is None:
        return value
    return number(value) if isinstance(value, int | float) else _json_object(value)


def _json_object(value: Any) -> Any:
    if not is_resolvable(value):
        return value
    path = _render({"value": value}).get("value.$")
    return _at(path) if path else value


def _json_list(value: Sequence[Any]) -> tuple[Any, ...] | Reference:
    if len(value) == 1 and isinstance(value[0], str) and value[0].startswith(LIST_TOKEN):
        return texts(value)
    return tuple(json_value(one) for one in value)


def fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON in a JSONPath state: a member whose value is a path has ``.$`` after its name."""
    return _render(dict(values))


def whole(seconds: float) -> int | float:
    """Seconds as the service wants them, without the decimals that the CDK's durations have."""
    return int(seconds) if is_known(seconds) and float(seconds).is_integer() else seconds


def _at(path: str) -> Reference:
    """The value at a path; a whole variable is written alike in both languages."""
    return Reference(jsonpath=path, jsonata=path if VARIABLE.fullmatch(path) else None)


def _as_text(number: Reference) -> Reference:
    return Reference(
        jsonpath=f"States.Format('{{}}', {number.jsonpath})",
        jsonata=f"$string({number.jsonata})" if number.jsonata else None,
    )


def _is_number(token: str) -> bool:
    return token.startswith("-1.") and bool(TOKEN.fullmatch(token))


def _value(piece: str) -> Text:
    known = meaning(piece)
    if known is not None:
        return known
    if is_jsonata(piece):
        return Reference(jsonata=jsonata_in(piece))
    path = _paths[piece]
    return _at(path) if path else piece


def _ask(pieces: Iterable[str]) -> None:
    unknown = [
        one for one in pieces if one not in _paths and meaning(one) is None and not is_jsonata(one)
    ]
    if unknown:
        rendered = _render(
            {str(at): float(one) if _is_number(one) else one for at, one in enumerate(unknown)}
        )
        _paths.update({one: rendered.get(f"{at}.$") for at, one in enumerate(unknown)})


def _render(values: dict[str, Any]) -> dict[str, Any]:
    return dict(sfn.FieldUtils.render_object(values) or {})
