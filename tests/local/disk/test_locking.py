"""Folders that one process at a time works on."""

import threading
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.disk.locking import locked_folder


def test_one_at_a_time_has_a_folder(tmp_path: Path) -> None:
    """Each finds it empty, though each puts a file there and leaves the folder to be removed."""
    folder = tmp_path / "cloud"
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locked_folder(folder):
            inside.append(number)
            most.append(len(inside))
            (folder / "mine").touch(exist_ok=False)
            (folder / "mine").unlink()
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 40
    assert not folder.exists()


def test_a_lock_ends_with_its_block(tmp_path: Path) -> None:
    """Also when the block raises; what is in the folder stays."""
    file = tmp_path / "cloud" / "file"
    with locked_folder(file.parent):
        file.touch()
    with pytest.raises(IsADirectoryError), locked_folder(file.parent):
        tmp_path.read_text()
    with locked_folder(file.parent):
        assert file.exists()
