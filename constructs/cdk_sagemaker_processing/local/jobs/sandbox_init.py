"""The first process of a job's sandbox: makes the namespaces, then looks after the job.

Run as a script by the cloud's own interpreter, with the standard library alone. Standard input
brings one line of JSON, the plan; it then stays open as the cloud's hold on the job: `T` asks for
a SIGTERM, and its end, which also comes when the cloud dies, ends everything in the sandbox.

Two processes stay beside the job. The launcher lives outside of the new namespaces and only
passes the exit code on. Its child is process 1 inside: when that ends, the kernel kills whatever
the job has left, daemons included, and drops every mount.
"""

import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PR_SET_PDEATHSIG = 1
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1

_NOT_EXECUTABLE, _NOT_FOUND, _KILLED = 126, 127, 128 + signal.SIGKILL
_libc = ctypes.CDLL(None, use_errno=True)


class SetupError(Exception):
    """A step of the set-up that the kernel refused."""

    def __init__(self, step: str, number: int) -> None:
        """Keep the step's name and the error's number."""
        super().__init__(f"{step}: {os.strerror(number)}")
        self.step = step
        self.number = number


def main() -> NoReturn:
    """Read the plan, build the sandbox, run the job, end with its exit code."""
    plan = json.loads(_read_line(0))
    try:
        _enter_namespaces(plan)
        _die_with_parent()
        init = os.fork()
        if init == 0:
            _be_first_process(plan)
    except SetupError as error:
        _fail(plan["report"], error)
    os.close(plan["report"])
    _, status = os.waitpid(init, 0)
    os._exit(_exit_code(status))


def _read_line(descriptor: int) -> bytes:
    # Byte by byte: what follows the line is for the first process inside.
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            break
        line += byte
    return line


def _enter_namespaces(plan: dict[str, Any]) -> None:
    if plan["processors"]:
        _use(plan["processors"])
    kinds = CLONE_NEWNS | CLONE_NEWPID | (CLONE_NEWUTS if plan["hostname"] else 0)
    if plan["network_of"]:
        _join(plan["network_of"])
        _leave(kinds)
        return
    kinds |= CLONE_NEWNET if plan["isolate_network"] else 0
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(kinds | CLONE_NEWUSER) == 0:
        _map(user, group, plan["user"])
        return
    refused = ctypes.get_errno()
    # Root needs no user namespace where the machine has them turned off.
    if user != 0 or _libc.unshare(kinds) != 0:
        raise SetupError("unshare", refused)


def _use(processors: list[int]) -> None:
    # One of them may just have been taken away from this user: the job then has all.
    with suppress(OSError):
        os.sched_setaffinity(0, processors)


def _join(process: int) -> None:
    """Enter the network of another sandbox, by way of the user namespace that owns it."""
    for kind in ("user", "net"):
        theirs, own = Path(f"/proc/{process}/ns/{kind}"), Path(f"/proc/self/ns/{kind}")
        try:
            if theirs.readlink() == own.readlink():
                # Root made it where user namespaces are turned off.
                continue
            descriptor = os.open(theirs, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise SetupError(f"join {theirs}", error.errno or 0) from error
        if _libc.setns(descriptor, 0) != 0:
            raise SetupError(f"setns {kind}", ctypes.get_errno())
        os.close(descriptor)


def _leave(kinds: int) -> None:
    if _libc.unshare(kinds) != 0:
        raise SetupError("unshare", ctypes.get_errno())


def _map(user: int, group: int, inside: int) -> None:
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{inside} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{inside} {group} 1")
    except OSError as error:
        raise SetupError("uid_map", error.errno or 0) from error


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _be_first_process(plan: dict[str, Any]) -> NoReturn:
    try:
        _die_with_parent()
        _build(plan)
        wakeup, alarm = os.pipe()
        os.set_blocking(alarm, False)
        signal.set_wakeup_fd(alarm)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        job = os.fork()
        if job == 0:
            _become_job(plan)
    except SetupError as error:
        _fail(plan["report"], error)
    os.close(plan["report"])
    _look_after(job, wakeup)


def _build(plan: dict[str, Any]) -> None:
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Opened before anything is covered: a source may itself lie under /tmp.
    covers = [(_open(source), target) for source, target in plan["mounts"]]
    seen = [(_open(path), path) for path in plan["visible"]]
    instead = [(_open(source), target) for source, target in plan["replaced"]]
    for descriptor, target in covers:
        if not Path(target).exists():
            _make_room(target)
        _bind(descriptor, target)
    hidden = [target for _, target in covers]
    for descriptor, path in seen:
        if any(path.startswith(f"{target}/") for target in hidden):
            _bind(descriptor, _make_place(descriptor, path))
    for descriptor, target in instead:
        _bind(descriptor, target)
    _refresh_proc()
    if plan["isolate_network"] and not plan["network_of"]:
        _raise_loopback()
    if plan["hostname"]:
        socket.sethostname(plan["hostname"])


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise SetupError(f"open {path}", error.errno or 0) from error


def _make_room(target: str) -> None:
    """Give a parent that the host will not lend a folder: a memory disk with its entries back."""
    parent = Path(target).parent
    if not parent.is_dir():
        raise SetupError(f"open {parent}", errno.ENOENT)
    entries = sorted(parent.iterdir())
    links = {entry: entry.readlink() for entry in entries if entry.is_symlink()}
    kept = [(_open(str(entry)), entry) for entry in entries if entry not in links]
    _mount("tmpfs", str(parent), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for entry, there in links.items():
        entry.symlink_to(there)
    for descriptor, entry in kept:
        _bind(descriptor, _make_place(descriptor, str(entry)))
    Path(target).mkdir()


def _make_place(descriptor: int, path: str) -> str:
    """Make an empty folder or file to mount on."""
    if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112  a magic link: Path would resolve it
        Path(path).mkdir(parents=True, exist_ok=True)
    else:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    return path


def _bind(descriptor: int, target: str) -> None:
    _mount(f"/proc/self/fd/{descriptor}", target, None, MS_BIND | MS_REC)


def _refresh_proc() -> None:
    try:
        _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except SetupError:
        # Inside a container that masks parts of /proc the kernel refuses a fresh one. The old
        # one still serves /proc/self, which is all that Python and Java need.
        return


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        try:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
        except OSError as error:
            raise SetupError("loopback", error.errno or 0) from error


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    if _libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None) != 0:
        raise SetupError(f"mount {target}", ctypes.get_errno())


def _become_job(plan: dict[str, Any]) -> NoReturn:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for one in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        Path(plan["folder"]).mkdir(parents=True, exist_ok=True)
        os.chdir(plan["folder"])
        os.set_inheritable(plan["report"], False)
        _execute(plan["command"], plan["environment"])
    except OSError as error:
        number = error.errno or 0
        os.write(plan["report"], json.dumps({"step": "exec", "errno": number}).encode())
        os._exit(_NOT_FOUND if number == errno.ENOENT else _NOT_EXECUTABLE)


def _execute(command: list[str], environment: dict[str, str]) -> NoReturn:
    os.execvpe(command[0], command, environment)  # noqa: S606  a job is a program: no shell


def _look_after(job: int, wakeup: int) -> NoReturn:
    watched = [0, wakeup]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready:
            _obey(os.read(0, 64), job)
        if wakeup in ready:
            os.read(wakeup, 512)
            _reap(job)


def _obey(orders: bytes, job: int) -> None:
    if not orders:
        os._exit(_KILLED)
    os.kill(job, signal.SIGTERM)


def _reap(job: int) -> None:
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        if child == job:
            os._exit(_exit_code(status))


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _fail(report: int, error: SetupError) -> NoReturn:
    os.write(report, json.dumps({"step": error.step, "errno": error.number}).encode())
    os._exit(_KILLED)


if __name__ == "__main__":
    main()
