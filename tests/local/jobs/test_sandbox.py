import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs import sandbox
from cdk_sagemaker_processing.local.jobs.sandbox import (
    CommandError,
    Sandbox,
    SandboxedProcess,
    SandboxUnavailable,
    homes,
)

UNSHARE, SETPRIV = "/usr/bin/unshare", "/usr/bin/setpriv"
PATH = {"PATH": "/usr/bin:/bin"}
# Seen from the host: nothing of a sandbox may ever be here.
MOUNTS = Path("/proc/self/mountinfo")


@pytest.fixture
def a_sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox with one file in its /opt/ml."""
    for name in ("opt-ml", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "opt-ml" / "file").write_text("seen")
    return Sandbox(tmp_path / "opt-ml", tmp_path / "tmp")


def run(inside: Sandbox, *command: str) -> tuple[int, str]:
    """Run a command in a sandbox; return its exit code and output."""
    process = inside.start(command, PATH)
    try:
        output = process.output.read().decode()
        return process.wait(), output
    finally:
        process.end()


def test_opt_ml_and_tmp_are_the_jobs_own(a_sandbox: Sandbox) -> None:
    """What is written to /opt/ml and /tmp lands in the job's folders; the host sees no mount."""
    before = MOUNTS.read_text()
    code, output = run(
        a_sandbox, "sh", "-c", "cat /opt/ml/file; echo 1 > /opt/ml/o; echo 2 > /tmp/t"
    )
    assert (code, output) == (0, "seen")
    assert (a_sandbox.opt_ml / "o").read_text() == "1\n"
    assert (a_sandbox.temporary / "t").read_text() == "2\n"
    assert MOUNTS.read_text() == before
    assert not Path("/tmp/t").exists()  # noqa: S108 # where the job's is not


def test_the_homes_of_this_machine_are_empty_inside(a_sandbox: Sandbox, tmp_path: Path) -> None:
    """A script that reads a developer's own file fails here as in a container; root has a home."""
    inside = replace(a_sandbox, homes=tmp_path / "homes")
    command = (
        f"ls -A {' '.join(map(str, homes()))} | grep -v : ; echo kept > /root/.rc; cat /root/.rc"
    )
    code, output = run(inside, "sh", "-c", command)
    assert (code, output.split()) == (0, ["kept"])
    assert run(a_sandbox, "sh", "-c", "ls /root/.rc") != (0, "/root/.rc\n")


def test_what_a_job_needs_below_a_home_stays_visible(a_sandbox: Sandbox, tmp_path: Path) -> None:
    """By its own name, and where a link from elsewhere leads."""
    with tempfile.TemporaryDirectory(dir=Path.home()) as needed:
        (Path(needed) / "file").write_text("needed")
        link = tmp_path / "link"
        link.symlink_to(needed)
        inside = replace(a_sandbox, homes=tmp_path / "homes", visible=[link])
        assert run(inside, "cat", f"{needed}/file", f"{link}/file") == (0, "neededneeded")
        assert [one.name for one in Path(needed).iterdir()] == ["file"]


@pytest.mark.parametrize(("home", "covered"), [("/usr/share", True), ("/", False), ("/usr", False)])
def test_a_home_elsewhere_is_covered_too(
    monkeypatch: pytest.MonkeyPatch, home: str, covered: bool
) -> None:
    """Unless everything lies in it, as in that of a service."""
    monkeypatch.setenv("HOME", home)
    assert (Path(home) in homes()) is covered


def test_the_rest_of_opt_stays_visible(a_sandbox: Sandbox) -> None:
    """Programs that the machine has under /opt can still be run."""
    expected = sorted({*(path.name for path in Path("/opt").iterdir()), "ml"})
    _, output = run(a_sandbox, "ls", "-1", "/opt")
    assert sorted(output.split()) == expected


def test_the_job_is_root_in_a_folder_of_its_own(a_sandbox: Sandbox) -> None:
    """As in SageMaker's container the user is root; the working folder is empty."""
    _, output = run(a_sandbox, "sh", "-c", "id -u; pwd; ls | wc -l")
    assert output.split() == ["0", "/tmp/work", "0"]  # noqa: S108 # the job's own


def test_the_job_sees_its_own_processes_only(a_sandbox: Sandbox) -> None:
    """In /proc there is the sandbox's first process and what the job started."""
    _, output = run(a_sandbox, "sh", "-c", "echo /proc/[0-9]*")
    assert "/proc/1 " in output
    assert len(output.split()) < 5


def test_named_paths_stay_visible_under_tmp(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder and a file under /tmp can be shown, each at its own path; the rest is hidden."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        shown = Path(name) / "shown"
        shown.mkdir()
        (shown / "in").write_text("folder\n")
        single = Path(name) / "single"
        single.write_text("file\n")
        (Path(name) / "hidden").touch()
        base = tmp_path_factory.mktemp("job")
        for part in ("opt-ml", "tmp"):
            (base / part).mkdir()
        inside = Sandbox(base / "opt-ml", base / "tmp", visible=[shown, single])
        _, output = run(inside, "sh", "-c", f"cat {shown}/in {single}; ls {name}")
        assert output.split() == ["folder", "file", "shown", "single"]


@pytest.mark.parametrize(
    ("command", "code"),
    [(["false"], 1), (["sh", "-c", "exit 42"], 42), (["sh", "-c", "kill -9 $$"], 137)],
)
def test_the_exit_code_is_the_commands(
    a_sandbox: Sandbox, command: Sequence[str], code: int
) -> None:
    """Also when a signal ended it: 128 and the signal's number, as a shell says it."""
    assert run(a_sandbox, *command)[0] == code


def test_a_program_that_cannot_run_says_so(a_sandbox: Sandbox) -> None:
    """A missing program and a file that is none are told apart."""
    with pytest.raises(CommandError, match='exec: "nonesuch": executable file not found'):
        run(a_sandbox, "nonesuch")
    with pytest.raises(CommandError, match='exec: "/opt/ml/file": permission denied'):
        run(a_sandbox, "/opt/ml/file")


def test_standard_input_is_empty(a_sandbox: Sandbox) -> None:
    """A job that reads its standard input meets its end, and cannot reach the cloud's orders."""
    assert run(a_sandbox, "cat") == (0, "")


def test_sigterm_reaches_the_command(a_sandbox: Sandbox) -> None:
    """A command may tidy up on SIGTERM, as SageMaker sends it."""
    script = "trap 'echo tidy; exit 3' TERM; echo up; while :; do sleep 0.02; done"
    process = a_sandbox.start(["sh", "-c", script], PATH)
    assert process.output.readline() == b"up\n"
    process.terminate()
    assert process.output.read() == b"tidy\n"
    assert process.wait() == 3
    process.terminate()
    process.end()


def test_the_end_of_the_command_ends_its_daemons(a_sandbox: Sandbox) -> None:
    """Output ends with the command even when a daemon still holds it."""
    started = time.monotonic()
    run(a_sandbox, "sh", "-c", "(setsid sleep 60 &); sleep 0.1")
    assert time.monotonic() - started < 30


CRASH = """
import os, signal, sys
from pathlib import Path
from cdk_sagemaker_processing.local.jobs.sandbox import Sandbox
folder = Path(sys.argv[1])
process = Sandbox(folder / "opt-ml", folder / "tmp").start(
    ["sh", "-c", "(setsid sleep 60 &); echo up; sleep 60"], {"PATH": "/usr/bin:/bin"}
)
process.output.readline()
print(process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_crashed_cloud_leaves_no_process(a_sandbox: Sandbox) -> None:
    """When the local cloud is killed, its jobs die with it, daemons included."""
    crash = [sys.executable, "-c", CRASH, str(a_sandbox.opt_ml.parent)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    # The pipe ends when the last process that holds it has ended: the whole tree.
    done = subprocess.run(crash, env=surroundings, stdout=subprocess.PIPE, timeout=50, check=False)
    sandboxed = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{sandboxed}").exists():
        assert time.monotonic() < deadline, "the sandbox outlived the cloud"
        time.sleep(0.01)


def test_this_machine_allows_sandboxes() -> None:
    """The check that the command line makes at its start passes here."""
    sandbox.check()


CHECK = (
    "from cdk_sagemaker_processing.local.jobs import sandbox\n"
    "try: sandbox.check()\n"
    "except sandbox.SandboxUnavailable as error: print(error)\n"
)


def test_a_machine_without_user_namespaces_is_told_the_way_out() -> None:
    """One line: what was refused and which settings allow it."""
    # A namespace of its own in which no other can be made, and no privilege to do without.
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "
    command = f'{forbid} --inh-caps=-all --ambient-caps=-all "$0" -c "$1"'
    done = subprocess.run(
        [UNSHARE, "--user", "--map-root-user", "sh", "-c", command, sys.executable, CHECK],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = done.stdout.splitlines()
    assert line.startswith("this machine does not let the local cloud give a job its own /opt/ml")
    assert "sudo sysctl -w user.max_user_namespaces" in line


def test_root_does_without_user_namespaces() -> None:
    """Where they are turned off, root's own right to mount is enough."""
    command = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" -c "$1"'
    done = subprocess.run(
        [UNSHARE, "--user", "--map-root-user", "sh", "-c", command, sys.executable, CHECK],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""


def test_the_machine_has_the_name_it_is_given(a_sandbox: Sandbox) -> None:
    """Inside only."""
    before = os.uname().nodename
    assert run(replace(a_sandbox, hostname="algo-7"), "uname", "-n") == (0, "algo-7\n")
    assert os.uname().nodename == before


def test_files_and_folders_are_seen_in_place_of_others(a_sandbox: Sandbox, tmp_path: Path) -> None:
    """At the place of what is there; the others are untouched."""
    for name in ("shown", "hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    (tmp_path / "hosts").write_text("127.1.2.3 algo-9\n")
    instead = {"/etc/hosts": tmp_path / "hosts", str(tmp_path / "hidden"): tmp_path / "shown"}
    inside = replace(a_sandbox, visible=[tmp_path / "hidden"], replaced=instead)
    command = f"cat {tmp_path}/hidden/a; getent hosts algo-9"
    code, output = run(inside, "sh", "-c", command)
    assert (code, output.split()) == (0, ["shown127.1.2.3", "algo-9"])
    assert (tmp_path / "hidden" / "a").read_text() == "hidden"


def test_sandboxes_may_share_a_network_of_their_own(a_sandbox: Sandbox) -> None:
    """What one listens on, the other reaches; it is not this machine's network."""
    # The Python of the tests may lie where a job sees nothing of this machine.
    own = [Path(sys.prefix), Path(sys.base_prefix)]
    first = replace(a_sandbox, isolate_network=True, visible=own)
    code = (
        "import os, socket; own = socket.create_server(('127.0.0.1', 4711)); print('up', flush=1);"
        "own.accept(); print(os.readlink('/proc/self/ns/net'))"
    )
    listening = first.start([sys.executable, "-c", code], PATH)
    assert listening.output.readline() == b"up\n"
    second = replace(first, network_of=listening.pid)
    code = (
        "import os, socket; socket.create_connection(('127.0.0.1', 4711));"
        "print(os.readlink('/proc/self/ns/net'))"
    )
    code_seen = run(second, sys.executable, "-c", code)
    assert code_seen == (0, listening.output.read().decode())
    assert str(Path("/proc/self/ns/net").readlink()) not in code_seen[1]
    listening.end()


def test_a_network_that_is_gone_is_said(a_sandbox: Sandbox) -> None:
    """A sandbox cannot join one that has ended."""
    process = a_sandbox.start(["true"], PATH)
    process.end()
    joining = replace(a_sandbox, isolate_network=True, network_of=process.pid)
    with pytest.raises(SandboxUnavailable, match=r"join /proc/.*/ns/user: No such file"):
        joining.start(["true"], PATH)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_can_have_sandboxes() -> None:
    """No privilege is needed where user namespaces are on."""
    # By the system's Python: the one of the tests may lie where nobody else can read.
    packages = [str(Path(sandbox.__file__).parents[3]), *sys.path]
    done = subprocess.run(
        [SETPRIV, "--reuid=65534", "--regid=65534", "--clear-groups", "python3", "-c", CHECK],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"nobody cannot import the package here: {done.stderr.splitlines()[-1]}")
    assert done.stdout == ""


def test_a_folder_that_is_missing_is_said_with_its_cure(a_sandbox: Sandbox, tmp_path: Path) -> None:
    """By its path."""
    missing = tmp_path / "missing"
    words = f"{missing} does not exist on this machine and is needed for .*: sudo mkdir {missing}$"
    with pytest.raises(SandboxUnavailable, match=words):
        replace(a_sandbox, opt_ml=missing).start(["true"], PATH)


def test_another_system_than_linux_is_told_so(
    a_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything starts."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "darwin")
        with pytest.raises(SandboxUnavailable, match="by namespaces of the Linux kernel"):
            a_sandbox.start(["true"], PATH)


def test_a_process_without_pipes_takes_no_orders() -> None:
    """Nor has it an output; it is ended as any other."""
    process = SandboxedProcess(subprocess.Popen(["/bin/sh", "-c", "while :; do sleep 1; done"]))
    with pytest.raises(ValueError, match="started without a pipe"):
        process.terminate()
    with pytest.raises(ValueError, match="started without a pipe"):
        _ = process.output
    process.end()
    assert process.wait() == 137
