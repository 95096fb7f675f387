"""How much memory Spark's processes get: what was asked for, within what this machine has."""

import os
import re
from collections.abc import Callable

from .failures import SubmitError

_UNITS = {"": 1, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}
_LEAST_DRIVER, _LEAST_EXECUTOR, _USUAL = 1024, 512, 4096
_MOST_OF_THE_MACHINE = 0.6

Note = Callable[[str], None]


def machine() -> int:
    """The memory of this machine, in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)


def driver_memory(asked: str | None, note: Note, instance: int | None = None) -> int:
    """MiB for Spark's driver: what was asked for, within what the machine has.

    Args:
        asked: The user's `spark.driver.memory`; None for a quarter of the machine or half of the
            instance, 4 GiB at most.
        note: Told when the machine has less than was asked for.
        instance: The memory of the instance type, where it is known.
    """
    here = machine()
    if asked is None:
        return max(_LEAST_DRIVER, min(_USUAL, here // 4, (instance or here) // 2))
    most = max(_LEAST_DRIVER, int(here * _MOST_OF_THE_MACHINE))
    return _within("spark.driver.memory", asked, most, note)


def executor_memory(asked: str | None, note: Note, computed: int, executors: int) -> int:
    """MiB for each of Spark's executors, which all run on this machine.

    Args:
        asked: The user's `spark.executor.memory`; None for what the container computes, 4 GiB at
            most.
        note: Told when the machine has less than was asked for.
        computed: What the container computes.
        executors: How many executors there are.
    """
    most = max(_LEAST_EXECUTOR, int(machine() * _MOST_OF_THE_MACHINE) // executors)
    if asked is None:
        return min(computed, _USUAL, most)
    return _within("spark.executor.memory", asked, most, note)


def workers(hosts: int) -> int:
    """How many of a job's hosts this machine has the memory to run executors for: one a GiB."""
    return min(hosts, max(2, int(machine() * _MOST_OF_THE_MACHINE) // 1024))


def megabytes(name: str, size: str) -> int:
    """Read a size as Spark does; a bare number is one of MiB.

    Args:
        name: The setting, for the message.
        size: Its value.

    Raises:
        SubmitError: It is no size.
    """
    parts = re.fullmatch(r"(\d+)\s*([kmgt]?)b?", size.strip().lower())
    if not parts:
        cause = ValueError(f"{name} is {size}, which is no size: 512m or 4g are")
        raise SubmitError("error running Spark job", cause)
    return max(1, int(int(parts[1]) * _UNITS[parts[2]]))


def _within(name: str, asked: str, most: int, note: Note) -> int:
    wanted = megabytes(name, asked)
    if wanted > most:
        note(f"{name} is {asked}, more than this machine can give: {most}m is used")
    return min(wanted, most)
