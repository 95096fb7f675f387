"""Temporary homes of local clouds."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.clouds.temporary import TemporaryHome

# It makes one, says where, and is killed.
KILLED = """
import os, signal
from cdk_sagemaker_processing.local.clouds.temporary import TemporaryHome
home = TemporaryHome.make()
{then}
print(home.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def killed(then: str = "") -> Path:
    """Return the home of a process that was killed."""
    program = [sys.executable, "-c", KILLED.format(then=then)]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=False)
    return Path(done.stdout.strip())


def test_it_goes_with_its_cloud(tmp_path: Path) -> None:
    """A second end does nothing."""
    home = TemporaryHome.make()
    (home.folder / "data").touch()
    home.end()
    home.end()
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_killed_process_goes_when_the_next_is_made() -> None:
    """Not one whose process runs, nor a folder that only has such a name."""
    left, running = killed(), TemporaryHome.make()
    other = running.folder.with_name("sagemaker-processing-of-somebody")
    other.mkdir()
    TemporaryHome.make().end()
    assert not left.exists()
    assert running.folder.is_dir()
    assert other.is_dir()
    running.end()


def test_one_that_is_kept_stays() -> None:
    """Whatever becomes of its process."""
    left, kept = killed("home.keep()"), TemporaryHome.make()
    kept.keep()
    kept.end()
    TemporaryHome.make().end()
    assert left.is_dir()
    assert kept.folder.is_dir()
