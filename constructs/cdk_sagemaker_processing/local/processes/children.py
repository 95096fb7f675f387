"""Programs that run beside this one: started apart from the terminal, always ended."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.processes import tie
from cdk_sagemaker_processing.local.processes.holding import signals_held
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.stoppable import Stoppable

_POLL_SECONDS = 0.5
_GRACE_SECONDS = 5


def tied(command: Sequence[str]) -> list[str]:
    """Return the command of a program that ends when this process ends, however this one does."""
    return [sys.executable, "-I", "-S", tie.__file__, str(os.getpid()), *command]


class Child(Stoppable):
    """A program in a session of its own, its output in a file.

    A Ctrl-C on the terminal does not reach it: whoever started it decides when it ends.

    Args:
        command: The program and its arguments.
        log: The file that receives everything it writes.
        variables: Its whole environment.
        folder: Its working directory; this process's by default.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        variables: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._identity = ProcessIdentity.of(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def leave(self) -> None:
        """Let it run on after this process; `exit_code` and `stop` know nothing of it any more."""
        # Else Python warns of a program that nobody waited for.
        self._process.returncode = 0

    def tail(self, lines: int = 15) -> str:
        """Return the last lines that it wrote."""
        return tail(self._log, lines)

    def stop(self, grace_seconds: float = 10) -> None:
        """End it by SIGTERM, after the grace by SIGKILL, and wait for it.

        What it leaves behind in its session then is killed.

        Args:
            grace_seconds: How long it may take to end by itself.
        """
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(grace_seconds)
            except subprocess.TimeoutExpired:
                self._kill_session()
        self._process.wait()
        if self._identity:
            self._identity.end_session()

    def _kill_session(self) -> None:
        _signal_session(self._process, signal.SIGKILL)


def run(
    command: Sequence[str],
    *,
    variables: Mapping[str, str],
    folder: Path,
    on_line: Callable[[str], None],
    goes_on: Callable[[], bool] = lambda: True,
    tail_lines: int = 25,
) -> tuple[int, str]:
    """Run a program to its end in a session of its own; an interruption ends all of it.

    Args:
        command: The program and its arguments.
        variables: Its whole environment.
        folder: Its working directory.
        on_line: Is told each line that it writes, at once.
        goes_on: Asked twice a second, in another thread; when it says no, the program is ended.
        tail_lines: How many of its last lines to return.

    Returns:
        Its exit code and its last lines.
    """
    last: deque[str] = deque(maxlen=tail_lines)
    with (
        signals_held() as release,
        subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            release()
            with _ended_unless(goes_on, process):
                for line in process.stdout or ():
                    last.append(line.rstrip())
                    on_line(line.rstrip())
                return process.wait(), "\n".join(last)
        except BaseException:
            _end_session(process)
            raise


@contextmanager
def _ended_unless(goes_on: Callable[[], bool], process: "subprocess.Popen[str]") -> Iterator[None]:
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_POLL_SECONDS):
            if not goes_on():
                _end_session(process)
                return

    watcher = threading.Thread(target=watch, name=f"watcher of {process.pid}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _end_session(process: "subprocess.Popen[str]") -> None:
    _signal_session(process, signal.SIGTERM)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_session(process, signal.SIGKILL)


def _signal_session(process: "subprocess.Popen[Any]", number: signal.Signals) -> None:
    # It leads its session, so its process id is the group's: nothing foreign is in it.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def tail(file: Path, lines: int) -> str:
    """Return the last lines of a text file, or nothing if there is no such file."""
    try:
        text = file.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
