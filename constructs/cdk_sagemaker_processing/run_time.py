"""From what users write, CDK tokens and JSONata among it, to the values of a request."""

from collections.abc import Iterable, Sequence
from typing import Any, overload

from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.request.rendering import expression
from cdk_sagemaker_processing.request.values import TOKEN, Reference, Text, is_known, join

__all__ = [
    "EXECUTION_ID",
    "EXECUTION_NAME",
    "RETRY_COUNT",
    "UUID",
    "number",
    "output_name",
    "text",
    "texts",
    "whole",
    "written",
]

EXECUTION_ID = Reference(jsonpath="$$.Execution.Id", jsonata="$states.context.Execution.Id")
EXECUTION_NAME = Reference(jsonpath="$$.Execution.Name", jsonata="$states.context.Execution.Name")
RETRY_COUNT = Reference(jsonpath="$$.State.RetryCount", jsonata="$states.context.State.RetryCount")
UUID = Reference(jsonpath="States.UUID()", jsonata="$uuid()")

# What the text handed out by `written` stands for. A token is unique in its
# process, so an entry never changes its meaning.
_written: dict[str, Text] = {}
_names: dict[str, str] = {}
# Each question to the CDK crosses into Node: ask once a token.
_paths: dict[str, str | None] = {}


def text(value: str) -> Text:
    """The value of a string that may hold JSONPath tokens or be a JSONata expression.

    A JSONPath token may stand anywhere in the string, where the CDK itself
    takes it only alone; what CloudFormation fills in stays in place.
    """
    if value in _written:
        return _written[value]
    if value.startswith("{%") and value.endswith("%}"):
        return Reference(jsonata=value[2:-2].strip())
    if is_known(value):
        return value
    # Splitting by a pattern with one group puts the tokens at the odd places.
    pieces = TOKEN.split(value)
    _ask(pieces[1::2])
    return join(*(_token(piece) if at % 2 else piece for at, piece in enumerate(pieces)))


@overload
def texts(values: str) -> Reference: ...
@overload
def texts(values: Sequence[str]) -> tuple[Text, ...] | Reference: ...
def texts(values: str | Sequence[str]) -> tuple[Text, ...] | Reference:
    """The values of a list of strings; a list known only at run time becomes one reference.

    Raises:
        TypeError: A plain string came where a list is meant.
    """
    if isinstance(values, str):
        value = text(values)
        if not isinstance(value, Reference):
            msg = f"expected a list of strings, got the string {values!r}: write [{values!r}]"
            raise TypeError(msg)
        return value
    if len(values) == 1 and values[0].startswith("#{Token["):
        path = _render({"list": list(values)}).get("list.$")
        return Reference(jsonpath=path) if path else tuple(values)
    _ask(piece for value in values for piece in TOKEN.split(value)[1::2])
    return tuple(map(text, values))


def number(value: float | str) -> int | float | Reference:
    """The value of a number that may be a JSONPath token or a JSONata expression."""
    if isinstance(value, str):
        return Reference(jsonata=value.removeprefix("{%").removesuffix("%}").strip())
    if is_known(value):
        return value
    path = _render({"number": value}).get("number.$")
    return Reference(jsonpath=path) if path else value


def whole(seconds: float) -> int | float:
    """Seconds as the service wants them, without the decimals that the CDK's durations have."""
    return int(seconds) if is_known(seconds) and float(seconds).is_integer() else seconds


def written(value: Text, *, jsonata: bool, name: str) -> str:
    """The string that stands for a step's output in any state of a user's own.

    In JSONPath that is a CDK token, in JSONata an expression in ``{% %}``.

    Args:
        value: The output's URI.
        jsonata: Whether to write it in JSONata.
        name: The output's name, which `output_name` gives back.
    """
    if isinstance(value, str):
        _names[value] = name
        return value
    if jsonata:
        stands = f"{{% {expression(value, 'JSONata')} %}}"
    else:
        stands = sfn.JsonPath.string_at(expression(value, "JSONPath"))
    _written[stands] = value
    _names[stands] = name
    return stands


def output_name(value: str) -> str | None:
    """The name of the step's output that a string stands for, None if it is no output."""
    return _names.get(value)


def _token(token: str) -> Text:
    if token in _written:
        return _written[token]
    path = _paths[token]
    return Reference(jsonpath=path) if path else token


def _ask(tokens: Iterable[str]) -> None:
    unknown = [token for token in tokens if token not in _paths and token not in _written]
    if unknown:
        rendered = _render({str(at): token for at, token in enumerate(unknown)})
        _paths.update({token: rendered.get(f"{at}.$") for at, token in enumerate(unknown)})


def _render(values: dict[str, Any]) -> dict[str, Any]:
    return dict(sfn.FieldUtils.render_object(values) or {})
