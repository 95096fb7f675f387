from collections.abc import Callable
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.disk.folders import cache_folder, remove, state_folder
from cdk_sagemaker_processing.local.errors import LocalCloudError

CACHE = "CDK_SAGEMAKER_PROCESSING_CACHE"
STATE = "CDK_SAGEMAKER_PROCESSING_STATE"


def test_a_folder_goes_with_all_that_is_closed_in_it(tmp_path: Path) -> None:
    """Modes that a job left, and links out of it, change nothing."""
    (tmp_path / "kept").mkdir()
    folder = tmp_path / "gone"
    (folder / "closed" / "inner").mkdir(parents=True)
    (folder / "closed" / "inner" / "file").touch()
    (folder / "link").symlink_to(tmp_path / "kept")
    (folder / "closed" / "inner").chmod(0o500)
    (folder / "closed").chmod(0)
    folder.chmod(0)
    remove(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_removing_what_is_not_there_does_no_harm(tmp_path: Path) -> None:
    """An end may come twice."""
    remove(tmp_path / "none")


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may run as a number that no account has."""

    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    for name in (CACHE, STATE, "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for folder in (cache_folder, state_folder):
        with pytest.raises(LocalCloudError, match=rf"set HOME, or {CACHE} and {STATE}$"):
            folder()


@pytest.mark.parametrize(
    ("folder", "own", "shared"),
    [(cache_folder, CACHE, "XDG_CACHE_HOME"), (state_folder, STATE, "XDG_STATE_HOME")],
)
def test_folders_are_where_the_user_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    folder: Callable[[], Path],
    own: str,
    shared: str,
) -> None:
    """By their own variables, or else by those that all programs share."""
    monkeypatch.delenv(own, raising=False)
    monkeypatch.setenv(shared, str(tmp_path))
    assert folder() == tmp_path / "cdk-sagemaker-processing"
    monkeypatch.setenv(own, str(tmp_path / "own"))
    assert folder() == tmp_path / "own"
