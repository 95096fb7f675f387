"""Folders that one process at a time works on."""

import threading
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.folders import remove
from cdk_sagemaker_processing.local.locking import locked_folder


def test_one_at_a_time_has_a_folder_even_when_it_is_removed_meanwhile(tmp_path: Path) -> None:
    """Each finds it empty, though each puts a file there and half of them remove it."""
    folder = tmp_path / "cloud"
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with locked_folder(folder):
            inside.append(number)
            most.append(len(inside))
            (folder / "mine").touch(exist_ok=False)
            if number % 2:
                remove(folder)
            else:
                (folder / "mine").unlink()
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 40


def test_a_lock_ends_with_its_block(tmp_path: Path) -> None:
    """Also when the block raises."""
    with pytest.raises(ZeroDivisionError), locked_folder(tmp_path / "cloud"):
        _ = 1 / 0
    with locked_folder(tmp_path / "cloud"):
        assert (tmp_path / "cloud").is_dir()
