"""Durations, sizes and messages as a person reads them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.runs.progress import Items

_SECONDS_WITH_TENTHS = 10
_MINUTE = 60
_HOUR = 3600
_UNIT = 1000
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def duration(seconds: float) -> str:
    """Return a duration, such as `3.2 s`, `48 s`, `2 min 05 s` or `1 h 12 min`."""
    seconds = max(seconds, 0)
    if round(seconds, 1) < _SECONDS_WITH_TENTHS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def size(in_bytes: int) -> str:
    """Return a size, such as `812 B`, `4.2 kB` or `17 MB`."""
    if in_bytes < _UNIT:
        return f"{in_bytes} B"
    amount, unit = float(in_bytes), "B"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the unit reached is what is wanted
        amount /= _UNIT
        # 999.95 and more would read as 1000.
        if round(amount) < _UNIT:
            break
    return (
        f"{amount:.1f} {unit}"
        if round(amount, 1) < _SECONDS_WITH_TENTHS
        else f"{amount:.0f} {unit}"
    )


def count(number: int, noun: str) -> str:
    """Return a number of things, such as `1 file` or `3 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def items(told: Items) -> str:
    """Return how far items are, such as `3 of 12 items done, 1 failed, 2 running`."""
    others = {"failed": told.failed, "running": told.running, "aborted": told.aborted}
    besides = "".join(f", {number:,} {name}" for name, number in others.items() if number)
    return f"{told.succeeded:,} of {count(told.total, 'item')} done{besides}"


def sentence(text: str) -> str:
    """Return an error's text as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."


def plain(line: str) -> str:
    """Return a log's line as a terminal may show it: without colours, moves and other control."""
    return _CONTROL.sub("", _ESCAPE.sub("", line.expandtabs()))


def reason(cause: str | None) -> str:
    """Return what the cause of a failed state says, without the description of the whole job.

    Args:
        cause: The cause as Step Functions gives it: for a job, its description as JSON.
    """
    if not cause:
        return ""
    try:
        told: Any = json.loads(cause)
    except ValueError:
        return cause.strip()
    if not isinstance(told, Mapping):
        return cause.strip()
    said = [str(told[name]) for name in ("FailureReason", "ExitMessage") if told.get(name)]
    return "\n".join(dict.fromkeys(said)).strip() or cause.strip()
