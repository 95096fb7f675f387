"""What each intrinsic function gives, and which arguments it takes.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import base64
import binascii
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

_FORMAT_PART = re.compile(r"\\(?P<escaped>.)|(?P<place>\{\})", re.DOTALL)
_MOST_ITEMS = 1000
_MOST_CHARACTERS = 10_000
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_ALGORITHMS = {
    "MD5": hashlib.md5,
    "SHA-1": hashlib.sha1,
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


class ArgumentError(ValueError):
    """An argument that a function does not take."""


def interpolated(template: Any, *values: Any) -> str:
    """`States.Format`: a template with each `{}` replaced by a value.

    Args:
        template: The text; a backslash makes the character after it stand for itself.
        values: As many as there are `{}`.

    Raises:
        ArgumentError: There are more or fewer, or the template is no text.
    """
    text = _string(template)
    places = sum(1 for part in _FORMAT_PART.finditer(text) if part["place"])
    if places != len(values):
        raise ArgumentError(f"{places} places and {len(values)} values")
    texts = iter([_text(value) for value in values])
    return _FORMAT_PART.sub(lambda part: part["escaped"] or next(texts), text)


def _text(value: Any) -> str:
    """A value as Java shows it, which Step Functions is written in."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(_text(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={_text(one)}' for name, one in value.items())}}}"
    return json.dumps(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"a string is wanted, not {json.dumps(value)}")
    return value


def _short_string(value: Any) -> str:
    text = _string(value)
    if len(text) > _MOST_CHARACTERS:
        raise ArgumentError(f"{len(text)} characters, of at most {_MOST_CHARACTERS}")
    return text


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ArgumentError(f"an array is wanted, not {json.dumps(value)}")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArgumentError(f"an object is wanted, not {json.dumps(value)}")
    return value


def _integer(value: Any) -> int:
    """A number, rounded to the nearest integer as Java rounds."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ArgumentError(f"an integer is wanted, not {json.dumps(value)}")
    whole = math.floor(value + 0.5)
    if not _SMALLEST <= whole <= _LARGEST:
        raise ArgumentError(f"{whole} is not between {_SMALLEST} and {_LARGEST}")
    return whole


def _key(value: Any) -> str:
    """What equal values have in common; `true` is no 1 there."""
    return json.dumps(value, sort_keys=True)


def _few(items: list[Any]) -> list[Any]:
    if len(items) > _MOST_ITEMS:
        raise ArgumentError(f"{len(items)} items, of at most {_MOST_ITEMS}")
    return items


def _partition(items: Any, size: Any) -> list[Any]:
    whole, count = _array(items), _integer(size)
    if count < 1:
        raise ArgumentError(f"a chunk has at least 1 item, not {count}")
    return _few([whole[first : first + count] for first in range(0, len(whole), count)])


def _contains(items: Any, value: Any) -> bool:
    return _key(value) in {_key(item) for item in _array(items)}


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, increment = _integer(first), _integer(last), _integer(step)
    if increment == 0:
        raise ArgumentError("the third argument cannot be 0")
    found = range(start, end + (1 if increment > 0 else -1), increment)
    if len(found) > _MOST_ITEMS:
        raise ArgumentError(f"{len(found)} items, of at most {_MOST_ITEMS}")
    return list(found)


def _item(items: Any, index: Any) -> Any:
    whole, place = _array(items), _integer(index)
    if not 0 <= place < len(whole):
        raise ArgumentError(f"there is no item {place} of {len(whole)}")
    return whole[place]


def _unique(items: Any) -> list[Any]:
    found: dict[str, Any] = {}
    for item in _array(items):
        found.setdefault(_key(item), item)
    return list(found.values())


def _encoded(text: Any) -> str:
    return base64.b64encode(_short_string(text).encode()).decode()


def _decoded(text: Any) -> str:
    short = _short_string(text)
    try:
        # As Java decodes: padding may be left out, and what is no UTF-8 is replaced.
        decoded = base64.b64decode(short + "=" * (-len(short) % 4), validate=True)
    except binascii.Error as error:
        raise ArgumentError(f"it is no Base64: {error}") from error
    return decoded.decode(errors="replace")


def _hash(text: Any, algorithm: Any) -> str:
    if algorithm not in _ALGORITHMS:
        raise ArgumentError(f"the algorithm is one of {', '.join(_ALGORITHMS)}")
    return _ALGORITHMS[algorithm](_short_string(text).encode()).hexdigest()


def _merged(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    if deep is not False:
        raise ArgumentError("the third argument must be false: there is no deep merge")
    return {**_object(first), **_object(second)}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if _string(text).strip() else None
    except ValueError as error:
        raise ArgumentError(f"it is no JSON: {error}") from error


def _random(first: Any, last: Any, *seed: Any) -> int:
    start, end = _integer(first), _integer(last)
    if start >= end:
        raise ArgumentError(f"the start, {start}, must be less than the end, {end}")
    if len(seed) > 1:
        raise ArgumentError("no more than three arguments are taken")
    source = random.Random(*(_integer(one) for one in seed))  # noqa: S311 - guards nothing
    return source.randrange(start, end)


def _split(text: Any, delimiters: Any) -> list[str]:
    characters = re.escape(_string(delimiters))
    whole = _string(text)
    parts = re.split(f"[{characters}]", whole) if characters else [whole]
    return [part for part in parts if part]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": _contains,
    "States.ArrayGetItem": _item,
    "States.ArrayLength": lambda items: len(_array(items)),
    "States.ArrayPartition": _partition,
    "States.ArrayRange": _range,
    "States.ArrayUnique": _unique,
    "States.Base64Decode": _decoded,
    "States.Base64Encode": _encoded,
    "States.Format": interpolated,
    "States.Hash": _hash,
    "States.JsonMerge": _merged,
    "States.JsonToString": lambda value: json.dumps(
        value, separators=(",", ":"), ensure_ascii=False
    ),
    "States.MathAdd": lambda first, second: _integer(first) + _integer(second),
    "States.MathRandom": _random,
    "States.StringSplit": _split,
    "States.StringToJson": _parsed,
    "States.UUID": lambda: str(uuid.uuid4()),
}
"""What each function gives, by its name."""
