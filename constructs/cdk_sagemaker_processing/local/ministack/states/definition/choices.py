"""The rules of Choice states.

Source: https://states-language.net/spec.html#choice-state
"""

from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition import expressions, fields
from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

_Rule = Mapping[str, Any]

_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_ORDERED = tuple(
    f"{kind}{order}" for kind in ("String", "Numeric", "Timestamp") for order in _ORDERS
)
_COMPARED = (*_ORDERED, "BooleanEquals")
_TESTS = ("IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
_COMPARISONS = frozenset(
    (*_COMPARED, *(f"{name}Path" for name in _COMPARED), *_TESTS, "StringMatches")
)
_LISTS = ("And", "Or")
_OTHERS = frozenset({"Variable", "Next", "Comment", "Assign", "Output"})


def problems(state: _Rule, location: str) -> Problems:
    """Yield what is wrong with a Choice state's rules.

    Args:
        state: The state.
        location: Where it is.
    """
    if state.get("Choices") == []:
        yield Problem("Value must be a non-empty array", f"{location}/Choices")
    for index, rule in enumerate(state.get("Choices", [])):
        where = f"{location}/Choices[{index}]"
        yield from fields.required(rule, ["Next"], where)
        if "Condition" in rule:
            yield from _jsonata_rule(rule, where)
        else:
            yield from _rule(rule, where)
            yield from expressions.template(rule.get("Assign"), f"{where}/Assign")


def _jsonata_rule(rule: _Rule, location: str) -> Problems:
    for name in ("Condition", "Output", "Assign"):
        yield from expressions.jsonata(rule.get(name), f"{location}/{name}")
    for name in rule.keys() - {"Condition"} - _OTHERS:
        yield Problem(f"Field '{name}' is not supported", location)


def _rule(rule: _Rule, location: str) -> Problems:
    operators = rule.keys() & (_COMPARISONS | {*_LISTS, "Not"})
    for name in rule.keys() - operators - _OTHERS:
        yield Problem(f"Field '{name}' is not supported", location)
    if len(operators) != 1:
        yield Problem("A rule needs exactly one comparison, or one of [And, Or, Not]", location)
        return
    (operator,) = operators
    if operator in _LISTS:
        for index, inner in enumerate(rule[operator]):
            yield from _inner(inner, f"{location}/{operator}[{index}]")
    elif operator == "Not":
        yield from _inner(rule["Not"], f"{location}/Not")
    else:
        yield from _comparison(rule, operator, location)


def _inner(rule: _Rule, location: str) -> Problems:
    if "Next" in rule:
        yield Problem("Field 'Next' is not supported", location)
    yield from _rule(rule, location)


def _comparison(rule: _Rule, operator: str, location: str) -> Problems:
    yield from fields.required(rule, ["Variable"], location)
    if "Variable" in rule and not expressions.is_path(rule["Variable"]):
        yield Problem("Value must be a valid JSONPath.", f"{location}/Variable")
    if operator.endswith("Path") and not expressions.is_path(rule[operator]):
        yield Problem("Value must be a valid JSONPath.", f"{location}/{operator}")
