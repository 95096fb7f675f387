import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.code.bundle import Bundle, File, files_of_folder, package_zip
from cdk_sagemaker_processing.code.sources import (
    SOURCES_VARIABLE,
    Source,
    SourceBundle,
    Sources,
    note_sources,
    read_sources,
)


def write(root: Path, *names: str) -> Path:
    """Write files that hold their own names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def test_a_synth_that_is_not_asked_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No path of the machine is kept anywhere."""
    monkeypatch.delenv(SOURCES_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    note_sources("abc", Bundle())
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_asked_tells_where_each_file_came_from(tmp_path: Path) -> None:
    """And the app's own modules: those of packages and of Python are no app's."""
    (tmp_path / "stacks.py").write_text("")
    (tmp_path / "app.py").write_text(
        "import json, stacks, rich\n"
        "from pathlib import Path\n"
        "from cdk_sagemaker_processing.code.bundle import Bundle, File\n"
        "from cdk_sagemaker_processing.code.sources import note_sources\n"
        "bundle = Bundle()\n"
        "bundle.add([File('code/a.py', path=Path('/jobs/a.py')),\n"
        "            File('code/b.py', path=Path('/all/b.py'), folder=Path('/all')),\n"
        "            File('made/c.txt', content=b'c')])\n"
        "note_sources('abc', bundle)\n"
        "note_sources('abc', bundle)\n"
    )
    told = tmp_path / "told"
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=tmp_path,
        env={**os.environ, SOURCES_VARIABLE: str(told)},
        check=True,
    )

    assert read_sources(told) == Sources(
        bundles=(
            SourceBundle(
                "abc",
                (
                    Source("code/a.py", Path("/jobs/a.py")),
                    Source("code/b.py", Path("/all/b.py"), Path("/all")),
                    Source("made/c.txt"),
                ),
            ),
        ),
        modules=(tmp_path / "app.py", tmp_path / "stacks.py"),
    )


def test_an_app_that_uploads_nothing_tells_nothing(tmp_path: Path) -> None:
    """It has no bundle."""
    assert read_sources(tmp_path / "none") == Sources()


def bundle_of(files: list[File], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SourceBundle:
    """What is told of a bundle of these files."""
    monkeypatch.setattr("atexit.register", lambda _: None)
    monkeypatch.setenv(SOURCES_VARIABLE, str(tmp_path / "told"))
    bundle = Bundle()
    bundle.add(files)
    note_sources(bundle.digest(), bundle)
    (told,) = read_sources(tmp_path / "told").bundles
    return told


def test_a_bundle_s_files_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files alone, of whole folders, in zips of packages; not what the app made."""
    write(tmp_path, "split.py", "src/a.py", "src/below/b.py", "pack/__init__.py", "pack/c.py")
    files = [
        File("code/split.py", path=tmp_path / "split.py"),
        *files_of_folder(tmp_path / "src", "code/deep").files,
        *package_zip(tmp_path / "pack", "py-files").files,
    ]
    told = bundle_of([*files, File("conf/x.json", content=b"{}")], tmp_path, monkeypatch)

    assert sorted(told.files() or (), key=lambda one: one.name) == sorted(
        files, key=lambda one: one.name
    )
    assert told.made() == ["conf/x.json"]
    assert told.paths() == {tmp_path / "split.py", tmp_path / "src", tmp_path / "pack"}


def test_a_folder_s_new_files_are_of_the_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And removed ones are not; what lies beside a file alone is not either."""
    write(tmp_path, "jobs/split.py", "src/a.py", "src/b.py")
    files = [
        File("code/split.py", path=tmp_path / "jobs" / "split.py"),
        *files_of_folder(tmp_path / "src", "code").files,
    ]
    told = bundle_of(files, tmp_path, monkeypatch)
    write(tmp_path, "jobs/notes.txt", "src/deep/c.py")
    (tmp_path / "src" / "b.py").unlink()

    assert {one.name for one in told.files() or ()} == {
        "code/split.py",
        "code/a.py",
        "code/deep/c.py",
    }


@pytest.mark.parametrize("gone", ["split.py", "src"])
def test_a_bundle_that_is_not_whole_is_none(
    gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As between the removal of a file and its return, when an editor saves."""
    write(tmp_path, "split.py", "src/a.py")
    files = [
        File("code/split.py", path=tmp_path / "split.py"),
        *files_of_folder(tmp_path / "src", "code").files,
    ]
    told = bundle_of(files, tmp_path, monkeypatch)
    (tmp_path / gone).rename(tmp_path / "elsewhere")
    assert told.files() is None
