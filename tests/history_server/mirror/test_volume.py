import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Kernel:
    """Knows users that this process may become, or no other than root."""

    knows_others: bool = True
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def answer(self, name: str) -> Callable[..., None]:
        """A call that is noted, and refused where there is no other user."""

        def call(*arguments: object) -> None:
            self.asked.append((name, *arguments))
            if not self.knows_others:
                raise OSError(errno.EINVAL, "Invalid argument")

        return call


@pytest.fixture(name="kernel")
def _kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("chown", "setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, kernel.answer(name))
    return kernel


@pytest.fixture(name="open_volume")
def _open_volume() -> Iterator[Volume]:
    before = os.umask(0o022)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        volume = Volume(folder / "history")
        volume.prepare()
        yield volume
    os.umask(before)


def test_the_user_is_given_up_last(kernel: Kernel, open_volume: Volume) -> None:
    """An ordinary user could give nothing away any more."""
    assert open_volume.give_up_root(())
    nobody = 65534
    assert kernel.asked == [
        ("chown", open_volume.logs, nobody, nobody),
        ("chown", open_volume.partial, nobody, nobody),
        ("setgroups", []),
        ("setgid", nobody),
        ("setuid", nobody),
    ]


def test_a_root_that_knows_no_other_user_stays(kernel: Kernel, open_volume: Volume) -> None:
    """As in a user namespace of its own."""
    kernel.knows_others = False
    assert not open_volume.give_up_root(())
    assert [call[0] for call in kernel.asked] == ["chown"]


def test_what_nobody_else_could_read_keeps_root(
    kernel: Kernel, open_volume: Volume, tmp_path: Path
) -> None:
    """Python itself, below a private folder."""
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    assert not open_volume.give_up_root((private / "python",))
    assert kernel.asked == []


def test_an_ordinary_user_has_nothing_to_give_up(
    kernel: Kernel, volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And needs to give nothing away."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert volume.give_up_root(())
    assert kernel.asked == []
