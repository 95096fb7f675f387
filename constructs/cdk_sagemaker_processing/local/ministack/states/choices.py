"""Choice states: their comparisons, and the variables and the output of what they choose.

MiniStack knows some comparisons with a path and not others, takes `true` for a number and a day
for a timestamp, escapes nothing in a pattern and lets JSONata's conditions be of any type.

Source: https://states-language.net/spec.html#choice-state
"""

import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions as sfn

from cdk_sagemaker_processing.local.ministack.states import paths, templates
from cdk_sagemaker_processing.local.ministack.states.place import current, here

_Rule = dict[str, Any]
_Result = tuple[Any, str | None]

_COMPARISON = re.compile(
    "(?P<type>String|Numeric|Boolean|Timestamp)"
    "(?P<how>Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(?P<path>Path)?"
)
_PATTERN_PART = re.compile(r"\\(?P<escaped>.)|(?P<any>\*)|(?P<other>.)", re.DOTALL)
# The profile of ISO 8601 that the specification names: RFC 3339, with a capital T and a capital Z.
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def timestamp(value: Any) -> datetime | None:
    """Return the time that a timestamp of the States Language stands for; None if it is none."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READ: dict[str, Callable[[Any], Any]] = {
    "String": _text,
    "Numeric": _number,
    "Boolean": _boolean,
    "Timestamp": timestamp,
}
_HOW: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_IS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: _number(value) is not None,
    "IsString": lambda value: _text(value) is not None,
    "IsBoolean": lambda value: _boolean(value) is not None,
    "IsTimestamp": lambda value: timestamp(value) is not None,
}


def holds(rule: _Rule, data: Any, context: Any = None) -> bool:
    """Whether a rule of a JSONPath Choice state matches.

    Args:
        rule: The rule, or one within it.
        data: What `$` is.
        context: The context object.

    Raises:
        _ExecutionError: A path finds nothing (`States.Runtime`); only `IsPresent` may ask for that.
    """
    if "And" in rule:
        return all(holds(one, data, context) for one in rule["And"])
    if "Or" in rule:
        return any(holds(one, data, context) for one in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data, context)
    if "IsPresent" in rule:
        return _is_present(rule["Variable"], data, context) is rule["IsPresent"]
    value = _found(rule["Variable"], data, context)
    return all(
        _agrees(name, given, value, lambda path: _found(path, data, context))
        for name, given in rule.items()
    )


def _agrees(name: str, given: Any, value: Any, find: Callable[[str], Any]) -> bool:
    if name in _IS:
        return _IS[name](value) is given
    if name == "StringMatches":
        return isinstance(value, str) and bool(_pattern(given).fullmatch(value))
    comparison = _COMPARISON.fullmatch(name)
    if comparison is None:
        return True
    read = _READ[comparison["type"]]
    left, right = read(value), read(find(given) if comparison["path"] else given)
    return left is not None and right is not None and _HOW[comparison["how"]](left, right)


def _pattern(given: str) -> re.Pattern[str]:
    parts = _PATTERN_PART.finditer(given)
    text = "".join(
        ".*" if part["any"] else re.escape(part["escaped"] or part["other"]) for part in parts
    )
    return re.compile(text, re.DOTALL)


def _is_present(path: str, data: Any, context: Any) -> bool:
    try:
        paths.select(path, data, context)
    except paths.PathError:
        return False
    return True


def _found(path: str, data: Any, context: Any) -> Any:
    try:
        return paths.select(path, data, context)
    except paths.PathError:
        raise paths.runtime_error(
            f"Invalid path '{path}': The choice state's condition path references an invalid value."
        ) from None


def _evaluate_rule(_original: Callable[..., bool], rule: _Rule, data: Any, ctx: Any = None) -> bool:
    matched = holds(rule, data, ctx)
    place = current()
    if matched and place is not None:
        place.rule_matched = True
        templates.assign(rule, data, place.context)
    return matched


def _evaluate_jsonata_choice_rule(
    _original: Callable[..., bool], rule: _Rule, raw_input: Any, ctx: Any
) -> bool:
    matched = bool(sfn._jsonata_state_field(rule, "Condition", "boolean", raw_input, ctx))
    place = current()
    if matched and place is not None:
        place.rule_matched = True
    return matched


def _execute_choice(
    original: Callable[..., _Result], state_def: _Rule, raw_input: Any, ctx: Any = None
) -> _Result:
    if current() is None:
        return original(state_def, raw_input, ctx)
    place = here()
    place.at(ctx)
    place.rule_matched = False
    output, following = original(state_def, raw_input, ctx)
    if place.rule_matched:
        return output, following
    if sfn._state_query_language(state_def, ctx) == "JSONata":
        return sfn._apply_jsonata_output(state_def, raw_input, ctx, default=output), following
    templates.assign(state_def, sfn._apply_input_path(state_def, raw_input, ctx), place.context)
    return output, following


MENDS = {
    "_evaluate_rule": _evaluate_rule,
    "_evaluate_jsonata_choice_rule": _evaluate_jsonata_choice_rule,
    "_execute_choice": _execute_choice,
}
