"""Values that only the running state machine knows, beside those known at synth."""

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeGuard

__all__ = [
    "TOKEN",
    "Joined",
    "Language",
    "Reference",
    "Text",
    "is_known",
    "is_resolvable",
    "is_run_time",
    "join",
]

Language = Literal["JSONPath", "JSONata"]

# How the CDK writes a value that is not known yet: a marker inside text, or a
# number far outside every range that an API member has, which may stand in text too.
TOKEN = re.compile(r"([$#]\{Token\[[a-zA-Z0-9:._-]+\]\}|-1\.[0-9]{10,16}e\+289)")
_TOKEN_NUMBER = -1e280


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that the running state machine fills in.

    Attributes:
        jsonpath: A path or an intrinsic function, such as ``$.day`` or
            ``States.UUID()``; None where the value cannot be had in JSONPath.
        jsonata: An expression without its ``{% %}``, such as
            ``$states.input.day``; None where it cannot be had in JSONata.
    """

    jsonpath: str | None = None
    jsonata: str | None = None

    def in_language(self, language: Language) -> str | None:
        """The expression in one query language, None where there is none."""
        return self.jsonpath if language == "JSONPath" else self.jsonata

    def __str__(self) -> str:
        """The expression in braces, for people and dry runs."""
        return f"{{{self.jsonpath or self.jsonata}}}"


@dataclass(frozen=True, slots=True)
class Joined:
    """Text made at run time of known pieces and references, in order."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        """The pieces one after the other, references in braces."""
        return "".join(map(str, self.parts))


Text = str | Reference | Joined


def join(*parts: Text) -> Text:
    """Join pieces of text, as flat as can be.

    >>> join("s3://bucket/", "a/")
    's3://bucket/a/'
    >>> str(join("s3://bucket/", Reference(jsonpath="$.day"), "/"))
    's3://bucket/{$.day}/'
    """
    flat: list[str | Reference] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Joined) else (part,):
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    if not flat:
        return ""
    return flat[0] if len(flat) == 1 else Joined(tuple(flat))


def is_run_time(value: object) -> TypeGuard[Reference | Joined]:
    """Whether only the running state machine knows the value."""
    return isinstance(value, Reference | Joined)


def is_known(value: object) -> bool:
    """Whether the value stands at synth: neither run-time nor filled in by CloudFormation."""
    if is_run_time(value):
        return False
    if isinstance(value, str):
        return not TOKEN.search(value)
    if isinstance(value, int | float):
        return not -math.inf < value <= _TOKEN_NUMBER
    return not is_resolvable(value)


def is_resolvable(value: object) -> bool:
    """Whether it is an object that the CDK fills in: an ``IResolvable``, by its methods."""
    # Python cannot ask jsii what a value implements, and this package knows no CDK. Not by its
    # property `creation_stack`, which some have not and jsii then raises.
    return hasattr(value, "resolve") and hasattr(value, "to_string")
