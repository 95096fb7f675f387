"""From what users write, CDK tokens and JSONata among it, to the values of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, Any, overload

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.request.rendering import expression
from cdk_sagemaker_processing.request.values import (
    TOKEN,
    Joined,
    Reference,
    Text,
    is_known,
    is_resolvable,
    join,
)

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

__all__ = [
    "EXECUTION_ID",
    "EXECUTION_NAME",
    "LIST_TOKEN",
    "RETRY_COUNT",
    "UUID",
    "Output",
    "fields",
    "file_name",
    "is_jsonata",
    "is_of_execution",
    "json_value",
    "number",
    "number_standing_for",
    "object_standing_for",
    "output_name",
    "outputs_in",
    "text",
    "text_standing_for",
    "texts",
    "texts_standing_for",
    "variables_in",
    "whole",
    "written",
]

EXECUTION_ID = Reference(jsonpath="$$.Execution.Id", jsonata="$states.context.Execution.Id")
EXECUTION_NAME = Reference(jsonpath="$$.Execution.Name", jsonata="$states.context.Execution.Name")
RETRY_COUNT = Reference(jsonpath="$$.State.RetryCount", jsonata="$states.context.State.RetryCount")
UUID = Reference(jsonpath="States.UUID()", jsonata="$uuid()")

# How the CDK writes a list that is not known yet: as its only item.
LIST_TOKEN = "#{Token["  # noqa: S105 # the CDK's kind of token, no secret
# A JSONata expression, or one of the CDK's tokens; an expression may hold tokens.
_VALUE = re.compile(rf"(\{{%.*?%\}}|{TOKEN.pattern.strip('()')})", re.DOTALL)
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
# A variable, alone or as the text of one.
_OF_VARIABLE = re.compile(
    rf"(?:States\.(?:Format\('{{}}', |JsonToString\())?{_VARIABLE.pattern}\)?"
)


@dataclass(frozen=True, slots=True)
class Output:
    """A step's output, as far as those who read it must know it.

    Attributes:
        name: Its name.
        uri: Its URI.
        stage: The stage of its step: the same text in another app or stage is
            another place's.
        of_execution: What the names of the step's jobs begin with, where the
            output lies under the execution's name; None where its place is
            fixed.
        key: The KMS key that it is encrypted with, or its id, ARN or alias;
            None if there is none.
        step: The construct path of the step.
    """

    name: str
    uri: Text
    stage: object
    of_execution: str | None = None
    key: str | kms.IKey | None = None
    step: str = ""


# What the text handed out by `written` stands for. A token is unique in its
# process, so an entry never changes its meaning.
_written: dict[str, Text] = {}
_outputs: dict[tuple[int, str], Output] = {}
# Which of them are folders, whoever asks.
_folders: set[str] = set()
# Each question to the CDK crosses into Node: ask once a token.
_paths: dict[str, str | None] = {}


def text(value: str) -> Text:
    """The value of a string that may hold JSONPath tokens and JSONata expressions.

    Both may stand anywhere in the string, where the CDK and Step Functions
    take them only alone; what CloudFormation fills in stays in place.
    """
    # Splitting by a pattern with one group puts the values at the odd places.
    pieces = _VALUE.split(value)
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
        return Reference(jsonata=_expression(values))
    if len(values) == 1 and values[0].startswith(LIST_TOKEN):
        if isinstance(known := _written.get(values[0]), Reference):
            return known
        path = _render({"list": list(values)}).get("list.$")
        return _at(path) if path else tuple(values)
    _ask(piece for value in values for piece in _VALUE.split(value)[1::2])
    return tuple(map(text, values))


def file_name(uri: str) -> str | None:
    """The last name in a URI, which may be a run-time value; None where it has none.

    A step's output is a folder, so what follows it is a name.
    """
    name = ""
    pieces = _VALUE.split(uri)
    for at in reversed(range(len(pieces))):
        is_value = at % 2
        if is_value and pieces[at] in _folders:
            return name or None
        _, slash, last = ("", "", pieces[at]) if is_value else pieces[at].rpartition("/")
        name = last + name
        if slash:
            return name or None
    return None


def number(value: float | str) -> int | float | Reference:
    """The value of a number that may be a JSONPath token or a JSONata expression."""
    if isinstance(value, str):
        return Reference(jsonata=_expression(value))
    if is_known(value):
        return value
    if isinstance(known := _written.get(repr(value)), Reference):
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


def written(output: Output, *, jsonata: bool) -> str:
    """The string that stands for a step's output in any state of a user's own.

    In JSONPath that is a CDK token, in JSONata an expression in ``{% %}``.

    Args:
        output: The output; `outputs_in` gives it back to those who read it.
        jsonata: Whether to write it in JSONata.
    """
    value = output.uri
    if isinstance(value, str):
        _outputs[id(output.stage), value] = output
        return value
    if jsonata:
        stands = f"{{% {expression(value, 'JSONata')} %}}"
    else:
        stands = sfn.JsonPath.string_at(expression(value, "JSONPath"))
    _written[stands] = value
    _outputs[id(output.stage), stands] = output
    _folders.add(stands)
    return stands


def text_standing_for(value: Reference) -> str:
    """The string that stands for a text of both query languages in arguments of a step.

    It is a CDK token of JSONPath, so that states of other kinds take it too.
    """
    stands = sfn.JsonPath.string_at(_path_of(value))
    _written[stands] = value
    return stands


def number_standing_for(value: Reference) -> float:
    """Likewise for a number, which may stand inside text too."""
    stands = sfn.JsonPath.number_at(_path_of(value))
    _written[repr(stands)] = value
    return stands


def texts_standing_for(value: Reference) -> list[str]:
    """Likewise for a list of texts."""
    stands = sfn.JsonPath.list_at(_path_of(value))
    _written[stands[0]] = value
    return stands


def object_standing_for(value: Reference) -> cdk.IResolvable:
    """Likewise for an object or a boolean."""
    return sfn.JsonPath.object_at(_path_of(value))


def variables_in(request: object) -> frozenset[str]:
    """The names of the workflow variables that a request holds."""
    return frozenset(_variables(request))


def _variables(value: object) -> Iterator[str]:
    if isinstance(value, Reference):
        found = _OF_VARIABLE.fullmatch(value.jsonpath or value.jsonata or "")
        yield from found.groups() if found else ()
    elif isinstance(value, Mapping):
        yield from _variables(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _variables(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in dataclass_fields(value):
            yield from _variables(getattr(value, field.name))


def _at(path: str) -> Reference:
    """The value at a path; a whole variable is written alike in both languages."""
    return Reference(jsonpath=path, jsonata=path if _VARIABLE.fullmatch(path) else None)


def _path_of(value: Reference) -> str:
    assert value.jsonpath is not None  # noqa: S101 # the callers are this library's own
    return value.jsonpath


def output_name(value: str, stage: object) -> str | None:
    """The name of the step's output that a string stands for, None if it is no output."""
    found = _outputs.get((id(stage), value))
    return found.name if found else None


def is_jsonata(value: str) -> bool:
    """Whether the string is one JSONata expression and nothing else."""
    return value.startswith("{%") and value.endswith("%}")


def is_of_execution(uri: Text) -> bool:
    """Whether a URI is another one in each execution."""
    return isinstance(uri, Joined) and EXECUTION_NAME in uri.parts


def outputs_in(values: Iterable[str], stage: object) -> list[Output]:
    """The outputs of a stage's steps that text stands for or holds."""
    pieces = (piece for value in values for piece in (value, *_VALUE.split(value)[1::2]))
    keys = ((id(stage), piece) for piece in dict.fromkeys(pieces))
    return [_outputs[key] for key in keys if key in _outputs]


def _expression(jsonata: str) -> str:
    return jsonata.removeprefix("{%").removesuffix("%}").strip()


def _as_text(number: Reference) -> Reference:
    return Reference(
        jsonpath=f"States.Format('{{}}', {number.jsonpath})",
        jsonata=f"$string({number.jsonata})" if number.jsonata else None,
    )


def _is_number(token: str) -> bool:
    return token.startswith("-1.") and bool(TOKEN.fullmatch(token))


def _value(piece: str) -> Text:
    if piece in _written:
        return _written[piece]
    if is_jsonata(piece):
        return Reference(jsonata=_expression(piece))
    path = _paths[piece]
    return _at(path) if path else piece


def _ask(pieces: Iterable[str]) -> None:
    unknown = [
        one for one in pieces if one not in _paths and one not in _written and not is_jsonata(one)
    ]
    if unknown:
        rendered = _render(
            {str(at): float(one) if _is_number(one) else one for at, one in enumerate(unknown)}
        )
        _paths.update({one: rendered.get(f"{at}.$") for at, one in enumerate(unknown)})


def _render(values: dict[str, Any]) -> dict[str, Any]:
    return dict(sfn.FieldUtils.render_object(values) or {})
