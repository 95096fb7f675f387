"""JSONPath as Step Functions reads it: the dialect of Jayway's JsonPath, without its functions.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
    https://github.com/json-path/JsonPath
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cdk_sagemaker_processing.local.ministack.states import jsonpath_filter
from cdk_sagemaker_processing.local.ministack.states.jsonpath_filter import PathError

__all__ = ["Path", "PathError", "parse"]

_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_ONE_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# Step Functions asks for brackets around any but letters, digits and `_`; it takes `$.a-b` too.
_NAME = r"""[^.\[\]()*\s=<>!&|,~'"@?]+"""
_STEP = re.compile(
    rf"""(?P<below>\.\.(?=[\w*\[]))
      | (?P<every>\.\*|\.?\[\s*\*\s*\])
      | \.(?P<function>\w+)\(
      | \.(?P<name>{_NAME})
      | \.?\[\s*(?P<names>{_ONE_QUOTED}(?:\s*,\s*{_ONE_QUOTED})*)\s*\]
      | \.?\[\s*(?P<items>-?\d+(?:\s*,\s*-?\d+)*)\s*\]
      | \.?\[\s*(?P<first>-?\d*)\s*:\s*(?P<last>-?\d*)\s*\]
      | (?P<filter>\.?\[\s*\?\s*\()""",
    re.VERBOSE,
)
_AFTER_BELOW = re.compile(rf"(?P<every>\*)|(?P<name>{_NAME})")
_AFTER_FILTER = re.compile(r"\s*\)\s*\]")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a path.

    Attributes:
        definite: Whether it can find no more than one value.
        takes: Whether it can be made from a value.
        find: Returns what it finds from a value that it takes; its second argument is what `$` is.
        name: The member it goes to, where it is such a step.
    """

    definite: bool
    takes: Callable[[Any], bool]
    find: Callable[[Any, Any], list[Any]]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A path.

    Attributes:
        text: As it is written.
    """

    text: str
    _steps: tuple[_Step, ...]

    @property
    def names(self) -> tuple[str, ...] | None:
        """The members it goes along, or None if it has steps of another kind."""
        named = tuple(step.name for step in self._steps if step.name is not None)
        return named if len(named) == len(self._steps) else None

    def find(self, data: Any) -> Any:
        """Return what it finds; a list for a path that may find several values.

        Args:
            data: What `$` is.

        Raises:
            PathError: It finds nothing, and could find one value only; or it breaks off before
                the first step that may find several.
        """
        values, definite = [data], True
        for step in self._steps:
            if definite and not step.takes(values[0]):
                raise PathError(self.text)
            values = [
                one for value in values if step.takes(value) for one in step.find(value, data)
            ]
            definite = definite and step.definite
            if definite and not values:
                raise PathError(self.text)
        return values[0] if definite else values


@lru_cache(maxsize=4096)
def parse(text: str) -> Path:
    """Read a path.

    Args:
        text: It begins with `$`.

    Raises:
        PathError: It is none.
    """
    steps, position = _read_steps(text, 1)
    if not text.startswith("$") or position != len(text):
        raise PathError(f"'{text}' is no JSONPath")
    return Path(text, tuple(steps))


def _read_steps(text: str, position: int) -> tuple[list[_Step], int]:
    steps: list[_Step] = []
    while found := _STEP.match(text, position):
        step, position = _read_step(found, text)
        steps.append(step)
        if found["below"] and (after := _AFTER_BELOW.match(text, position)):
            steps.append(_every() if after["every"] else _member(after["name"]))
            position = after.end()
    return steps, position


def _read_step(found: re.Match[str], text: str) -> tuple[_Step, int]:
    if found["filter"]:
        return _filter(text, found.end())
    if found["function"]:
        closed = text.find(")", found.end())
        return _function(), closed + 1 if closed >= 0 else len(text) + 1
    return _plain_step(found), found.end()


def _plain_step(found: re.Match[str]) -> _Step:
    if found["below"]:
        return _below()
    if found["every"]:
        return _every()
    if found["items"]:
        return _items([int(index) for index in found["items"].split(",")])
    if found["first"] is not None:
        return _slice(found["first"], found["last"])
    if found["name"]:
        return _member(found["name"])
    names = [_unquoted(one) for one in _QUOTED.finditer(found["names"])]
    return _member(names[0]) if len(names) == 1 else _members(names)


def _unquoted(quoted: re.Match[str]) -> str:
    text = quoted[1] if quoted[1] is not None else quoted[2]
    return re.sub(r"\\(.)", r"\1", text)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _any(_value: Any) -> bool:
    return True


def _member(name: str) -> _Step:
    return _Step(
        definite=True,
        takes=lambda value: isinstance(value, dict) and name in value,
        find=lambda value, _root: [value[name]],
        name=name,
    )


def _members(names: list[str]) -> _Step:
    def find(value: Any, _root: Any) -> list[Any]:
        return [{name: value[name] for name in names if name in value}]

    return _Step(definite=True, takes=_is_object, find=find)


def _items(indices: list[int]) -> _Step:
    def find(value: Any, _root: Any) -> list[Any]:
        return [value[index] for index in indices if -len(value) <= index < len(value)]

    return _Step(definite=len(indices) == 1, takes=_is_list, find=find)


def _slice(first: str, last: str) -> _Step:
    part = slice(int(first) if first else None, int(last) if last else None)
    return _Step(definite=False, takes=_is_list, find=lambda value, _root: list(value[part]))


def _every() -> _Step:
    return _Step(definite=False, takes=_any, find=lambda value, _root: list(_children(value)))


def _below() -> _Step:
    return _Step(definite=False, takes=_any, find=lambda value, _root: list(_descendants(value)))


def _function() -> _Step:
    # Jayway's `length()` and the like: Step Functions finds nothing there.
    return _Step(definite=True, takes=lambda _value: False, find=lambda _value, _root: [])


def _filter(text: str, position: int) -> tuple[_Step, int]:
    test, position = jsonpath_filter.read(text, position, _read_operand)
    closing = _AFTER_FILTER.match(text, position)
    if closing is None:
        raise PathError(f"'{text}' is no JSONPath: its filter does not end with ')]'")

    def find(value: Any, root: Any) -> list[Any]:
        candidates = value if isinstance(value, list) else [value]
        return [one for one in candidates if test(one, root)]

    takes = lambda value: isinstance(value, list | dict)  # noqa: E731 - one line beside the other
    return _Step(definite=False, takes=takes, find=find), closing.end()


def _read_operand(text: str, position: int) -> tuple[Path, int]:
    steps, end = _read_steps(text, position)
    return Path(text[position - 1 : end], tuple(steps)), end


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _descendants(value: Any) -> Iterator[Any]:
    yield value
    for child in _children(value):
        yield from _descendants(child)
