import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.processes.children import Child, run, tied
from tests.waiting import until

VARIABLES = {"PATH": os.environ["PATH"]}


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def process_id_in(file: Path) -> int:
    until(lambda: file.is_file() and file.read_text().endswith("\n"))
    return int(file.read_text())


def shell(script: str, log: Path) -> Child:
    return Child(["sh", "-c", script], log=log, variables=VARIABLES)


def test_a_child_ends_with_its_block(tmp_path: Path) -> None:
    """A program started in a `with` statement is gone after it, and what it wrote is kept."""
    log = tmp_path / "log"
    with shell("echo started; exec sleep 60", log) as child:
        until(lambda: "started" in child.tail())
        assert child.exit_code is None
    assert child.exit_code == -signal.SIGTERM
    assert child.tail() == "started"


def test_a_child_that_ignores_sigterm_is_killed_with_what_it_started(tmp_path: Path) -> None:
    """After the grace nothing of its session is left."""
    file = tmp_path / "pid"
    script = f"trap '' TERM; sleep 60 & echo $! > {file}; wait; wait"
    child = shell(script, tmp_path / "log")
    inner = process_id_in(file)
    child.stop(grace_seconds=0.2)
    assert child.exit_code == -signal.SIGKILL
    until(lambda: not is_alive(inner))


def test_stopping_twice_does_no_harm(tmp_path: Path) -> None:
    """A program that ended by itself keeps its exit code."""
    child = shell("exit 3", tmp_path / "log")
    until(lambda: child.exit_code is not None)
    child.stop()
    child.stop()
    assert child.exit_code == 3


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    """No more lines than asked for; bytes that are no text do no harm."""
    with shell(
        "for i in 1 2 3; do echo $i; done; printf '\\377'; exec sleep 60", tmp_path / "log"
    ) as child:
        until(lambda: "3" in child.tail())
        assert child.tail(2).splitlines()[0] == "3"


def test_a_tied_program_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Even a parent that is killed takes it along."""
    file = tmp_path / "pid"
    script = (
        "import subprocess, time\n"
        "from cdk_sagemaker_processing.local.processes.children import tied\n"
        f"subprocess.Popen(tied(['sh', '-c', 'echo $$ > {file}; exec sleep 60']))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        inner = process_id_in(file)
        parent.kill()
    until(lambda: not is_alive(inner))


def test_a_tied_program_is_the_program_itself(tmp_path: Path) -> None:
    """Its exit code and its output are the program's own."""
    lines: list[str] = []
    code, last = run(
        tied(["sh", "-c", "echo one; echo two >&2; exit 4"]),
        variables=VARIABLES,
        folder=tmp_path,
        on_line=lines.append,
    )
    assert (code, last, lines) == (4, "one\ntwo", ["one", "two"])


def test_an_interruption_ends_a_program_and_what_it_started(tmp_path: Path) -> None:
    """Whatever is raised while it runs, nothing of it is left."""
    file = tmp_path / "pid"

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(
            ["sh", "-c", f"sleep 60 & echo $! > {file}; echo ready; wait"],
            variables=VARIABLES,
            folder=tmp_path,
            on_line=interrupt,
        )
    inner = process_id_in(file)
    until(lambda: not is_alive(inner))


def test_an_interruption_while_a_program_starts_ends_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within ``Popen`` the program already runs, and nobody holds it yet."""
    started: list[subprocess.Popen[str]] = []

    class Interrupted(subprocess.Popen):  # type: ignore[type-arg] # generic for type checkers only
        """Is interrupted when the program runs, before the caller has it."""

        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload] # passed on
            started.append(self)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)

    with pytest.raises(KeyboardInterrupt):
        run(["sleep", "60"], variables=dict(os.environ), folder=tmp_path, on_line=print)

    (process,) = started
    assert process.poll() == -signal.SIGTERM


def test_a_program_that_is_of_no_use_any_more_is_ended(tmp_path: Path) -> None:
    """Though it writes nothing, and with what it started."""
    file = tmp_path / "pid"
    code, _ = run(
        ["sh", "-c", f"sleep 60 & echo $! > {file}; wait"],
        variables=VARIABLES,
        folder=tmp_path,
        on_line=print,
        goes_on=lambda: not file.exists(),
    )
    assert code == -signal.SIGTERM
    inner = process_id_in(file)
    until(lambda: not is_alive(inner))
