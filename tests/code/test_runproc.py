"""The shell script that installs a job's requirements, run by bash as the container runs it."""

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.waiting import until

RUNPROC = Path(str(resources.files("cdk_sagemaker_processing.code") / "runproc.sh"))
# Stands in for Python: notes what it is asked for, ends as it is told.
PYTHON = """#!/bin/sh
printf '%s\\0' "${0##*/}" "$@" >> "$NOTES/asked"
echo 'ERROR: no such package' >&2
exit "${PIP_ENDS:-0}"
"""
# Stands in for the job: writes its arguments.
JOB = """#!/bin/sh
for one; do printf '%s\\0' "$one"; done
exit "${JOB_ENDS:-0}"
"""
ARGUMENTS = st.lists(st.text(st.characters(blacklist_characters="\0", codec="utf-8"), max_size=30))


def program(path: Path, text: str) -> Path:
    """A program of that text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def variables(folder: Path, **more: str) -> Mapping[str, str]:
    """Those of a container in which `python3` is the one of the folder."""
    return {"PATH": f"{folder}/bin:/usr/bin:/bin", "NOTES": str(folder), **more}


def run(folder: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """Run the script with a requirements file and a command."""
    return subprocess.run(
        ["/bin/bash", str(RUNPROC), *words],
        env=variables(folder, **more),
        capture_output=True,
        check=False,
    )


def asked(folder: Path) -> list[str]:
    """What Python was asked for, in all calls: its name and its arguments."""
    return (folder / "asked").read_bytes().decode().split("\0")[:-1]


def installed(python: str, requirements: str) -> list[str]:
    """An installation by an interpreter."""
    options = ("--disable-pip-version-check", "--no-cache-dir", "--requirement")
    return [python, "-m", "pip", "install", *options, requirements]


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """A folder whose `bin` has a `python3` and a `job`."""
    program(tmp_path / "bin" / "python3", PYTHON)
    program(tmp_path / "bin" / "job", JOB)
    return tmp_path


@settings(max_examples=40, deadline=None)
@given(arguments=ARGUMENTS, name=st.sampled_from(["job", "-job", "a job's", 'j"ob$HOME', "*"]))
def test_every_argument_passes_through_unchanged(arguments: Sequence[str], name: str) -> None:
    """Whatever it holds, and whatever the command is called."""
    with tempfile.TemporaryDirectory() as folder:
        program(Path(folder) / "bin" / "python3", PYTHON)
        program(Path(folder) / "bin" / name, JOB)

        done = run(Path(folder), "/a list's $file.txt", name, *arguments)

        assert done.returncode == 0, done.stderr
        assert done.stdout.decode().split("\0")[:-1] == list(arguments)
        assert asked(Path(folder)) == installed("python3", "/a list's $file.txt")


@pytest.mark.parametrize("interpreter", ["python3", "python", "python3.9", "/bin dir/python3.12"])
def test_the_interpreter_of_the_job_installs(container: Path, interpreter: str) -> None:
    """It is the one that must find what is installed."""
    program(container / "bin" / interpreter.rpartition("/")[2], PYTHON)
    full = f"{container}{interpreter}" if "/" in interpreter else interpreter
    if "/" in interpreter:
        program(Path(full), PYTHON)

    run(container, "list.txt", full, "job.py")

    name = interpreter.rpartition("/")[2]
    assert asked(container) == [*installed(name, "list.txt"), name, "job.py"]


def test_a_job_that_is_not_python_gets_the_packages_of_python3(container: Path) -> None:
    """There may be other interpreters: that is the one that images have."""
    run(container, "list.txt", "job", "python")

    assert asked(container) == installed("python3", "list.txt")


@pytest.mark.parametrize("code", [1, 2, 137])
def test_the_exit_code_is_the_jobs(container: Path, code: int) -> None:
    """The script is gone by then."""
    assert run(container, "list.txt", "job", JOB_ENDS=str(code)).returncode == code


def test_a_failed_installation_ends_it(container: Path) -> None:
    """With pip's exit code and words; the job does not start."""
    done = run(container, "list.txt", "job", "said", PIP_ENDS="3")

    assert done.returncode == 3
    assert done.stdout == b""
    assert done.stderr == b"ERROR: no such package\n"


def test_a_command_that_is_not_there_says_so(container: Path) -> None:
    """As a shell does."""
    done = run(container, "list.txt", "nonesuch")

    assert done.returncode == 127
    assert b"nonesuch: not found" in done.stderr


def test_the_job_is_the_same_process(container: Path) -> None:
    """So a signal that SageMaker sends is the job's to handle."""
    program(
        container / "bin" / "job",
        "#!/bin/bash\ntrap 'echo tidy; exit 5' TERM\necho $$\nwhile :; do sleep 0.02; done\n",
    )
    with started(container) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.terminate()
        assert process.stdout.read() == b"tidy\n"
    assert process.returncode == 5


def test_a_job_that_is_stopped_during_the_installation_never_starts(container: Path) -> None:
    """It ends at once, and pip with it."""
    program(container / "bin" / "python3", '#!/bin/sh\necho $$ > "$NOTES/pip"\nexec sleep 60\n')
    with started(container) as process:
        until(lambda: (container / "pip").is_file() and (container / "pip").read_text() != "")
        pip = os.pidfd_open(int((container / "pip").read_text()))
        process.terminate()
        assert process.stdout is not None
        assert process.stdout.read() == b""
    ended, _, _ = select.select([pip], [], [], 20)
    os.close(pip)
    assert ended
    assert process.returncode == 128 + signal.SIGTERM


def started(container: Path) -> "subprocess.Popen[bytes]":
    """The script on its way."""
    return subprocess.Popen(
        ["/bin/bash", str(RUNPROC), "list.txt", "job"],
        env=variables(container),
        stdout=subprocess.PIPE,
    )
