"""Stand-ins: strings and numbers for values of a run, in arguments and states of users' own.

A string is all that the CDK's constructs carry. What it stands for is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.request.rendering import expression
from cdk_sagemaker_processing.request.values import Reference, Text
from cdk_sagemaker_processing.run_time.pieces import values_in

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms

__all__ = [
    "Output",
    "is_folder",
    "meaning",
    "number_standing_for",
    "object_standing_for",
    "output_name",
    "outputs_in",
    "text_standing_for",
    "texts_standing_for",
    "written",
]


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


def meaning(stand_in: str) -> Text | None:
    """The value of a run that a string of `written` stands for; None where it is no such one."""
    return _written.get(stand_in)


def is_folder(stand_in: str) -> bool:
    """Whether a string stands for a step's output, which is a folder."""
    return stand_in in _folders


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


def _path_of(value: Reference) -> str:
    assert value.jsonpath is not None  # noqa: S101 # the callers are this library's own
    return value.jsonpath


def output_name(value: str, stage: object) -> str | None:
    """The name of the step's output that a string stands for, None if it is no output."""
    found = _outputs.get((id(stage), value))
    return found.name if found else None


def outputs_in(values: Iterable[str], stage: object) -> list[Output]:
    """The outputs of a stage's steps that text stands for or holds."""
    pieces = (piece for value in values for piece in (value, *values_in(value)))
    keys = ((id(stage), piece) for piece in dict.fromkeys(pieces))
    return [_outputs[key] for key in keys if key in _outputs]
