"""Making a Python environment once, whole or not at all."""

import platform
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import uv

from cdk_sagemaker_processing.local.disk.once import make_once
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.processes.children import tied
from cdk_sagemaker_processing.local.report import Report

_POLL = 0.5
# Of all that uv says, what tells a waiting user that it goes on.
_TOLD = ("Resolved", "Downloading", "Building", "Built", "Prepared", "Installed", "Bytecode")
# Raised when the way an environment is made changes, so that older ones are not taken for it.
_RECIPE = "1"


def environment_name(requirements: Path) -> str:
    """Name an environment after all that decides what is in it."""
    facts = (_RECIPE, requirements.read_text(), platform.python_version(), platform.machine())
    return f"{requirements.stem}-{sha256(chr(0).join(facts).encode()).hexdigest()[:12]}"


def build(
    folder: Path,
    requirements: Path,
    report: Report,
    stop: threading.Event,
) -> None:
    """Make a virtual environment with the packages of a lock file, unless it is there.

    Args:
        folder: The environment's place.
        requirements: The lock file, with hashes.
        report: Told what goes on, a line at a time.
        stop: Set to give the build up.

    Raises:
        JobError: A package could not be had or built.
        Interrupted: `stop` was set.
    """

    def make(staging: Path) -> None:
        for command in _commands(staging, requirements):
            _run(command, report, stop)

    def waiting() -> None:
        report("Another process is making this environment: waiting for it")

    def pause() -> None:
        if stop.wait(_POLL):
            raise Interrupted

    make_once(folder, make, waiting=waiting, pause=pause)


def _commands(folder: Path, requirements: Path) -> list[list[str]]:
    python = str(folder / "bin" / "python")
    return [
        ["venv", "--relocatable", "--no-python-downloads", "--python", sys.executable, str(folder)],
        [
            *["pip", "install", "--require-hashes", "--compile-bytecode", "--python", python],
            *["--requirements", str(requirements)],
        ],
    ]


def _run(arguments: Sequence[str], report: Report, stop: threading.Event) -> None:
    # Away from any project's folder: its settings for uv are not meant for a job's environment.
    command = [uv.find_uv_bin(), "--no-progress", *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        # Left behind by a process that is killed, it would write into what the next one builds.
        tied(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
    ) as process:
        over = threading.Event()
        guard = threading.Thread(target=_end_when_told, args=(process, stop, over), daemon=True)
        guard.start()
        for line in process.stdout or ():
            lines.append(line.strip())
            if line.startswith(_TOLD):
                report(line.strip())
        process.wait()
        over.set()
        guard.join()
    if stop.is_set():
        raise Interrupted
    if process.returncode != 0:
        last = " | ".join(line for line in lines if line)[-700:]
        raise JobError(f"InternalServerError: the job's Python environment was not made: {last}")


def _end_when_told(
    process: subprocess.Popen[str], stop: threading.Event, over: threading.Event
) -> None:
    while not over.wait(_POLL):
        if stop.is_set():
            with suppress(ProcessLookupError):
                process.terminate()
            return
