"""Which logs there is room for."""

from collections.abc import Iterable
from dataclasses import dataclass

from .event_logs import EventLog


@dataclass(frozen=True, slots=True)
class Choice:
    """What is mirrored, and what is not.

    Attributes:
        kept: What is mirrored, newest first.
        left_out: What there is no room for: the oldest, newest first.
        too_large: What is larger than all the room there is.
    """

    kept: tuple[EventLog, ...]
    left_out: tuple[EventLog, ...]
    too_large: tuple[EventLog, ...]


def choose(logs: Iterable[EventLog], room: int) -> Choice:
    """Keep the newest logs that fit.

    Once a log does not fit, no older one is kept either: else logs would come and go as newer
    ones grow.

    Args:
        logs: All of them.
        room: In bytes.
    """
    kept: list[EventLog] = []
    left_out: list[EventLog] = []
    too_large: list[EventLog] = []
    used = 0
    for log in sorted(logs, key=lambda each: (-each.modified, each.name)):
        if log.size > room:
            too_large.append(log)
        elif left_out or used + log.size > room:
            left_out.append(log)
        else:
            kept.append(log)
            used += log.size
    return Choice(tuple(kept), tuple(left_out), tuple(too_large))
