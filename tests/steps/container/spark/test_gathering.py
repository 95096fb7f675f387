"""Files of this machine that a Spark job takes along, from the folders that users name."""

from pathlib import Path

from cdk_sagemaker_processing.steps.container.spark.gathering import PY_FILES, gather


def test_a_folder_of_python_files_is_as_if_on_pythons_path(tmp_path: Path) -> None:
    """What can be imported from it goes along, packages without ``__init__.py`` too."""
    for name in (
        "module.py",
        "package/__init__.py",
        "space/deep/module.py",
        "data/table.csv",
        "no-name/module.py",
        "caches/__pycache__/module.py",
        ".hidden/module.py",
        "environment/pyvenv.cfg",
        "environment/lib/module.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    found = gather("submit_py_files", PY_FILES, [tmp_path])

    assert [file.name for file in found.files] == [
        "py-files/module.py",
        "py-files/package.zip",
        "py-files/space.zip",
    ]
    assert found.problems == ()


def test_a_folder_of_other_files_stands_for_those_right_in_it(tmp_path: Path) -> None:
    """Spark takes no folder."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "a.json").touch()

    found = gather("submit_files", "files", [tmp_path])

    assert [file.name for file in found.files] == ["files/a.json"]
