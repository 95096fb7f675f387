"""The types of parameters, and the values of each."""

import json
import sys
from typing import Literal

__all__ = ["NUMBERS", "TEXTS", "WORDS", "ParameterType", "is_of", "shown"]

ParameterType = Literal["string", "number", "integer", "boolean", "strings"]

TEXTS = ("string", "strings")
NUMBERS = ("number", "integer")
WORDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "strings": "a list of texts",
}

# JSONata's numbers are doubles; NaN compares with nothing.
_GREATEST = sys.float_info.max


def is_of(kind: str, value: object) -> bool:
    """Whether a JSON value is of a type."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str)
    if kind == "strings":
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not -_GREATEST <= value <= _GREATEST:
        return False
    return kind == "number" or float(value).is_integer()


def shown(value: object) -> str:
    """A value as people read it."""
    return json.dumps(value, ensure_ascii=False, default=str)
