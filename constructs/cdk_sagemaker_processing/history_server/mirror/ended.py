"""Whether an uncompressed event log is finished."""

import json
from pathlib import Path

_EVENT = "SparkListenerApplicationEnd"
# Little comes after the application's end, but a line of SQL's plans may be long.
_NEAR_THE_END = 1 << 20


def has_ended(log: Path) -> bool:
    """Tell whether a log holds the application's end near its own end, all lines whole.

    A log whose last line is cut is not finished, whatever stands before: the server would answer
    500 for it under its final name.
    """
    lines = _last_lines(log)
    if not lines or not _is_whole(lines[-1]):
        return False
    return any(_is_end(line) for line in lines)


def _last_lines(log: Path) -> list[bytes]:
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _NEAR_THE_END))
        return file.read().splitlines(keepends=True)


def _is_whole(line: bytes) -> bool:
    return line.endswith(b"\n") or _event(line) is not None


def _is_end(line: bytes) -> bool:
    return _EVENT.encode() in line and _event(line) == _EVENT


def _event(line: bytes) -> object:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event.get("Event") if isinstance(event, dict) else None
