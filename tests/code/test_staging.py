"""A bundle's files in a cloud assembly."""

import hashlib
import os
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

import pytest

from cdk_sagemaker_processing.code import bundle as bundles
from cdk_sagemaker_processing.code import staging
from cdk_sagemaker_processing.code.bundle import Bundle, File
from cdk_sagemaker_processing.code.staging import stage, staged_name


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """A file of disk, large enough for several reads, and one that was made."""
    large = tmp_path / "source" / "model.bin"
    large.parent.mkdir()
    large.write_bytes(os.urandom(3_000_000))
    found = Bundle()
    found.add([File("code/model.bin", path=large), File("code/deep/a.py", content=b"a = 1\n")])
    return found


def staged(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, by the names of the bundle's files."""
    return {
        file.parent.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("file")
    }


def names_in(folder: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(one.name for one in folder.iterdir())


def held(bundle: Bundle) -> dict[str, bytes]:
    """What the bundle's files hold."""
    return {name: file.read() for name, file in bundle.files.items()}


def not_here(*_: int) -> int:
    """What the kernel says of two file systems that it cannot copy between."""
    raise OSError(18, "Invalid cross-device link")


def half_way() -> Callable[[int, int, int], int]:
    """A copy by the kernel that fails after some bytes."""
    done: list[int] = []

    def copy(source: int, target: int, count: int) -> int:
        if done:
            return not_here()
        done.append(count)
        return os.copy_file_range(source, target, 1_000)

    return copy


@pytest.mark.parametrize(
    "copy",
    [os.copy_file_range, None, not_here, lambda *_: 0, half_way()],
    ids=["by the kernel", "none", "not here", "nothing copied", "half way"],
)
def test_every_file_is_copied_whole(
    tmp_path: Path,
    bundle: Bundle,
    monkeypatch: pytest.MonkeyPatch,
    copy: Callable[..., int] | None,
) -> None:
    """By the kernel, and by hand wherever it cannot or does not end."""
    monkeypatch.setattr(staging, "_copy_range", copy)

    stage(bundle, tmp_path / "asset")

    assert staged(tmp_path / "asset") == held(bundle)
    assert (tmp_path / "asset" / staged_name("code/model.bin")).is_file()
    assert names_in(tmp_path) == ["asset", "source"]


def test_a_later_edit_in_place_does_not_reach_the_assembly(tmp_path: Path, bundle: Bundle) -> None:
    """What is deployed is what the digest in its name is of."""
    stage(bundle, tmp_path / "asset")
    before = held(bundle)

    with (tmp_path / "source" / "model.bin").open("r+b") as opened:
        opened.write(b"edited")

    assert held(bundle) != before
    assert staged(tmp_path / "asset") == before


def test_what_was_interrupted_is_not_taken_for_whole(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder comes to be with all its files; the next synth begins anew."""

    def interrupted(*_: int) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(staging, "_copy_range", interrupted)
        with pytest.raises(KeyboardInterrupt):
            stage(bundle, tmp_path / "asset")
    assert names_in(tmp_path) == ["source"]

    stage(bundle, tmp_path / "asset")

    assert staged(tmp_path / "asset") == held(bundle)


def test_what_is_there_is_not_copied_again(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is of its content."""
    stage(bundle, tmp_path / "asset")
    monkeypatch.setattr(staging, "_lay", not_here)

    stage(bundle, tmp_path / "asset")

    assert staged(tmp_path / "asset") == held(bundle)


def test_another_process_may_be_faster(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that stage the same, one puts it there, and none leaves anything else."""
    lay = staging._lay

    def overtaken(file: File, target: Path) -> None:
        lay(file, target)
        (tmp_path / "asset" / "code").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(staging, "_lay", overtaken)

    stage(bundle, tmp_path / "asset")

    assert names_in(tmp_path) == ["asset", "source"]


def test_a_folder_that_cannot_be_put_there_is_an_error(tmp_path: Path, bundle: Bundle) -> None:
    """It is not taken for another process's."""
    (tmp_path / "asset").write_text("a file of that name")

    with pytest.raises(NotADirectoryError):
        stage(bundle, tmp_path / "asset")

    assert names_in(tmp_path) == ["asset", "source"]


def test_a_file_is_read_once_as_long_as_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many steps it goes with; one that just changed could change unseen."""
    reads = []
    digest = hashlib.file_digest

    def counted(opened: BufferedReader, name: str) -> object:
        reads.append(opened)
        return digest(opened, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    file = File("a", path=tmp_path / "a")
    (tmp_path / "a").write_bytes(b"one")
    first = file.digest()
    assert (file.digest(), len(reads)) == (first, 2)

    monkeypatch.setattr(bundles, "_TICK_NANOSECONDS", -1)
    assert [file.digest() for _ in range(3)] == [first] * 3
    assert len(reads) == 3

    (tmp_path / "a").write_bytes(b"two")
    assert file.digest() != first
