"""The rules of Choice states, as short text.

>>> describe({"Variable": "$.day", "StringEquals": "Monday"})
'$.day = "Monday"'
"""

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["describe"]

# Amazon States Language, "Choice state": the longer names first, as they end in the shorter ones.
_SIGNS = {
    "LessThanEquals": "≤",
    "GreaterThanEquals": "≥",
    "LessThan": "<",
    "GreaterThan": ">",
    "Equals": "=",
    "Matches": "matches",
}
_TYPES = re.compile(r"(String|Numeric|Boolean|Timestamp)")
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_COMPARISON = ("Variable", "Next", "Comment", "Assign", "Output")


def describe(rule: Mapping[str, Any]) -> str:
    """Return when a rule of a Choice state holds.

    Args:
        rule: The rule, in either query language.
    """
    if "Condition" in rule:
        condition = str(rule["Condition"])
        return condition.removeprefix("{%").removesuffix("%}").strip()
    for name, word in (("And", " and "), ("Or", " or ")):
        if name in rule:
            return word.join(_grouped(one) for one in rule[name])
    if "Not" in rule:
        return f"not {_grouped(rule['Not'])}"
    comparisons = [name for name in rule if name not in _NO_COMPARISON]
    return " and ".join(
        _comparison(str(rule.get("Variable")), one, rule[one]) for one in comparisons
    )


def _grouped(rule: Mapping[str, Any]) -> str:
    told = describe(rule)
    return f"({told})" if {"And", "Or"} & rule.keys() else told


def _comparison(variable: str, operator: str, value: Any) -> str:
    if operator.startswith("Is"):
        what = _WORDS.sub(" ", operator.removeprefix("Is")).lower()
        return f"{variable} is {'' if value else 'not '}{what}"
    name = _TYPES.sub("", operator, count=1)
    shown = str(value) if name.endswith("Path") else json.dumps(value, ensure_ascii=False)
    return f"{variable} {_SIGNS.get(name.removesuffix('Path'), operator)} {shown}"
