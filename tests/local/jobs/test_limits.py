import errno
import os
from pathlib import Path, PosixPath

import pytest

from cdk_sagemaker_processing.local.jobs import limits
from cdk_sagemaker_processing.local.jobs.limits import (
    MemoryGroup,
    machine_memory,
    memory_group,
    processors,
)
from cdk_sagemaker_processing.local.jobs.sandbox import Sandbox

PATH = {"PATH": "/usr/bin:/bin"}
TAKE = "b = bytearray({mib} << 20); print(len(b) >> 20)"


@pytest.fixture
def a_sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox with nothing in it."""
    for name in ("opt-ml", "tmp"):
        (tmp_path / name).mkdir()
    return Sandbox(tmp_path / "opt-ml", tmp_path / "tmp")


@pytest.mark.parametrize(("taken", "code", "killed"), [(200, 137, True), (10, 0, False)])
def test_an_instance_is_held_to_its_memory(
    a_sandbox: Sandbox, taken: int, code: int, killed: bool
) -> None:
    """What takes more is killed by the kernel, with exit code 137; the group goes with the job."""
    with memory_group(100) as group:
        if group is None:
            pytest.skip("this machine lets its user make no control groups")
        process = a_sandbox.start(["python3", "-c", TAKE.format(mib=taken)], PATH, group.admit)
        process.output.read()
        assert process.wait() == code
        process.end()
        assert group.killed() is killed
    assert not group.folder.exists()


def test_a_group_goes_when_its_last_process_does(a_sandbox: Sandbox) -> None:
    """However slowly the kernel ends what was killed: nothing is left behind."""
    with memory_group(100) as group:
        if group is None:
            pytest.skip("this machine lets its user make no control groups")
        many = "for n in $(seq 30); do sleep 60 & done; echo up; wait"
        process = a_sandbox.start(["sh", "-c", many], PATH, group.admit)
        assert process.output.readline() == b"up\n"
        process.end()
    assert not group.folder.exists()


def test_a_group_goes_where_the_kernel_lets_it(tmp_path: Path) -> None:
    """Of cgroup v2: beside this process's own group, whose parent hands the memory down."""
    own = tmp_path / "own"
    own.write_text("0::/user.slice/app.slice/terminal.scope\n")
    slice_folder = tmp_path / "groups" / "user.slice" / "app.slice"
    (slice_folder / "terminal.scope").mkdir(parents=True)
    (slice_folder / "terminal.scope" / "cgroup.subtree_control").write_text("")
    (slice_folder / "cgroup.subtree_control").write_text("cpu memory pids\n")
    with memory_group(100, tmp_path / "groups", own) as group:
        assert group is not None
        assert group.folder.parent == slice_folder
        group.admit(4711)
        found = {path.name: path.read_text() for path in group.folder.iterdir()}
    assert found == {
        "memory.max": str(100 << 20),
        "memory.swap.max": "0",
        "cgroup.procs": "4711",
    }


@pytest.mark.parametrize("line", ["0::/", "0::/gone/away", "4:memory:/gone", "1:cpu:/", ""])
def test_without_a_group_a_job_runs_unlimited(tmp_path: Path, line: str) -> None:
    """No delegated control group: nothing is made, and nothing fails."""
    (tmp_path / "own").write_text(line)
    (tmp_path / "groups").mkdir()
    with memory_group(100, tmp_path / "groups", tmp_path / "own") as group:
        assert group is None
    assert list((tmp_path / "groups").iterdir()) == []


def test_a_machine_with_less_memory_needs_no_group() -> None:
    """A limit beyond what is there would say nothing."""
    with memory_group(machine_memory() + 1) as group:
        assert group is None


def test_groups_of_clouds_that_were_killed_are_removed(tmp_path: Path) -> None:
    """What nobody could remove is removed by the next; that of a living cloud stays."""
    (tmp_path / "own").write_text("0::/\n")
    groups = tmp_path / "groups"
    groups.mkdir()
    (groups / "cgroup.subtree_control").write_text("memory")
    dead = groups / "cdk-sagemaker-processing-999999999-ab"
    alive = groups / f"cdk-sagemaker-processing-{os.getpid()}-ab"
    dead.mkdir()
    alive.mkdir()
    with memory_group(100, groups, tmp_path / "own"):
        assert (dead.exists(), alive.exists()) == (False, True)


def test_processors_are_as_many_as_the_type_has(a_sandbox: Sandbox) -> None:
    """A job sees so many of this machine's, and all of them where the type has as many."""
    (one,) = processors(1) or sorted(os.sched_getaffinity(0))
    limited = Sandbox(a_sandbox.opt_ml, a_sandbox.temporary, processors=[one])
    process = limited.start(["nproc"], PATH)
    assert process.output.read() == b"1\n"
    process.end()
    assert processors(len(os.sched_getaffinity(0))) == ()


@pytest.mark.parametrize(
    ("files", "killed"),
    [
        ({}, False),
        ({"memory.events": "oom 0\noom_kill 0\n"}, False),
        ({"memory.events": "oom 1\noom_kill 2\noom_group_kill 0\n"}, True),
        ({"memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"}, True),
        ({"memory.oom_control": "oom_kill_disable 1\nunder_oom 0\n"}, False),
    ],
)
def test_the_kernel_tells_what_it_killed(
    tmp_path: Path, files: dict[str, str], killed: bool
) -> None:
    """In the file of either version of control groups; older kernels do not count."""
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert MemoryGroup(tmp_path).killed() is killed


def test_a_process_without_control_groups_runs_unlimited(tmp_path: Path) -> None:
    """A kernel without them has no file that tells of one."""
    with memory_group(100, tmp_path, tmp_path / "none") as group:
        assert group is None


class _RefusedLimit(PosixPath):
    """A folder of control groups of version 2, in which nobody may set a limit."""

    def write_text(self, data: str, *rest: str | None) -> int:
        """Refuse a limit as the kernel does where the memory is not handed down."""
        if self.name == "memory.max":
            raise OSError(errno.EACCES, "Permission denied")
        return super().write_text(data, *rest)


def test_a_group_that_takes_no_limit_is_given_up_for_the_next(tmp_path: Path) -> None:
    """One of version 1 here; nothing is left of the other."""
    (tmp_path / "own").write_text("0::/\n4:cpu,memory:/session\n")
    (tmp_path / "cgroup.subtree_control").write_text("memory")
    (tmp_path / "memory" / "session").mkdir(parents=True)
    with memory_group(100, _RefusedLimit(tmp_path), tmp_path / "own") as group:
        assert group is not None
        assert group.folder.parent == tmp_path / "memory" / "session"
        found = {path.name: path.read_text() for path in group.folder.iterdir()}
    limit = str(100 << 20)
    assert found == {"memory.limit_in_bytes": limit, "memory.memsw.limit_in_bytes": limit}
    assert not list(tmp_path.glob("cdk-sagemaker-processing-*"))


class _Busy(PosixPath):
    """A group in which the kernel still buries what it has killed, for so many looks."""

    looks = 0
    buried_after = 3

    def rmdir(self) -> None:
        """Refuse as the kernel does."""
        _Busy.looks += 1
        if _Busy.looks <= self.buried_after:
            raise OSError(errno.EBUSY, "Device or resource busy")
        super().rmdir()


class _AlwaysBusy(_Busy):
    buried_after = 1 << 30


@pytest.mark.parametrize(("kind", "looks", "left"), [(_Busy, 4, False), (_AlwaysBusy, 5, True)])
def test_a_busy_group_is_waited_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[_Busy], looks: int, left: bool
) -> None:
    """What stays is swept away by the next cloud."""
    monkeypatch.setattr(_Busy, "looks", 0)
    monkeypatch.setattr(limits, "_ATTEMPTS", 5)
    (tmp_path / "group").mkdir()
    limits._discard(kind(tmp_path / "group"))
    assert (_Busy.looks, (tmp_path / "group").exists()) == (looks, left)
