import fcntl
import os
import select
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.environments.build import build, environment_name
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from tests.waiting import until

NEVER = threading.Event()


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A lock file without packages: an environment of it needs no network."""
    path = tmp_path / "nothing.txt"
    path.touch()
    return path


def test_an_environment_is_whole_or_not_there(tmp_path: Path, nothing: Path) -> None:
    """After a build there is an interpreter, and nothing half-made beside it."""
    folder = tmp_path / "cache" / "nothing"
    folder.with_name("nothing.building").mkdir(parents=True)
    build(folder, nothing, print, NEVER)
    assert (folder / "bin" / "python3").exists()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["nothing", "nothing.lock"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """The reason is uv's own last words; a second try starts anew."""
    requirements = tmp_path / "bad.txt"
    requirements.write_text("without-a-hash==1.0\n")
    with pytest.raises(JobError, match=r"environment was not made: .*without-a-hash"):
        build(tmp_path / "cache" / "bad", requirements, print, NEVER)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["bad.lock"]


def test_two_builders_make_one_environment(tmp_path: Path, nothing: Path) -> None:
    """Whoever comes second waits and takes what the first has made."""
    folder = tmp_path / "cache" / "nothing"
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(build, folder, nothing, print, NEVER) for _ in range(3)]:
            done.result()
    assert (folder / "bin" / "python3").exists()


def test_waiting_for_another_process_can_be_given_up(tmp_path: Path, nothing: Path) -> None:
    """While another process builds, a job says that it waits, and can be stopped."""
    stop = threading.Event()
    told: list[str] = []

    def report(line: str) -> None:
        told.append(line)
        stop.set()

    with (tmp_path / "nothing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Interrupted):
            build(tmp_path / "nothing", nothing, report, stop)
    assert told == ["Another process is making this environment: waiting for it"]


def test_a_build_can_be_given_up(tmp_path: Path, nothing: Path) -> None:
    """A stop ends uv and leaves nothing."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        build(tmp_path / "cache" / "nothing", nothing, print, stop)
    assert not (tmp_path / "cache" / "nothing").exists()


def test_a_build_ends_with_the_process_that_wants_it(tmp_path: Path) -> None:
    """Even one that is killed leaves no uv behind that would write into a later build."""
    file = tmp_path / "pid"
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho $$ > {file}.new; mv {file}.new {file}; exec sleep 60\n")
    program.chmod(0o755)
    script = (
        "import threading, uv\n"
        "from pathlib import Path\n"
        "from cdk_sagemaker_processing.local.jobs.environments.build import build\n"
        f"uv.find_uv_bin = lambda: {str(program)!r}\n"
        f"folder = Path({str(tmp_path / 'cache' / 'one')!r})\n"
        "build(folder, Path('none.txt'), print, threading.Event())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as builder:
        until(file.exists)
        running = os.pidfd_open(int(file.read_text()))
        builder.kill()
    try:
        ended, _, _ = select.select([running], [], [], 20)
        assert ended, "uv still runs"
    finally:
        os.close(running)


def test_the_name_changes_with_what_is_in_it(tmp_path: Path) -> None:
    """Another pin is another environment; the same pins are the same one."""
    requirements = tmp_path / "line.txt"
    requirements.write_text("a==1")
    first = environment_name(requirements)
    assert first == environment_name(requirements)
    assert first.startswith("line-")
    requirements.write_text("a==2")
    assert environment_name(requirements) != first
