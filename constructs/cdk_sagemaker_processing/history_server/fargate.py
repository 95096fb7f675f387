"""The sizes that a task on Fargate may have, and how long it may live."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import aws_cdk as cdk

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known

__all__ = ["DEFAULT_STORAGE_GIB", "minutes", "wrong_sizes", "wrong_time"]

DEFAULT_STORAGE_GIB = 20
"""The ephemeral storage of a task that asks for none; it cannot ask for as little."""

_GIB = 1024
# MiB of memory by CPU units:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
_MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html
_STORAGE = range(21, 201)


def wrong_sizes(*, cpu: Any, memory: Any, ephemeral_storage: Any) -> Iterator[Problem]:
    """What is wrong with a task's CPU units, memory and ephemeral storage."""
    yield from _wrong_cpu(cpu)
    yield from _wrong_memory(cpu, memory)
    yield from _wrong_storage(ephemeral_storage)


def _wrong_cpu(cpu: Any) -> Iterator[Problem]:
    if is_known(cpu) and cpu not in _MEMORY:
        yield Problem(
            f"cpu must be one of {', '.join(map(str, _MEMORY))} (1024 are one vCPU), got {cpu!r}"
        )


def _wrong_memory(cpu: Any, memory: Any) -> Iterator[Problem]:
    size = _mebibytes("memory", memory, "cdk.Size.gibibytes(4)")
    if isinstance(size, Problem):
        yield size
        return
    allowed = _MEMORY.get(cpu, ()) if is_known(cpu) else ()
    if allowed and size not in allowed:
        fitting = [one for one, sizes in _MEMORY.items() if size in sizes]
        other = f", or cpu={fitting[0]}" if fitting else ""
        yield Problem(
            f"memory must be {_listed(allowed)} with cpu={cpu}, got {_gibibytes(size)}: write "
            f"cdk.Size.mebibytes({min(allowed, key=lambda one: abs(one - size))}){other}"
        )


def _wrong_storage(storage: Any) -> Iterator[Problem]:
    if storage is None:
        return
    least, most = _STORAGE[0], _STORAGE[-1]
    size = _mebibytes("ephemeral_storage", storage, f"cdk.Size.gibibytes({least})")
    if isinstance(size, Problem):
        yield size
    elif size % _GIB or size // _GIB not in _STORAGE:
        yield Problem(
            f"ephemeral_storage must be {least} to {most} whole GiB, got {_gibibytes(size)}: "
            f"write cdk.Size.gibibytes(...), or leave it out for {DEFAULT_STORAGE_GIB} GiB"
        )


def _mebibytes(name: str, size: Any, example: str) -> float | Problem:
    if not isinstance(size, cdk.Size):
        return Problem(f"{name} must be a cdk.Size, got {size!r}: write {example}")
    if size.is_unresolved():
        # Not a limit of Fargate's: Spark's own settings are made of it.
        return Problem(
            f"{name} must be known at synth, as Spark's settings follow from it: write {example}"
        )
    return size.to_mebibytes(rounding=cdk.SizeRoundingBehavior.NONE)


def _listed(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        step = f" in steps of {_gibibytes(sizes.step)}"
        return f"{_gibibytes(sizes[0])} to {_gibibytes(sizes[-1])}{step}"
    return ", ".join(map(_gibibytes, sizes))


def _gibibytes(size: float) -> str:
    return f"{size / _GIB:g} GiB"


def wrong_time(name: str, time: Any) -> Iterator[Problem]:
    """What is wrong with a time after which a task ends, of which None is never."""
    if time is None:
        return
    example = "cdk.Duration.minutes(30)"
    if not isinstance(time, cdk.Duration):
        yield Problem(
            f"{name} must be a cdk.Duration or None for never, got {time!r}: write {example}"
        )
    elif time.is_unresolved():
        if _minutes(time) is None:
            yield Problem(
                f"{name}: a time known only at deploy is in minutes: write "
                "cdk.Duration.minutes(...)"
            )
    elif not (found := time.to_minutes(integral=False)) or found % 1:
        yield Problem(
            f"{name} must be whole minutes, at least one, or None for never, got "
            f"{time.to_human_string()}: write {example}"
        )


def minutes(time: cdk.Duration | None) -> Any:
    """A time in minutes: a number, the CDK's text for one known only at deploy, None for none."""
    return None if time is None else _minutes(time)


def _minutes(time: cdk.Duration) -> Any:
    try:
        found = time.to_minutes()
    except RuntimeError:
        return None
    return cdk.Tokenization.stringify_number(found) if time.is_unresolved() else int(found)
