"""Folders that are made once."""

import fcntl
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.disk.once import make_once


class Maker:
    """Makes a folder with a file in it, and counts."""

    def __init__(self) -> None:
        self.made = 0
        self.told = 0

    def make(self, folder: Path) -> None:
        """Make it."""
        folder.mkdir()
        (folder / "file").write_text("whole")
        self.made += 1

    def once(self, target: Path) -> None:
        """Have it made once, without patience."""
        make_once(target, self.make, waiting=self.wait, pause=self.give_up)

    def wait(self) -> None:
        """Count that another one is waited for."""
        self.told += 1

    def give_up(self) -> None:
        """Wait no longer."""
        raise TimeoutError


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    """Its parents, too; what is there stays as it is."""
    maker, target = Maker(), tmp_path / "a" / "b"
    maker.once(target)
    maker.once(target)
    assert (maker.made, maker.told) == (1, 0)
    assert (target / "file").read_text() == "whole"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """Neither the folder nor its beginning, so that the next one makes it."""
    maker, target = Maker(), tmp_path / "a"

    def fail(folder: Path) -> None:
        folder.mkdir()
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        make_once(target, fail, waiting=maker.wait, pause=maker.give_up)
    assert [file.name for file in tmp_path.iterdir()] == ["a.lock"]
    maker.once(target)
    assert maker.made == 1


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """Its beginning is none of the folder that is made."""
    (tmp_path / "a.building").mkdir()
    (tmp_path / "a.building" / "half").touch()
    Maker().once(tmp_path / "a")
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["file"]


def test_another_process_that_makes_it_is_waited_for(tmp_path: Path) -> None:
    """That is told once; who pauses may give up."""
    maker = Maker()
    with (tmp_path / "a.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError):
            maker.once(tmp_path / "a")
    assert (maker.made, maker.told) == (0, 1)


def test_what_was_made_in_the_meantime_is_not_made_again(tmp_path: Path) -> None:
    """By the process that was waited for."""
    maker, other, target = Maker(), Maker(), tmp_path / "a"
    with (tmp_path / "a.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        def end_the_other() -> None:
            other.make(target)
            fcntl.flock(held, fcntl.LOCK_UN)

        make_once(target, maker.make, waiting=maker.wait, pause=end_the_other)
    assert (maker.made, maker.told, other.made) == (0, 1, 1)
