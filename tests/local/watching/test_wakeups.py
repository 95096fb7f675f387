from collections.abc import Iterator
from pathlib import Path

import pytest
import watchfiles

from cdk_sagemaker_processing.local.watching.wakeups import Wakeups

LONG = 20
SHORT = 0.5


@pytest.fixture
def wakeups() -> Iterator[Wakeups]:
    """One that watches nothing yet."""
    with Wakeups() as found:
        yield found


def quiet(wakeups: Wakeups, folder: Path) -> None:
    """Wait until a folder is watched, which a change in it tells."""
    number = 0
    (folder / "probe").write_text(str(number))
    while not wakeups.wait(0.2):
        number += 1
        (folder / "probe").write_text(str(number))
    while wakeups.wait(SHORT):
        pass


@pytest.mark.parametrize("deed", ["write", "rename", "remove"])
def test_a_change_is_told(deed: str, wakeups: Wakeups, tmp_path: Path) -> None:
    """Once; then nothing more is, as long as nothing happens."""
    (tmp_path / "file").write_text("")
    wakeups.watch([tmp_path])
    assert wakeups.wait(LONG), "what happened before it was watched is to be looked for"
    quiet(wakeups, tmp_path)
    if deed == "write":
        (tmp_path / "file").write_text("anew")
    elif deed == "rename":
        (tmp_path / "file").rename(tmp_path / "other")
    else:
        (tmp_path / "file").unlink()
    assert wakeups.wait(LONG)
    assert not wakeups.wait(SHORT)


def test_folders_are_watched_without_those_in_them(wakeups: Wakeups, tmp_path: Path) -> None:
    """Until they are named as well."""
    deep = tmp_path / "deep"
    deep.mkdir()
    wakeups.watch([tmp_path, tmp_path / "none"])
    wakeups.wait(LONG)
    quiet(wakeups, tmp_path)
    (deep / "file").write_text("")
    assert not wakeups.wait(SHORT)
    wakeups.watch([tmp_path, deep])
    assert wakeups.wait(LONG)
    quiet(wakeups, deep)
    (deep / "file").write_text("anew")
    assert wakeups.wait(LONG)


def test_where_the_kernel_has_no_watches_left_it_is_looked(
    wakeups: Wakeups, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several times a second."""

    def watch(*folders: Path, force_polling: bool | None, **options: object) -> object:
        if not force_polling:
            raise OSError("No space left on device: the limit of inotify watches")
        return watchfiles.watch(*folders, force_polling=force_polling, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr("cdk_sagemaker_processing.local.watching.wakeups.watch", watch)
    wakeups.watch([tmp_path])
    assert wakeups.wait(LONG)
    quiet(wakeups, tmp_path)
    (tmp_path / "file").write_text("anew")
    assert wakeups.wait(LONG)
