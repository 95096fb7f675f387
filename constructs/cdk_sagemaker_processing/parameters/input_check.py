"""The check of an execution's input, as JSONata."""

import json
import re
from collections.abc import Sequence
from typing import Any

from cdk_sagemaker_processing.parameters.in_definition import STARTED_BY
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter
from cdk_sagemaker_processing.request.rendering import expression

__all__ = ["problems_in", "value_of"]

_LONGEST_SHOWN = 100


def problems_in(parameters: Sequence[WorkflowParameter]) -> str:
    """An expression that says in words what is wrong with an execution's input, '' if nothing."""
    checks = ", ".join([*map(_check, parameters), _unknown([one.name for one in parameters])])
    return (
        "{% ("
        f"$got := function($of) {{ $substring($type($of) = 'string' ? '\"' & $of & '\"' : "
        f"$string($of), 0, {_LONGEST_SHOWN}) }}; "
        "$given := $states.input; "
        "$type($given) = 'object' "
        f"? $join([{checks}], '; ') "
        f": 'the input must be a JSON object of the parameters, got ' & $got($given)"
        ") %}"
    )


def value_of(parameter: WorkflowParameter) -> str:
    """An expression for a parameter's value in an execution; null where it has none."""
    default = "null" if parameter.default is None else _literal(parameter.default)
    given = f"$states.input.`{parameter.name}`"
    return f"{{% $exists({given}) ? {given} : {default} %}}"


def _check(parameter: WorkflowParameter) -> str:
    given = f"$given.`{parameter.name}`"
    must = f"must be {parameter.allowed}"
    wrong = _text(f"{parameter.name} {must}, got ")
    missing = f" : {_text(f'{parameter.name} is missing, it {must}')}" if parameter.required else ""
    right = f"({_right(parameter, given)})"
    return f"($exists({given}) ? ({right} ? [] : {wrong} & $got({given})){missing})"


def _right(parameter: WorkflowParameter, given: str) -> str:
    """Whether a value is allowed; JSONata may look at both sides of an ``and``, so none is used."""
    if parameter.type == "strings":
        right = _all([("$type($one) = 'string'"), *_rules(parameter, "$one")])
        # Not by what is left of a filter: a null may count as nothing there.
        rest = f"$not(false in $map({given}, function($one) {{ {right} }}))"
        return _all([f"$type({given}) = 'array'", rest])
    kind = "number" if parameter.type == "integer" else parameter.type
    whole = [f"$floor({given}) = {given}"] if parameter.type == "integer" else []
    return _all([f"$type({given}) = '{kind}'", *whole, *_rules(parameter, given)])


def _rules(parameter: WorkflowParameter, value: str) -> list[str]:
    found = []
    if parameter.allowed_values:
        found.append(f"{value} in {_literal(parameter.allowed_values)}")
    if parameter.pattern is not None:
        found.append(f"$contains({value}, {_regular_expression(parameter.pattern)})")
    if parameter.minimum is not None:
        found.append(f"{value} >= {_literal(parameter.minimum)}")
    if parameter.maximum is not None:
        found.append(f"{value} <= {_literal(parameter.maximum)}")
    return found


def _all(conditions: Sequence[str]) -> str:
    *others, last = conditions
    return "".join(f"({one}) ? (" for one in others) + last + ") : false" * len(others)


def _regular_expression(pattern: str) -> str:
    escaped = re.sub(r"(\\.)|/", lambda found: found[1] or r"\/", pattern, flags=re.DOTALL)
    # Not `$`, which Java and Python match before a line's end too.
    return rf"/^(?:{escaped})(?![\s\S])/"


def _unknown(names: Sequence[str]) -> str:
    known = _literal([*names, STARTED_BY])
    words = _text(f" is no parameter, the parameters are {', '.join(names)}")
    return (
        f"$map($filter($keys($given), function($name) {{ $not($name in {known}) }}), "
        f"function($name) {{ $name & {words} }})"
    )


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value)


def _text(value: str) -> str:
    return expression(value, "JSONata")
