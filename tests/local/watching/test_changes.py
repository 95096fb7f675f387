import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.code.sources import Source, SourceBundle, Sources
from cdk_sagemaker_processing.local.watching.changes import Changes, Edit, Watched

DIGEST = "0" * 32


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app of a module, a script beside it, and a folder of code."""
    folder = tmp_path / "app"
    for name in ("app.py", "cdk.json", "jobs/clean.py", "src/main.py", "docs/notes.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def sources(app: Path) -> Sources:
    """What its synth tells."""
    return Sources(
        bundles=(
            SourceBundle(DIGEST, (Source("code/clean.py", app / "jobs" / "clean.py"),)),
            SourceBundle(
                "1" * 32,
                (
                    Source("code/main.py", app / "src" / "main.py", app / "src"),
                    Source("requirements/requirements.txt"),
                ),
            ),
        ),
        modules=(app / "app.py",),
    )


@pytest.fixture
def watched(app: Path) -> Watched:
    """The app, watched."""
    return Watched(app, sources(app), time.time_ns())


def in_place(path: Path, content: str) -> None:
    """Save as an editor that writes into the file."""
    path.write_text(content)


def by_rename(path: Path, content: str) -> None:
    """Save as an editor that writes another file and puts it in the place."""
    other = path.with_name(f".{path.name}.swp")
    other.write_text(content)
    other.replace(path)


def test_nothing_has_changed_at_first(watched: Watched, app: Path) -> None:
    """The first look is at what was deployed."""
    assert watched.look() == Changes()
    assert not watched.look()
    assert watched.files == 2
    assert watched.folders() == {app, app / "jobs", app / "src", app / "docs"}


@pytest.mark.parametrize("save", [in_place, by_rename])
def test_a_saved_script_is_an_edit(
    save: Callable[[Path, str], None], watched: Watched, app: Path
) -> None:
    """Told once, however the editor writes."""
    script = app / "jobs" / "clean.py"
    save(script, "anew")
    files = (File("code/clean.py", path=script),)
    edit = Edit(DIGEST, files, made=(), names=("code/clean.py",), is_deployed=False)
    assert watched.look() == Changes(edits=(edit,))
    assert watched.look() == Changes()


def test_a_script_saved_as_it_was_is_none(watched: Watched, app: Path) -> None:
    """What counts is what it holds."""
    (app / "jobs" / "clean.py").write_text("jobs/clean.py")
    assert watched.look() == Changes()


def test_an_undone_edit_is_told_as_such(watched: Watched, app: Path) -> None:
    """The deployed code is there already."""
    script = app / "jobs" / "clean.py"
    script.write_text("anew")
    watched.look()
    script.write_text("jobs/clean.py")
    (edit,) = watched.look().edits
    assert edit.is_deployed


def test_a_file_that_is_gone_for_a_moment_is_waited_for(watched: Watched, app: Path) -> None:
    """Editors remove a file before they write it."""
    script = app / "jobs" / "clean.py"
    script.unlink()
    assert watched.look() == Changes()
    script.write_text("anew")
    assert [edit.names for edit in watched.look().edits] == [("code/clean.py",)]


def test_a_folder_s_files_come_and_go(watched: Watched, app: Path) -> None:
    """With what the app made for the same bundle, which stays."""
    (app / "src" / "main.py").unlink()
    (app / "src" / "deep").mkdir()
    (app / "src" / "deep" / "more.py").write_text("more")
    (edit,) = watched.look().edits
    assert [file.name for file in edit.files] == ["code/deep/more.py"]
    assert edit.names == ("code/deep/more.py", "code/main.py")
    assert edit.made == ("requirements/requirements.txt",)
    assert app / "src" / "deep" in watched.folders()


@pytest.mark.parametrize("name", ["app.py", "cdk.json", "docs/settings.yaml"])
def test_the_app_s_own_files_need_a_synth(name: str, watched: Watched, app: Path) -> None:
    """Its modules and settings; told once, and not for what they held before."""
    (app / name).write_text("anew")
    assert watched.look() == Changes(app=(app / name,))
    os.utime(app / name)
    assert watched.look() == Changes()


@pytest.mark.parametrize(
    "name", ["jobs/notes.txt", "docs/notes.md", "other.py", "src/__pycache__/m.pyc"]
)
def test_other_files_change_nothing(name: str, watched: Watched, app: Path) -> None:
    """Modules that the app does not import, texts, what Python leaves."""
    (app / name).parent.mkdir(exist_ok=True)
    (app / name).write_text("anew")
    assert watched.look() == Changes()


def test_hidden_folders_and_environments_are_not_looked_into(app: Path) -> None:
    """Nor a cloud assembly: an app would be synthesized for what its synth wrote."""
    for name in (
        ".git/x.json",
        "env/pyvenv.cfg",
        "env/y.json",
        "cdk.out/z.json",
        "node_modules/p/w.json",
    ):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text("")
    watched = Watched(app, sources(app), time.time_ns())
    for name in (".git/x.json", "env/y.json", "cdk.out/z.json", "node_modules/p/w.json"):
        (app / name).write_text("anew")
    assert watched.look() == Changes()
    assert watched.folders() == {app, app / "jobs", app / "src", app / "docs"}


def test_an_app_without_steps_has_all_its_modules_watched(app: Path) -> None:
    """It says nothing of what it imports."""
    watched = Watched(app, Sources(), time.time_ns())
    (app / "other.py").write_text("anew")
    assert watched.look() == Changes(app=(app / "other.py",))


def test_requirements_need_a_synth(app: Path) -> None:
    """The app reads them, and takes along what they name."""
    file = app / "jobs" / "pandas.txt"
    file.write_text("pandas")
    bundle = SourceBundle(DIGEST, (Source("requirements/pandas.txt", file),))
    watched = Watched(app, Sources((bundle,), (app / "app.py",)), time.time_ns())
    file.write_text("pandas==2")
    assert watched.look() == Changes(app=(Path("requirements/pandas.txt"),))


def test_bundles_that_held_the_same_need_a_synth(app: Path) -> None:
    """In the cloud they are one: which step runs the edited one, a synth knows."""
    twin = app / "jobs" / "twin.py"
    shutil.copy(app / "jobs" / "clean.py", twin)
    bundles = tuple(
        SourceBundle(DIGEST, (Source("code/clean.py", path),))
        for path in (app / "jobs" / "clean.py", twin)
    )
    watched = Watched(app, Sources(bundles, (app / "app.py",)), time.time_ns())
    twin.write_text("anew")
    assert watched.look() == Changes(app=(Path("code/clean.py"),))


def test_what_was_saved_during_the_synth_has_changed(app: Path) -> None:
    """Whether the synth saw it, nobody knows."""
    since = time.time_ns()
    (app / "jobs" / "clean.py").write_text("anew")
    (app / "app.py").write_text("anew")
    watched = Watched(app, sources(app), since)
    found = watched.look()
    assert found.app == (app / "app.py",)
    assert [(edit.digest, edit.is_deployed) for edit in found.edits] == [(DIGEST, False)]
    assert watched.look() == Changes()
