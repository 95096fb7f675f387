"""What the first process of a sandbox asks the kernel for; the kernel here is a stand-in."""

import ctypes
import errno
import json
import os
import runpy
import signal
import socket
import stat
import struct
import subprocess
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import sandbox_init
from cdk_sagemaker_processing.local.jobs.sandbox_init import (
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    SetupError,
)

_NO_SUCH_PROCESS = 1 << 30
_KILLED = 137
_FAULT_OF_THE_TEST = 99
_OWN = CLONE_NEWNS | CLONE_NEWPID


@dataclass(slots=True)
class Kernel:
    """Does nothing but note what it is asked for.

    Attributes:
        refused: The errors that it answers with, by the call or by the call and its subject.
        asked: Each call with its subject and flags; a descriptor is told as what it stands for.
    """

    refused: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str | int, ...]] = field(default_factory=list)

    def unshare(self, kinds: int) -> int:
        """Note the namespaces."""
        self.asked.append(("unshare", kinds))
        return self._answer("unshare", f"unshare {kinds:#x}")

    def setns(self, descriptor: int, kind: int) -> int:
        """Note the namespace that is entered."""
        self.asked.append(("setns", str(Path(f"/proc/self/fd/{descriptor}").readlink()), kind))
        return self._answer("setns")

    def prctl(self, option: int, number: int) -> int:
        """Note what is asked for."""
        self.asked.append(("prctl", option, number))
        return self._answer("prctl")

    def mount(
        self,
        source: bytes | None,
        target: bytes,
        kind: bytes | None,
        flags: ctypes.c_ulong,
        data: bytes | None,
    ) -> int:
        """Note what is mounted; what is below a memory disk is put aside."""
        what = (source or b"").decode()
        if what.startswith("/proc/self/fd/"):
            what = str(Path(what).readlink())
        self.asked.append(("mount", what, target.decode(), flags.value))
        place = Path(target.decode())
        if kind == b"tmpfs":
            assert data == b"mode=755"
            place.rename(place.with_name("below"))
            place.mkdir()
        return self._answer("mount", f"mount {place}")

    def _answer(self, *names: str) -> int:
        for name in names:
            if name in self.refused:
                ctypes.set_errno(self.refused[name])
                return -1
        return 0


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """The stand-in, in the place of the kernel."""
    made = Kernel()
    monkeypatch.setattr(sandbox_init, "_libc", made)
    return made


@pytest.fixture
def proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in the place of the root of all paths; returns its `proc`."""
    monkeypatch.setattr(sandbox_init, "Path", lambda path: tmp_path / str(path).lstrip("/"))
    (tmp_path / "proc" / "self" / "ns").mkdir(parents=True)
    return tmp_path / "proc"


def plan(**members: Any) -> dict[str, Any]:
    """A plan without anything special."""
    usual: dict[str, Any] = {
        "command": ["true"],
        "environment": {"PATH": "/usr/bin:/bin"},
        "folder": "/",
        "hostname": None,
        "isolate_network": False,
        "mounts": [],
        "network_of": None,
        "processors": [],
        "replaced": [],
        "user": 0,
        "visible": [],
    }
    return usual | members


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: its exit code, what it wrote, what it told the cloud."""

    code: int
    output: str
    report: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs: its number and this test's ends of its pipes."""

    number: int
    orders: int
    output: int
    report: int

    def end(self) -> Ended:
        """Wait for its end."""
        with os.fdopen(self.output) as output, os.fdopen(self.report) as report:
            said, told = output.read(), report.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])
        return Ended(code, said, json.loads(told) if told else None)


def start(act: Callable[[int], object]) -> Child:
    """Let a child of this process act, which is given where it reports."""
    (orders, ordering), (output, writing), (report, reporting) = os.pipe(), os.pipe(), os.pipe()
    number = os.fork()
    if number == 0:
        try:
            os.dup2(orders, 0)
            os.dup2(writing, 1)
            for one in (orders, ordering, output, writing, report):
                os.close(one)
            os.set_inheritable(reporting, True)
            act(reporting)
        except BaseException:  # noqa: BLE001  it must never go on as a second run of the tests
            traceback.print_exc()
        os._exit(_FAULT_OF_THE_TEST)
    for one in (orders, writing, reporting):
        os.close(one)
    return Child(number, ordering, output, report)


def run_main(described: dict[str, Any], main: Callable[[], object] = sandbox_init.main) -> Ended:
    """Give the program a plan; what it needs no more is closed when it has ended."""

    def act(report: int) -> None:
        reading, writing = os.pipe()
        os.write(writing, json.dumps({**described, "report": report}).encode() + b"\n")
        os.dup2(reading, 0)
        # Still open, as the cloud keeps it: standard input must not end.
        main()

    child = start(act)
    try:
        return child.end()
    finally:
        os.close(child.orders)


def in_own_network(**members: Any) -> dict[str, Any]:
    """A plan that needs no namespace of a user's: it shares this process's own network."""
    return plan(network_of=os.getpid(), **members)


@pytest.mark.parametrize(
    ("members", "more"),
    [
        ({}, 0),
        ({"hostname": "algo-1"}, CLONE_NEWUTS),
        ({"isolate_network": True}, CLONE_NEWNET),
        ({"hostname": "algo-1", "isolate_network": True}, CLONE_NEWUTS | CLONE_NEWNET),
    ],
)
def test_a_namespace_of_each_kind_that_is_needed(
    kernel: Kernel, proc: Path, members: dict[str, Any], more: int
) -> None:
    """Mounts and processes always; a name and a network when the plan has one."""
    sandbox_init._enter_namespaces(plan(**members))
    assert kernel.asked == [("unshare", _OWN | CLONE_NEWUSER | more)]
    assert (proc / "self" / "setgroups").exists()


@pytest.mark.parametrize("inside", [0, 1000])
def test_the_user_is_the_one_that_the_plan_names(kernel: Kernel, proc: Path, inside: int) -> None:
    """One user and one group are known inside; groups are given up before, as the kernel asks."""
    sandbox_init._enter_namespaces(plan(user=inside))
    written = {file.name: file.read_text() for file in (proc / "self").iterdir() if file.is_file()}
    assert written == {
        "setgroups": "deny",
        "uid_map": f"{inside} {os.geteuid()} 1",
        "gid_map": f"{inside} {os.getegid()} 1",
    }
    assert len(kernel.asked) == 1


def test_a_user_that_cannot_be_named_is_told(kernel: Kernel, proc: Path) -> None:
    """With the file's error."""
    (proc / "self" / "uid_map").mkdir()
    with pytest.raises(SetupError, match=r"^uid_map: Is a directory$") as caught:
        sandbox_init._enter_namespaces(plan())
    assert (caught.value.step, caught.value.number) == ("uid_map", errno.EISDIR)
    assert len(kernel.asked) == 1


def test_root_needs_no_namespace_of_a_user(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are turned off, it asks again without."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    kernel.refused[f"unshare {_OWN | CLONE_NEWUSER:#x}"] = errno.ENOSPC
    sandbox_init._enter_namespaces(plan())
    assert kernel.asked == [("unshare", _OWN | CLONE_NEWUSER), ("unshare", _OWN)]


@pytest.mark.parametrize(("user", "asked"), [(0, 2), (1000, 1)])
def test_the_first_refusal_is_told(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, user: int, asked: int
) -> None:
    """It names the setting that has to change; another user than root has no second way."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    kernel.refused["unshare"] = errno.EPERM
    kernel.refused[f"unshare {_OWN | CLONE_NEWUSER:#x}"] = errno.EPERM
    with pytest.raises(SetupError, match=r"^unshare: Operation not permitted$"):
        sandbox_init._enter_namespaces(plan())
    assert len(kernel.asked) == asked


@pytest.mark.parametrize(
    "gone", [pytest.param(False, id="all-there"), pytest.param(True, id="one-gone")]
)
def test_the_job_is_held_to_its_processors(
    kernel: Kernel, proc: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    """If one has just been taken away from this user, the job has all and runs."""
    held: list[tuple[int, list[int]]] = []

    def hold(process: int, processors: list[int]) -> None:
        held.append((process, processors))
        if gone:
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "sched_setaffinity", hold)
    sandbox_init._enter_namespaces(plan(processors=[1, 3]))
    assert held == [(0, [1, 3])]
    assert len(kernel.asked) == 1
    assert (proc / "self" / "uid_map").exists()


def _namespace(proc: Path, process: str, kind: str, name: str) -> Path:
    file = proc / name
    file.touch()
    link = proc / process / "ns" / kind
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(file)
    return file


def test_another_sandbox_s_network_is_joined(kernel: Kernel, proc: Path) -> None:
    """By way of the user who owns it; no network or user of its own is made then."""
    for kind in ("user", "net"):
        _namespace(proc, "self", kind, f"own-{kind}")
    user, net = (_namespace(proc, "77", kind, f"their-{kind}") for kind in ("user", "net"))
    sandbox_init._enter_namespaces(plan(network_of=77, isolate_network=True, hostname="algo-2"))
    assert kernel.asked == [
        ("setns", str(user), 0),
        ("setns", str(net), 0),
        ("unshare", _OWN | CLONE_NEWUTS),
    ]


def test_what_is_shared_already_is_not_joined(kernel: Kernel, proc: Path) -> None:
    """Root made the other sandbox where user namespaces are turned off: its user is ours."""
    for process in ("self", "77"):
        _namespace(proc, process, "user", "one-user")
    _namespace(proc, "self", "net", "own-net")
    net = _namespace(proc, "77", "net", "their-net")
    sandbox_init._enter_namespaces(plan(network_of=77))
    assert kernel.asked == [("setns", str(net), 0), ("unshare", _OWN)]


def test_a_network_that_cannot_be_joined_is_told(kernel: Kernel, proc: Path) -> None:
    """By the namespace that the kernel refused, or by the sandbox that is gone."""
    with pytest.raises(SetupError, match=r"^join .*/proc/77/ns/user: No such file"):
        sandbox_init._enter_namespaces(plan(network_of=77))
    _namespace(proc, "self", "user", "own-user")
    _namespace(proc, "77", "user", "their-user")
    kernel.refused["setns"] = errno.EPERM
    with pytest.raises(SetupError, match=r"^setns user: Operation not permitted$"):
        sandbox_init._enter_namespaces(plan(network_of=77))


def test_namespaces_beside_a_joined_network_may_be_refused(kernel: Kernel) -> None:
    """That is told as well."""
    kernel.refused["unshare"] = errno.ENOSPC
    with pytest.raises(SetupError, match=r"^unshare: No space left on device$"):
        sandbox_init._enter_namespaces(in_own_network())


def test_what_the_plan_says_is_mounted(kernel: Kernel, tmp_path: Path) -> None:
    """Covers first, what stays visible on top of them, what is replaced last; a new /proc."""
    for name in ("home", "empty", "etc-hosts", "hosts", "outside"):
        (tmp_path / name).mkdir()
    seen_folder, seen_file = tmp_path / "home" / "seen", tmp_path / "home" / "file"
    seen_folder.mkdir()
    seen_file.touch()
    home, empty, outside = (str(tmp_path / name) for name in ("home", "empty", "outside"))
    hosts, instead = str(tmp_path / "etc-hosts"), str(tmp_path / "hosts")
    sandbox_init._build(
        plan(
            mounts=[[empty, home]],
            visible=[str(seen_folder), str(seen_file), outside],
            replaced=[[instead, hosts]],
        )
    )
    bind = MS_BIND | MS_REC
    assert kernel.asked == [
        ("mount", "", "/", MS_REC | MS_PRIVATE),
        ("mount", empty, home, bind),
        ("mount", str(seen_folder), str(seen_folder), bind),
        ("mount", str(seen_file), str(seen_file), bind),
        ("mount", instead, hosts, bind),
        ("mount", "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC),
    ]


def test_a_place_that_is_missing_is_made_on_a_memory_disk(kernel: Kernel, tmp_path: Path) -> None:
    """Its neighbours are there again: links as links, folders and files at their places."""
    opt, source = tmp_path / "opt", tmp_path / "job"
    (opt / "program" / "bin").mkdir(parents=True)
    (opt / "notes").write_text("kept")
    (opt / "link").symlink_to("program/bin")
    source.mkdir()
    sandbox_init._build(plan(mounts=[[str(source), str(opt / "ml")]]))
    below, bind = tmp_path / "below", MS_BIND | MS_REC
    assert kernel.asked[1:-1] == [
        ("mount", "tmpfs", str(opt), MS_NOSUID | MS_NODEV),
        ("mount", str(below / "notes"), str(opt / "notes"), bind),
        ("mount", str(below / "program"), str(opt / "program"), bind),
        ("mount", str(source), str(opt / "ml"), bind),
    ]
    kinds = {each.name: stat.S_IFMT(each.lstat().st_mode) for each in opt.iterdir()}
    assert kinds == {
        "link": stat.S_IFLNK,
        "ml": stat.S_IFDIR,
        "notes": stat.S_IFREG,
        "program": stat.S_IFDIR,
    }
    assert (opt / "link").readlink() == Path("program/bin")


@pytest.mark.usefixtures("kernel")
def test_what_is_shown_may_lie_deep_in_what_is_hidden(tmp_path: Path) -> None:
    """The folders on the way to it are made."""
    for name in ("folder", "file"):
        place = tmp_path / "cover" / "a" / "b" / name
        descriptor = sandbox_init._open(
            str(tmp_path if name == "folder" else Path(__file__).resolve())
        )
        assert sandbox_init._make_place(descriptor, str(place)) == str(place)
        assert (place.is_dir(), place.is_file()) == (name == "folder", name == "file")
        os.close(descriptor)


def test_a_folder_that_the_machine_lacks_is_told(kernel: Kernel, tmp_path: Path) -> None:
    """The source, or the parent of the place: the reader is told which to make."""
    missing = tmp_path / "missing"
    with pytest.raises(SetupError, match=f"^open {missing}: No such file or directory$"):
        sandbox_init._build(plan(mounts=[[str(missing), str(tmp_path)]]))
    with pytest.raises(SetupError, match=f"^open {missing}: No such file or directory$"):
        sandbox_init._build(plan(mounts=[[str(tmp_path), str(missing / "ml")]]))
    assert [what[0] for what in kernel.asked] == ["mount", "mount"]


def test_a_mount_that_is_refused_is_told(kernel: Kernel, tmp_path: Path) -> None:
    """By its place."""
    kernel.refused[f"mount {tmp_path}"] = errno.EACCES
    with pytest.raises(SetupError, match=f"^mount {tmp_path}: Permission denied$"):
        sandbox_init._build(plan(mounts=[["/", str(tmp_path)]]))


def test_a_container_that_masks_proc_keeps_the_old_one(kernel: Kernel) -> None:
    """It serves what Python and Java need of it."""
    kernel.refused["mount /proc"] = errno.EPERM
    sandbox_init._build(plan())
    assert kernel.asked[-1][2] == "/proc"


@dataclass(slots=True)
class Interfaces:
    """The kernel's network interfaces: notes what is asked of them."""

    refusal: int = 0
    asked: list[tuple[int, bytes]] = field(default_factory=list)

    def ioctl(self, _socket: object, request: int, content: bytes) -> None:
        """Note it."""
        self.asked.append((request, content))
        if self.refusal:
            raise OSError(self.refusal, "refused")


@pytest.fixture
def interfaces(monkeypatch: pytest.MonkeyPatch) -> Interfaces:
    """The stand-in, in the place of the interfaces."""
    made = Interfaces()
    monkeypatch.setattr(sandbox_init, "fcntl", made)
    return made


_LOOPBACK_UP = (0x8914, struct.pack("16sh14x", b"lo", 1))


@pytest.mark.parametrize(
    ("isolate", "network_of", "asked"),
    [(True, None, [_LOOPBACK_UP]), (True, 77, []), (False, None, [])],
)
@pytest.mark.usefixtures("kernel")
def test_the_loopback_of_an_own_network_is_turned_on(
    interfaces: Interfaces, isolate: bool, network_of: int | None, asked: list[Any]
) -> None:
    """That of another sandbox is on already, this machine's is not touched."""
    sandbox_init._build(plan(isolate_network=isolate, network_of=network_of))
    assert interfaces.asked == asked


@pytest.mark.usefixtures("kernel")
def test_a_loopback_that_stays_off_is_told(interfaces: Interfaces) -> None:
    """A job without it could not talk to itself."""
    interfaces.refusal = errno.EPERM
    with pytest.raises(SetupError, match=r"^loopback: Operation not permitted$"):
        sandbox_init._build(plan(isolate_network=True))


@pytest.mark.parametrize(("hostname", "named"), [("algo-1", ["algo-1"]), (None, [])])
@pytest.mark.usefixtures("kernel")
def test_the_machine_is_named_when_the_plan_has_a_name(
    monkeypatch: pytest.MonkeyPatch, hostname: str | None, named: list[str]
) -> None:
    """Else it keeps its own."""
    names: list[str] = []
    monkeypatch.setattr(socket, "sethostname", names.append)
    sandbox_init._build(plan(hostname=hostname))
    assert names == named


def test_the_plan_is_one_line_and_no_more_is_read() -> None:
    """What follows are orders, which another process reads; an early end is no line."""
    reading, writing = os.pipe()
    os.write(writing, b'{"a": 1}\nTT')
    assert sandbox_init._read_line(reading) == b'{"a": 1}\n'
    assert os.read(reading, 10) == b"TT"
    os.write(writing, b"half")
    os.close(writing)
    assert sandbox_init._read_line(reading) == b"half"
    os.close(reading)


@pytest.mark.usefixtures("kernel")
def test_the_job_runs_with_what_the_plan_says_and_its_code_is_passed_on(tmp_path: Path) -> None:
    """In its folder, which is made; with its variables alone; with nothing on standard input."""
    command = ["sh", "-c", 'cat; echo "$WORD"; pwd; exit 5']
    ended = run_main(
        in_own_network(
            command=command,
            environment={"PATH": "/usr/bin:/bin", "WORD": "seen"},
            folder=str(tmp_path / "made" / "work"),
        )
    )
    assert ended == Ended(5, f"seen\n{tmp_path}/made/work\n", None)


@pytest.mark.usefixtures("kernel")
def test_a_job_that_a_signal_ends_has_the_code_of_a_shell() -> None:
    """128 and the signal's number."""
    ended = run_main(in_own_network(command=["sh", "-c", "kill -9 $$"]))
    assert (ended.code, ended.report) == (_KILLED, None)


@pytest.mark.parametrize(
    ("program", "code", "number"), [("nonesuch", 127, errno.ENOENT), ("text", 126, errno.EACCES)]
)
@pytest.mark.usefixtures("kernel")
def test_a_command_that_cannot_start_is_reported(
    tmp_path: Path, program: str, code: int, number: int
) -> None:
    """A missing program and a file that is none, with the codes of a shell."""
    (tmp_path / "text").touch()
    described = in_own_network(command=[program], environment={"PATH": str(tmp_path)})
    assert run_main(described) == Ended(code, "", {"step": "exec", "errno": number})


def test_a_refused_namespace_is_reported(kernel: Kernel) -> None:
    """And nothing runs."""
    kernel.refused["unshare"] = errno.EPERM
    report = {"step": "unshare", "errno": errno.EPERM}
    assert run_main(in_own_network(command=["echo", "ran"])) == Ended(_KILLED, "", report)


def test_a_refused_mount_is_reported(kernel: Kernel) -> None:
    """By the process inside, which has met it."""
    kernel.refused["mount /"] = errno.EINVAL
    report = {"step": "mount /", "errno": errno.EINVAL}
    assert run_main(in_own_network(command=["echo", "ran"])) == Ended(_KILLED, "", report)


def test_the_program_reports_by_itself() -> None:
    """Run as the script that it is, told of a sandbox that is gone."""

    def run_script() -> None:
        runpy.run_path(str(sandbox_init.__file__), run_name="__main__")

    report = {"step": f"join /proc/{_NO_SUCH_PROCESS}/ns/user", "errno": errno.ENOENT}
    described = plan(network_of=_NO_SUCH_PROCESS)
    assert run_main(described, run_script) == Ended(_KILLED, "", report)


def test_an_order_is_a_sigterm_and_the_end_of_orders_the_end() -> None:
    """The job may tidy up on the first; the cloud that is gone leaves nothing running."""
    with subprocess.Popen(["/bin/sh", "-c", "exec sleep 60"]) as job:
        try:

            def look_after(_report: int) -> None:
                wakeup, _alarm = os.pipe()
                sandbox_init._look_after(job.pid, wakeup)

            child = start(look_after)
            os.write(child.orders, b"T")
            assert job.wait(20) == -signal.SIGTERM
            os.close(child.orders)
            assert child.end().code == _KILLED
        finally:
            job.kill()


def test_what_the_job_leaves_is_buried_and_its_own_end_is_told() -> None:
    """Other children end without consequence; nothing to bury is no fault."""

    def act(report: int) -> None:
        sandbox_init._reap(1)
        other = subprocess.Popen(["/bin/sh", "-c", "exit 0"])
        waits, go = os.pipe()
        job = subprocess.Popen(["/bin/sh", "-c", "read line; exit 7"], stdin=waits)
        # Waits for its end and leaves it to be buried.
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        sandbox_init._reap(job.pid)
        buried = not Path(f"/proc/{other.pid}").exists()
        os.write(report, json.dumps({"other buried": buried}).encode())
        os.write(go, b"\n")
        os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOWAIT)
        sandbox_init._reap(job.pid)

    child = start(act)
    ended = child.end()
    os.close(child.orders)
    assert ended == Ended(7, "", {"other buried": True})
