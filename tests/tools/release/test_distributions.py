"""What is given out is what is committed."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tools.release.distributions import PACKAGE, build, differences

PYPROJECT = f"""
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "cdk-sagemaker-processing"
version = "0.0.7"
requires-python = ">=3.11"
license-files = ["LICENSE"]

[tool.hatch.build.targets.wheel]
packages = ["constructs/{PACKAGE}"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a package of one module, committed."""
    root = tmp_path / "project"
    package = root / "constructs" / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (root / "LICENSE").write_text("as you like")
    (root / "pyproject.toml").write_text(PYPROJECT)
    for arguments in (
        ("init", "--quiet"),
        ("add", "--all"),
        ("-c", "user.name=nobody", "-c", "user.email=nobody@example.com", "commit", "-qm", "first"),
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)  # noqa: S607 - the system's own
    return root


def test_what_lies_about_is_not_given_out(project: Path, tmp_path: Path) -> None:
    """Both are of the commit; an older build's files are taken away."""
    (project / "constructs" / PACKAGE / "draft.py").write_text("")
    target = tmp_path / "dist"
    target.mkdir()
    (target / f"{PACKAGE}-0.0.6-py3-none-any.whl").write_text("older")

    made = build(project, tmp_path, target)

    assert sorted(path.name for path in target.glob(f"{PACKAGE}*")) == [
        f"{PACKAGE}-0.0.7-py3-none-any.whl",
        f"{PACKAGE}-0.0.7.tar.gz",
    ]
    assert sorted(made.wheel.parent.glob("*.whl")) == [made.wheel]
    assert differences(project, made.wheel) == []


def test_what_a_wheel_lacks_or_has_beyond_is_told(project: Path, tmp_path: Path) -> None:
    """By its path in the wheel."""
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{PACKAGE}/draft.py", "")
        archive.writestr(f"{PACKAGE}-0.0.7.dist-info/METADATA", "")

    assert differences(project, wheel) == [
        f"the wheel lacks {PACKAGE}/__init__.py",
        f"the wheel has {PACKAGE}/draft.py, which is not committed",
        "the wheel lacks the licence",
    ]
