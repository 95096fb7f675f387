import os
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.limits import machine_memory, memory_group, processors
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
