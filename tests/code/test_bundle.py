"""Local files gathered for a job."""

import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.code.bundle import (
    Bundle,
    File,
    LeadsOutError,
    files_of_folder,
    holds_python,
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
    assert zipfile.ZipFile(io.BytesIO(first.read())).namelist() == [
        "flights/",
        "flights/__init__.py",
    ]


NAMES = st.from_regex(r"[a-z][a-z0-9_ '\"é]{0,8}", fullmatch=True)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=4).map(tuple), st.binary(max_size=64), max_size=8
)


def write_tree(folder: Path, tree: dict[tuple[str, ...], bytes]) -> dict[str, bytes]:
    """Files of a folder by their paths in it; folders have names of their own kind."""
    written = {}
    for (*parents, name), content in tree.items():
        path = folder.joinpath(*(f"{parent}_d" for parent in parents), f"{name}.bin")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written[path.relative_to(folder).as_posix()] = content
    return written


@given(tree=TREES)
def test_every_file_of_a_folder_is_in_it_once(tree: dict[tuple[str, ...], bytes]) -> None:
    """As files and as a zip, each under its own path and with its own bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "pack"
        folder.mkdir()
        written = write_tree(folder, tree)

        files = files_of_folder(folder, "code")
        archive = zipfile.ZipFile(io.BytesIO(package_zip(folder, "py-files").read()))

        assert {one.name: one.read() for one in files} == {
            f"code/{path}": content for path, content in written.items()
        }
        assert {one: archive.read(one) for one in archive.namelist() if one[-1] != "/"} == {
            f"pack/{path}": content for path, content in written.items()
        }
        assert len(files) == len(written)
        assert bundle_of(*files).digest() == bundle_of(*reversed(files)).digest()


@given(tree=TREES.filter(bool), salt=st.binary(min_size=1, max_size=4))
def test_any_change_of_a_file_is_another_place(
    tree: dict[tuple[str, ...], bytes], salt: bytes
) -> None:
    """Of its name, of its content, and of there being one more."""
    files = [File("code/" + "/".join(path), content=content) for path, content in tree.items()]
    first = files[0]
    one = bundle_of(*files).digest()

    for changed in (
        File(first.name, content=first.read() + salt),
        File(f"{first.name}x", content=first.read()),
    ):
        assert bundle_of(changed, *files[1:]).digest() != one
    assert bundle_of(*files, File("code/one more", content=salt)).digest() != one


def test_a_package_without_init_is_found_in_its_zip(tmp_path: Path) -> None:
    """At the root and below: as it is found in the folder, so it is found in the zip."""
    package = tmp_path / "space"
    (package / "deep" / "deeper").mkdir(parents=True)
    (package / "deep" / "deeper" / "module.py").write_text("x = 1\n")
    archive = tmp_path / "space.zip"
    archive.write_bytes(package_zip(package, "py-files").read())

    code = f"import sys; sys.path[:0] = [{str(archive)!r}]; import space.deep.deeper.module as m"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{code}; print(m.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith(str(archive))


def test_a_folder_holds_python_wherever_a_module_lies_in_it(tmp_path: Path) -> None:
    """But not for the sake of caches, environments or another language."""
    for name in ("deep/module.py", "cache/__pycache__/module.py", "data/table.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "venv" / "module.py").touch()

    held = {one.name: holds_python(one) for one in tmp_path.iterdir()}

    assert held == {"deep": True, "cache": False, "data": False, "venv": False}
    assert holds_python(tmp_path)
