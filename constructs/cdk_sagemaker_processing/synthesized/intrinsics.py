"""JSON that CloudFormation puts together, with its intrinsic functions marked meanwhile."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Intrinsic", "Marked", "mark_joined", "mark_tree"]

# Private characters, which no definition holds.
_MARK = re.compile("\ue000(\\d+)\ue001")

Intrinsic = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Marked:
    """A JSON value in which a mark stands for each intrinsic function.

    Attributes:
        value: The value.
        intrinsics: The intrinsic functions, by the numbers of their marks.
    """

    value: Any
    intrinsics: tuple[Intrinsic, ...]

    def restore(self, value: Any) -> Any:
        """Return a part of the value, or what was made of it, with the intrinsic functions.

        One that is a whole value stands there as itself; one within a string makes the string a
        `Fn::Join`.

        Args:
            value: The part.
        """
        return _mapped(value, self._restored)

    def readable(self) -> Any:
        """Return the value with short names for the intrinsic functions, such as `${AWS::Region}`.

        It is for people: nobody could deploy it.
        """
        names = [_name(intrinsic) for intrinsic in self.intrinsics]
        return _mapped(self.value, lambda text: _MARK.sub(lambda found: names[int(found[1])], text))

    def _restored(self, text: str) -> Any:
        # Splitting by a pattern with one group puts the marks' numbers at the odd places.
        pieces = _MARK.split(text)
        if len(pieces) == 1:
            return text
        found = [self.intrinsics[int(one)] if at % 2 else one for at, one in enumerate(pieces)]
        kept = [piece for piece in found if piece != ""]
        return kept[0] if len(kept) == 1 else {"Fn::Join": ["", kept]}


def mark_joined(parts: Sequence[str | Intrinsic]) -> Marked:
    """Return the value of JSON text in pieces, as a `Fn::Join` holds it.

    Args:
        parts: The text's pieces, intrinsic functions among them.

    Raises:
        ValueError: If the text is not JSON.
    """
    text = ""
    intrinsics: list[Intrinsic] = []
    in_string = False
    for part in parts:
        if isinstance(part, str):
            text += part
            in_string = _ends_in_string(part, in_string)
        else:
            mark = _mark(intrinsics, part)
            text += mark if in_string else f'"{mark}"'
    return Marked(json.loads(text), tuple(intrinsics))


def mark_tree(value: Any) -> Marked:
    """Return a JSON value that holds intrinsic functions as members.

    Args:
        value: The value, as in a template.
    """
    intrinsics: list[Intrinsic] = []
    return Marked(_marked(value, intrinsics), tuple(intrinsics))


def is_intrinsic(value: Any) -> bool:
    """Whether a template's value is an intrinsic function."""
    if not (isinstance(value, dict) and len(value) == 1):
        return False
    (name,) = value
    return name == "Ref" or str(name).startswith("Fn::")


def _mark(intrinsics: list[Intrinsic], intrinsic: Intrinsic) -> str:
    intrinsics.append(intrinsic)
    return f"\ue000{len(intrinsics) - 1}\ue001"


def _marked(value: Any, intrinsics: list[Intrinsic]) -> Any:
    if is_intrinsic(value):
        return _mark(intrinsics, value)
    if isinstance(value, dict):
        return {name: _marked(member, intrinsics) for name, member in value.items()}
    return [_marked(item, intrinsics) for item in value] if isinstance(value, list) else value


def _mapped(value: Any, of_text: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _mapped(member, of_text) for name, member in value.items()}
    if isinstance(value, list):
        return [_mapped(item, of_text) for item in value]
    return of_text(value) if isinstance(value, str) else value


def _ends_in_string(piece: str, in_string: bool) -> bool:
    is_escaped = False
    for character in piece:
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == '"':
            in_string = not in_string
    return in_string


def _name(intrinsic: Intrinsic) -> str:
    ((function, argument),) = intrinsic.items()
    if function == "Ref":
        return f"${{{argument}}}"
    if function == "Fn::GetAtt":
        return f"${{{argument if isinstance(argument, str) else '.'.join(map(str, argument))}}}"
    return f"${{{function}}}"
