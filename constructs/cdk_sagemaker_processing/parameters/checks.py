"""Checks of a parameter itself, by which no run could be checked if it were wrong."""

import re
import warnings
from collections.abc import Iterator, Sequence

from cdk_sagemaker_processing.parameters.jsonata_names import JSONATA_FUNCTIONS
from cdk_sagemaker_processing.parameters.value_types import NUMBERS, TEXTS, WORDS, is_of

__all__ = ["wrong_allowed", "wrong_bounds", "wrong_name", "wrong_pattern", "wrong_type"]

# https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_RESERVED = frozenset({"states"})
# What workflows keep in variables of their own.
_OWN = "workflow_"
# Groups of other kinds, flags, ends of the text, repetitions of no least number or possessive.
_PYTHON_ONLY = re.compile(r"\(\?(?:[P#(>]|[a-zA-Z-]+[:)])|\\[AZ]|\{,\d|[*+?}]\+")
_ONE_CHARACTER = re.compile(r"\\[^AZ]|\[\^?\]?(?:\\.|[^\]])*\]", re.DOTALL)


def wrong_name(name: object) -> Iterator[str]:
    """What is wrong with its name."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield (
            "name must be letters, digits and _, at most 80 of them and no digit first, "
            f"got {name!r}"
        )
    elif name in JSONATA_FUNCTIONS or name in _RESERVED or name.startswith(_OWN):
        yield (
            f"name cannot be {name!r}, as the variable ${name} would hide what JSONata, Step "
            f"Functions or the workflow has by that name: call it otherwise, such as 'given_{name}'"
        )


def wrong_type(kind: object) -> Iterator[str]:
    """What is wrong with its type."""
    if kind not in WORDS:
        yield f"type must be one of {', '.join(map(repr, WORDS))}, got {kind!r}"


def wrong_pattern(kind: str, pattern: str | None) -> Iterator[str]:
    """What is wrong with its pattern."""
    if pattern is None:
        return
    if kind not in TEXTS:
        yield f"pattern is for type 'string' or 'strings', but the type is {kind!r}"
        return
    try:
        with warnings.catch_warnings():
            # Such as [a&&b], which Java takes for what is in both.
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except (re.error, FutureWarning) as error:
        yield f"pattern {pattern!r} is no regular expression: {error}"
        return
    if found := _PYTHON_ONLY.search(_ONE_CHARACTER.sub(".", pattern)):
        yield (
            f"pattern {pattern!r} has {found[0]!r}, which Step Functions does not know as Python "
            r"does: write groups as (?:...) or (...), letters of both cases as [aA], and neither "
            r"\A nor \Z, as the whole text must match"
        )
    elif not _is_writable(pattern):
        yield (
            f"pattern {pattern!r} cannot be written in JSONata, which finds a regular expression's "
            r"end by its brackets: write those that stand for themselves as \(, \[ and \{, and a "
            r"backslash that stands for itself as \x5C"
        )


def wrong_bounds(kind: str, minimum: float | None, maximum: float | None) -> Iterator[str]:
    """What is wrong with its least and its greatest value."""
    for name, value in (("minimum", minimum), ("maximum", maximum)):
        if value is None:
            continue
        if kind not in NUMBERS:
            yield f"{name} is for type 'number' or 'integer', but the type is {kind!r}"
        elif not is_of("number", value):
            yield f"{name} must be a number, got {value!r}"


def wrong_allowed(kind: str, allowed_values: object) -> Iterator[str]:
    """What is wrong with the values that it may have."""
    if isinstance(allowed_values, str) or not isinstance(allowed_values, Sequence):
        yield f"allowed_values must be a list, got {allowed_values!r}"
        return
    one = "string" if kind == "strings" else kind
    for value in allowed_values:
        if not is_of(one, value):
            yield f"allowed_values must each be {WORDS[one]}, got {value!r}"


def _is_writable(pattern: str) -> bool:
    """Whether JSONata finds the end of a group that the pattern is in."""
    depth, before = 1, ""
    for character in f"{pattern})":
        if before != "\\":
            depth += (character in "([{") - (character in ")]}")
        before = character
    return depth == 0
