"""The tests in a JSONPath's filters: `[?(@.n > 1 && @.name == 'a')]`."""

import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any, Any], bool]
"""Whether a filter holds for a value; the second argument is what `$` is."""

_Operand = Callable[[Any, Any], Any]
_ReadSteps = Callable[[str, int], tuple[Any, int]]

_MISSING = object()
_OPERATOR = re.compile(
    r"\s*(==|!=|<=|>=|<|>|=~|\b(?:in|nin|contains|subsetof|anyof|noneof|size|empty)\b)\s*"
)
_LITERAL = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>true|false|null)\b
      | /(?P<pattern>(?:[^/\\]|\\.)+)/(?P<flags>[i]?)""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


class PathError(LookupError):
    """A path that finds nothing, or that cannot be read."""


def read(text: str, position: int, read_steps: _ReadSteps) -> tuple[Test, int]:
    """Read a filter's test.

    Args:
        text: The path that holds it.
        position: Where the test begins, after `[?(`.
        read_steps: Reads what follows `@` or `$` in it, from a text and a position.

    Returns:
        The test, and the position after it.

    Raises:
        PathError: There is no test there.
    """
    reader = _Reader(text, position, read_steps)
    test = reader.either()
    return test, reader.position


class _Reader:
    def __init__(self, text: str, position: int, read_steps: _ReadSteps) -> None:
        self.text = text
        self.position = position
        self._read_steps = read_steps

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return lambda value, root: any(test(value, root) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda value, root: all(test(value, root) for test in tests)

    def _one(self) -> Test:
        if self._take("!"):
            test = self._one()
            return lambda value, root: not test(value, root)
        if self._take("("):
            test = self.either()
            if not self._take(")"):
                raise self._unread("')'")
            return test
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._operand()
        operator = _OPERATOR.match(self.text, self.position)
        if operator is None:
            return lambda value, root: left(value, root) is not _MISSING
        self.position = operator.end()
        compare, right = _COMPARISONS[operator[1]], self._operand()
        return lambda value, root: compare(left(value, root), right(value, root))

    def _operand(self) -> _Operand:
        self._skip()
        sign = self.text[self.position : self.position + 1]
        if sign in {"@", "$"}:
            path, self.position = self._read_steps(self.text, self.position + 1)
            of_item = sign == "@"
            return lambda value, root: _found(path, value if of_item else root)
        if sign == "[":
            return self._list()
        literal = _LITERAL.match(self.text, self.position)
        if literal is None:
            raise self._unread("a value")
        self.position = literal.end()
        constant = _value(literal)
        return lambda _value, _root: constant

    def _list(self) -> _Operand:
        self._take("[")
        items: list[_Operand] = []
        while not self._take("]"):
            if items and not self._take(","):
                raise self._unread("','")
            items.append(self._operand())
        return lambda value, root: [item(value, root) for item in items]

    def _take(self, sign: str) -> bool:
        self._skip()
        if not self.text.startswith(sign, self.position):
            return False
        self.position += len(sign)
        return True

    def _skip(self) -> None:
        while self.text[self.position : self.position + 1].isspace():
            self.position += 1

    def _unread(self, wanted: str) -> PathError:
        return PathError(f"'{self.text}' is no JSONPath: {wanted} was wanted at {self.position}")


def _found(path: Any, value: Any) -> Any:
    try:
        return path.find(value)
    except PathError:
        return _MISSING


def _value(literal: re.Match[str]) -> Any:
    if literal["string"]:
        return re.sub(r"\\(.)", r"\1", literal["string"][1:-1])
    if literal["number"]:
        number = float(literal["number"])
        return int(number) if number.is_integer() else number
    if literal["pattern"]:
        return re.compile(literal["pattern"], re.IGNORECASE if literal["flags"] else 0)
    return _WORDS[literal["word"]]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _is_in(one: Any, many: Any) -> bool:
    return isinstance(many, list) and any(_same(one, other) for other in many)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(left: Any, right: Any) -> bool:
        strings = isinstance(left, str) and isinstance(right, str)
        return (strings or (_is_number(left) and _is_number(right))) and compare(left, right)

    return ordered


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches(left: Any, right: Any) -> bool:
    return isinstance(left, str) and isinstance(right, re.Pattern) and bool(right.fullmatch(left))


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _is_in(right, left)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_empty(value: Any, wanted: Any) -> bool:
    # What is not there is neither empty nor full to Jayway's.
    size = _size(value)
    return size is not None and (size == 0) is wanted


def _size(value: Any) -> int | None:
    return len(value) if isinstance(value, list | str | dict) else None


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": _matches,
    "in": _is_in,
    "nin": lambda left, right: not _is_in(left, right),
    "contains": _contains,
    "subsetof": lambda left, right: all(_is_in(one, right) for one in _items(left)),
    "anyof": lambda left, right: any(_is_in(one, right) for one in _items(left)),
    "noneof": lambda left, right: not any(_is_in(one, right) for one in _items(left)),
    "size": lambda left, right: _size(left) == right,
    "empty": _is_empty,
}
