"""Local files gathered for a job."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from cdk_sagemaker_processing.code.bundle import (
    Bundle,
    File,
    LeadsOutError,
    files_of_folder,
    package_zip,
)


def bundle_of(*files: File) -> Bundle:
    """A bundle of some files."""
    bundle = Bundle()
    bundle.add(files)
    return bundle


def test_its_digest_is_of_names_and_contents() -> None:
    """Another name or another content is another place; the order is not."""
    one, two = File("code/a.py", content=b"a"), File("code/b.py", content=b"b")

    assert bundle_of(one, two).digest() == bundle_of(two, one).digest()
    assert bundle_of(one).digest() != bundle_of(File("code/c.py", content=b"a")).digest()
    assert bundle_of(one).digest() != bundle_of(File("code/a.py", content=b"A")).digest()


def test_a_file_on_disk_counts_as_what_it_holds(tmp_path: Path) -> None:
    """Where it lies and when it was touched are nothing to the job."""
    (tmp_path / "x.py").write_bytes(b"a")

    assert bundle_of(File("code/a.py", path=tmp_path / "x.py")).digest() == (
        bundle_of(File("code/a.py", content=b"a")).digest()
    )


def test_a_folder_is_taken_without_caches(tmp_path: Path) -> None:
    """No compiled file goes along, no environment, and no cloud assembly, which holds the files."""
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.py").write_text("")
    (tmp_path / "a.py").write_text("")
    for folder, mark in (
        ("assembly", "cdk.out"),
        ("assembly in the making", f"asset.{'0' * 32}.d"),
        ("environment", "pyvenv.cfg"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / mark).write_text("")
        (tmp_path / folder / "c.py").write_text("")

    assert [one.name for one in files_of_folder(tmp_path, "code")] == [
        "code/a.py",
        "code/deep/b.py",
    ]


def test_a_link_within_the_folder_is_what_it_leads_to(tmp_path: Path) -> None:
    """A file may have two names; a link in a circle is followed once."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "text.py").write_text("")
    (tmp_path / "text.py").symlink_to(tmp_path / "common" / "text.py")
    (tmp_path / "circle").symlink_to(tmp_path)

    assert [one.name for one in files_of_folder(tmp_path, "code")] == [
        "code/common/text.py",
        "code/text.py",
    ]


@pytest.mark.parametrize("target", ["secret.txt", "."])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, target: str) -> None:
    """It could carry off what nobody meant to upload; left out, the job would miss it."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    (tmp_path / "secret.txt").write_text("")
    (jobs / "__init__.py").write_text("")
    (jobs / "link").symlink_to(tmp_path / target)

    for gather in (files_of_folder, package_zip):
        with pytest.raises(LeadsOutError, match=r"link.*leads out of the folder"):
            gather(jobs, "code")


def test_a_package_is_a_zip_with_the_package_at_its_root(tmp_path: Path) -> None:
    """Python imports it from the zip by its own name; equal files make equal bytes."""
    package = tmp_path / "flights"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")

    first = package_zip(package, "py-files")
    os.utime(package / "__init__.py", (1, 1))
    second = package_zip(package, "py-files")

    assert first.name == "py-files/flights.zip"
    assert first.read() == second.read()
    assert zipfile.ZipFile(io.BytesIO(first.read())).namelist() == ["flights/__init__.py"]
