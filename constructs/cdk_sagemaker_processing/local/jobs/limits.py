"""Holding a job's instances to what their type has, as far as this machine lets its user.

Processors by affinity; memory by a control group of the kernel, where this process may make one.
RLIMIT_AS would not do: what a Java machine reserves is a multiple of what it uses.
"""

import errno
import os
import random
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_NAME = "cdk-sagemaker-processing"
_MIB = 1 << 20
_ATTEMPTS, _PAUSE = 200, 0.01


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """A control group that holds an instance to its memory.

    Attributes:
        folder: Its folder in the kernel's file system.
    """

    folder: Path

    def admit(self, process: int) -> None:
        """Put a process in, with all that it will start."""
        # Where the kernel does not let this user move it, the job runs without a limit.
        with suppress(OSError):
            (self.folder / "cgroup.procs").write_text(str(process))

    def killed(self) -> bool:
        """Whether the kernel has killed something of it for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                found = re.search(
                    r"^oom_kill (\d+)$", (self.folder / name).read_text(), re.MULTILINE
                )
                return found is not None and int(found[1]) > 0
        return False


def processors(count: int) -> tuple[int, ...]:
    """Choose the processors that an instance may use; none when it may use all that there are.

    Args:
        count: How many its type has.
    """
    here = sorted(os.sched_getaffinity(0))
    # At random, so that jobs side by side do not all share the first ones.
    return tuple(sorted(random.sample(here, count))) if count < len(here) else ()


def machine_memory() -> int:
    """The memory of this machine, in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB


@contextmanager
def memory_group(
    memory: int, groups: Path = _GROUPS, own: Path = _OWN
) -> Iterator[MemoryGroup | None]:
    """Make a control group for an instance; None where that is not possible, or has no effect.

    Args:
        memory: The instance's memory in MiB.
        groups: Where the kernel shows its control groups.
        own: What tells this process's own.
    """
    made = _made(memory, groups, own) if memory < machine_memory() else None
    try:
        yield made
    finally:
        if made:
            # By now nothing of the job runs.
            _discard(made.folder)


def _made(memory: int, groups: Path, own: Path) -> MemoryGroup | None:
    for parent, limit, swap in _parents(groups, own):
        folder = parent / f"{_NAME}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        try:
            _sweep(parent)
            folder.mkdir()
        except OSError:
            continue
        try:
            (folder / limit).write_text(str(memory * _MIB))
        except OSError:
            _discard(folder)
            continue
        with suppress(OSError):
            # Instances have no swap. Not every kernel counts it.
            (folder / swap).write_text("0" if limit == "memory.max" else str(memory * _MIB))
        return MemoryGroup(folder)
    return None


def _parents(groups: Path, own: Path) -> Iterator[tuple[Path, str, str]]:
    """Where a group may be made: its parent, and the files of its limits."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            here = groups / path.strip("/")
            for parent in (here, *([here.parent] if here != groups else ())):
                if "memory" in _controllers(parent):
                    yield parent, "memory.max", "memory.swap.max"
        elif "memory" in controllers.split(","):
            parent = groups / "memory" / path.strip("/")
            yield parent, "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"


def _controllers(parent: Path) -> list[str]:
    try:
        return (parent / "cgroup.subtree_control").read_text().split()
    except OSError:
        return []


def _sweep(parent: Path) -> None:
    """Remove what clouds left that were killed."""
    for folder in parent.glob(f"{_NAME}-*-*"):
        process = folder.name.split("-")[-2]
        if not Path("/proc", process).exists():
            _discard(folder)


def _discard(folder: Path) -> None:
    for _ in range(_ATTEMPTS):
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno != errno.EBUSY:
                return
            # The kernel still buries what was killed.
            time.sleep(_PAUSE)
        else:
            return
