"""A place where a job sees its own /opt/ml and /tmp, and leaves nothing when it ends.

Mount and process namespaces of the Linux kernel, made by `sandbox_init`. Nothing is mounted on
the host. It keeps jobs apart; it does not keep out a hostile one, which could read whatever the
user who runs the local cloud can read.
"""

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cdk_sagemaker_processing.local.jobs import sandbox_init

_REFUSED = (
    "this machine does not let the local cloud give a job its own /opt/ml ({step}: {reason}): "
    "allow user namespaces (sudo sysctl -w user.max_user_namespaces=15000; on Ubuntu also "
    "kernel.apparmor_restrict_unprivileged_userns=0; in a container, start it with --privileged) "
    "or run the local cloud as root"
)
_NO_PARENT = (
    "{path} does not exist on this machine and is needed for a job's /opt/ml: sudo mkdir {path}"
)


_NOT_LINUX = (
    "the local cloud gives each job its own /opt/ml by namespaces of the Linux kernel: run it on "
    f"Linux, this is {sys.platform}"
)
_HOMES = ("/home", "/root")
# Covered anyway.
_OWN = ("/tmp", "/opt/ml")  # noqa: S108
_TOP = 2
_USUAL: Mapping[str, Any] = {
    "hostname": None,
    "network_of": None,
    "processors": [],
    "replaced": [],
}


class SandboxUnavailable(Exception):  # noqa: N818  says what is the matter, as the reader meets it
    """The machine does not allow sandboxes; the message is one line with the way out."""


class CommandError(Exception):
    """The job's command could not be started."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What one job sees.

    Attributes:
        opt_ml: The folder seen as /opt/ml.
        temporary: The folder seen as /tmp.
        folder: The working folder, as seen inside; made when it is missing.
        homes: The empty folder seen in place of this machine's homes, which no image has.
        visible: Paths of the host that must stay visible even if they lie under /tmp or a home.
        replaced: Files and folders that are seen in place of others, by the place of those.
        hostname: What the job's machine is called inside; as this one is when None.
        processors: The numbers of the processors that the job may use; all when empty.
        isolate_network: Whether the job has no network but its own loopback.
        network_of: The `pid` of another sandbox, whose network this one shares.
    """

    opt_ml: Path
    temporary: Path
    folder: str = "/tmp/work"  # noqa: S108  the sandbox's own /tmp
    homes: Path | None = None
    visible: Sequence[Path] = ()
    replaced: Mapping[str, Path] = field(default_factory=dict)
    hostname: str | None = None
    processors: Sequence[int] = ()
    isolate_network: bool = False
    network_of: int | None = None

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        admit: Callable[[int], None] = lambda _pid: None,
    ) -> "SandboxedProcess":
        """Start a command in the sandbox, stdout and stderr in one pipe.

        Args:
            command: The program, looked up in the environment's PATH, and its arguments.
            environment: All of the program's environment variables.
            admit: Is given the sandbox's process before anything runs in it.

        Raises:
            SandboxUnavailable: The machine refuses namespaces.
            CommandError: The program is missing or not executable.
        """
        return launch(self._plan(command, environment), admit)

    def _plan(self, command: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        # What is below a home may be reached by a link from elsewhere.
        seen = dict.fromkeys(one for path in self.visible for one in (path, path.resolve()))
        return {
            "command": list(command),
            "environment": dict(environment),
            "folder": self.folder,
            "hostname": self.hostname,
            "isolate_network": self.isolate_network,
            "mounts": [
                *self._covered_homes(),
                [str(self.opt_ml), "/opt/ml"],
                [str(self.temporary), "/tmp"],  # noqa: S108 - the job's own
            ],
            "network_of": self.network_of,
            "processors": list(self.processors),
            "replaced": [[str(source), target] for target, source in self.replaced.items()],
            "user": 0,
            "visible": [str(path) for path in seen],
        }

    def _covered_homes(self) -> list[list[str]]:
        if self.homes is None:
            return []
        covered = []
        for number, home in enumerate(homes()):
            empty = self.homes / str(number)
            empty.mkdir(parents=True, exist_ok=True)
            covered.append([str(empty), str(home)])
        return covered


def homes() -> list[Path]:
    """Where this machine's users keep their files, which no container of AWS's could see."""
    usual = [home for home in map(Path, _HOMES) if home.is_dir() and not home.is_symlink()]
    own = Path.home().resolve()
    elsewhere = not any(own.is_relative_to(place) for place in (*usual, *map(Path, _OWN)))
    # A home with everything in it, as a service's "/", is none.
    return [*usual, own] if elsewhere and own.is_dir() and len(own.parts) > _TOP else usual


class SandboxedProcess:
    """A command that runs in a sandbox."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def output(self) -> IO[bytes]:
        """What the command writes; ends when everything in the sandbox has ended."""
        if self._process.stdout is None:
            raise ValueError("the process was started without a pipe")
        return self._process.stdout

    @property
    def pid(self) -> int:
        """The process on the host that stands for the whole sandbox."""
        return self._process.pid

    def order(self, orders: bytes) -> None:
        """Write to the sandbox's first process."""
        if self._process.stdin is None:
            raise ValueError("the process was started without a pipe")
        try:
            self._process.stdin.write(orders)
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # It has ended: there is nobody left to obey.

    def terminate(self) -> None:
        """Send SIGTERM to the command, as SageMaker does first."""
        self.order(b"T")

    def kill(self) -> None:
        """End everything in the sandbox at once."""
        self._process.kill()

    def wait(self) -> int:
        """Return the command's exit code, 128 + N when signal N ended it."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def end(self) -> None:
        """Kill what still runs and release the pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def launch(
    plan: Mapping[str, Any], admit: Callable[[int], None] = lambda _pid: None
) -> SandboxedProcess:
    """Start what a plan says in namespaces of its own, stdout and stderr in one pipe.

    Args:
        plan: What `sandbox_init` reads: `command`, `environment`, `folder` to work in, `mounts`,
            `visible`, `isolate_network`, and `user`, the number that the command's user has
            inside; and if need be `hostname`, `network_of`, `processors`, `replaced`.
        admit: Is given the process before anything runs in it.

    Raises:
        SandboxUnavailable: The machine refuses namespaces.
        CommandError: The program is missing or not executable.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(_NOT_LINUX)
    report, reported = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(sandbox_init.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[reported],
            start_new_session=True,
            env={"PATH": plan["environment"].get("PATH", os.defpath)},
            cwd="/",
        )
    finally:
        os.close(reported)
    started = SandboxedProcess(process)
    admit(process.pid)
    started.order(json.dumps({**_USUAL, **plan, "report": reported}).encode() + b"\n")
    with os.fdopen(report, "rb") as answer:
        failure = answer.read()
    if failure:
        started.end()
        raise _failure(json.loads(failure), plan["command"][0])
    return started


def check() -> None:
    """See whether this machine allows sandboxes.

    Raises:
        SandboxUnavailable: It does not.
    """
    with tempfile.TemporaryDirectory(prefix="sandbox-check-") as folder:
        opt_ml, temporary = Path(folder) / "opt-ml", Path(folder) / "tmp"
        opt_ml.mkdir()
        temporary.mkdir()
        process = Sandbox(opt_ml, temporary).start(["true"], {"PATH": os.defpath})
        process.wait()
        process.end()


def _failure(report: Mapping[str, Any], command: str) -> Exception:
    step, number = report["step"], report["errno"]
    if step == "exec":
        reason = (
            "executable file not found in $PATH"
            if number == errno.ENOENT
            else os.strerror(number).lower()
        )
        return CommandError(f'exec: "{command}": {reason}')
    if step.startswith("open ") and number == errno.ENOENT:
        return SandboxUnavailable(_NO_PARENT.format(path=step.removeprefix("open ")))
    return SandboxUnavailable(_REFUSED.format(step=step, reason=os.strerror(number)))
