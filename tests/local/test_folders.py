from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.folders import cache_folder, remove


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
    for name in ("CDK_SAGEMAKER_PROCESSING_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(LocalCloudError, match=r"no home folder .*: set HOME, or CDK_SAGEMAKER"):
        cache_folder()


@pytest.mark.parametrize(
    ("name", "place"),
    [("CDK_SAGEMAKER_PROCESSING_CACHE", "."), ("XDG_CACHE_HOME", "cdk-sagemaker-processing")],
)
def test_the_cache_is_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """By its own variable, or the one that all programs share."""
    monkeypatch.delenv("CDK_SAGEMAKER_PROCESSING_CACHE", raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    assert cache_folder() == tmp_path / place
