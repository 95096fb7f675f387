"""The numbers and names in a state's fields: retriers, catchers, time limits, Map's limits.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cdk_sagemaker_processing.local.ministack.states.definition import expressions, fields
from cdk_sagemaker_processing.local.ministack.states.definition.problems import Problem, Problems

_Rules = Sequence[Mapping[str, Any]]

_MOST = 99_999_999
_LONGEST_DELAY_SECONDS = 31_622_400
_ALL = "States.ALL"
_LIMITS: Mapping[str, tuple[float, float]] = {
    "TimeoutSeconds": (1, _MOST),
    "HeartbeatSeconds": (1, _MOST),
    "Seconds": (0, _MOST),
    "MaxConcurrency": (0, _MOST),
    "ToleratedFailureCount": (0, _MOST),
}
_RETRIER_LIMITS: Mapping[str, tuple[float, float]] = {
    "IntervalSeconds": (1, _MOST),
    "MaxAttempts": (0, _MOST),
    "MaxDelaySeconds": (1, _LONGEST_DELAY_SECONDS),
}
_ONE_OF = (
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
    ("Parameters", "ItemSelector"),
)


def limits(state: Mapping[str, Any], location: str) -> Problems:
    """Yield what is wrong with a state's numbers.

    Args:
        state: The state.
        location: Where it is.
    """
    for name, (least, most) in _LIMITS.items():
        if name in state and not expressions.is_jsonata(state[name]):
            yield from _whole(state[name], least, most, f"{location}/{name}")
    share = state.get("ToleratedFailurePercentage", 0)
    if not expressions.is_jsonata(share) and not _is_number(share, 0, 100):
        where = f"{location}/ToleratedFailurePercentage"
        yield Problem("Value must be a number from 0 to 100", where)
    for one, other in _ONE_OF:
        if one in state and other in state:
            yield Problem(f"Only one of '{one}' and '{other}' may be there", location)
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield Problem(
            "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'",
            f"{location}/HeartbeatSeconds",
        )


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _whole(value: Any, least: float, most: float, location: str) -> Problems:
    if not isinstance(value, int) or not _is_number(value, least, most):
        yield Problem(f"Value must be an integer from {least} to {most}", location)


def retriers(rules: _Rules, location: str) -> Problems:
    """Yield what is wrong with a state's retriers.

    Args:
        rules: Its `Retry`.
        location: Where it is.
    """
    for where, rule in _rules(rules, location):
        yield from fields.required(rule, ["ErrorEquals"], where)
        for name, (least, most) in _RETRIER_LIMITS.items():
            if name in rule:
                yield from _whole(rule[name], least, most, f"{where}/{name}")
        if not _is_number(rule.get("BackoffRate", 1), 1, _MOST):
            yield Problem("Value must be a number of at least 1", f"{where}/BackoffRate")
        if rule.get("JitterStrategy", "NONE") not in {"FULL", "NONE"}:
            yield Problem("Value must be one of [FULL, NONE]", f"{where}/JitterStrategy")
    yield from _wildcards(rules, location)


def catchers(rules: _Rules, location: str) -> Problems:
    """Yield what is wrong with a state's catchers, but for where they lead.

    Args:
        rules: Its `Catch`.
        location: Where it is.
    """
    for where, rule in _rules(rules, location):
        yield from fields.required(rule, ["ErrorEquals", "Next"], where)
    yield from _wildcards(rules, location)


def _rules(rules: _Rules, location: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(f"{location}[{index}]", rule) for index, rule in enumerate(rules)]


def _wildcards(rules: _Rules, location: str) -> Problems:
    found = [
        (f"{where}/ErrorEquals", rule.get("ErrorEquals")) for where, rule in _rules(rules, location)
    ]
    for where, names in found:
        if names == []:
            yield Problem("Value must be a non-empty array of error names", where)
        elif _ALL in (names or []) and names != [_ALL]:
            yield Problem(f"{_ALL} must be alone", where)
    for where, names in found[:-1]:
        if _ALL in (names or []):
            yield Problem(f"{_ALL} must be in the last rule", where)
