import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.mirror.volume import Volume

_AS_NOBODY = """
import os, sys
from pathlib import Path
from cdk_sagemaker_processing.history_server.mirror.volume import Volume
volume = Volume(Path(sys.argv[1]))
volume.prepare()
print(volume.give_up_root(()), os.getuid(), os.getgid(), os.getgroups())
(volume.logs / "app").touch()
volume.ready.touch()
"""

_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give it up")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(name="volume")
def _volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path / "history")


def test_its_folders_are_made(volume: Volume) -> None:
    """The server, another user, may write where it has to."""
    before = os.umask(0o077)
    volume.prepare()
    assert os.umask(before) == 0o022
    assert {each.name: _mode(each) for each in volume.root.iterdir()} == {
        "control": 0o777,
        "logs": 0o755,
        "mirror": 0o755,
        "store": 0o777,
        "tmp": 0o1777,
    }
    assert list(volume.control.iterdir()) == []


def test_what_an_earlier_start_left_goes_but_for_logs_and_store(volume: Volume) -> None:
    """A server must not start, or the mirror end, on its account."""
    volume.prepare()
    left = (volume.ready, volume.alive, volume.restart, volume.server_ended)
    for path in (*left, volume.partial / "half", volume.logs / "app", volume.store / "db"):
        path.touch()
    (volume.partial / "eventlog_v2_a").mkdir()
    volume.prepare()
    assert [path for path in left if path.exists()] == []
    assert list(volume.partial.iterdir()) == []
    assert (volume.logs / "app").exists()
    assert (volume.store / "db").exists()


def _run(folder: Path) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        extra_groups=[1],
    ).stdout.split()


@_ROOT
def test_root_becomes_an_ordinary_user() -> None:
    """Who owns the logs, and may write to control."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        assert _run(folder) == ["True", "65534", "65534", "[]"]
        owned = [folder / each for each in ("logs", "logs/app", "mirror", "control/ready")]
        assert {each.stat().st_uid for each in owned} == {65534}


@_ROOT
def test_root_stays_root_where_nobody_else_can_go(tmp_path: Path) -> None:
    """On a developer's machine: a folder below a private one."""
    (tmp_path / "home").mkdir(mode=0o700)
    assert _run(tmp_path / "home" / "history")[:3] == ["False", "0", "0"]
