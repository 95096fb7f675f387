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
    Contents,
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


def names(contents: Contents) -> list[str]:
    """The names of what goes along."""
    return [one.name for one in contents.files]


def unzipped(contents: Contents) -> zipfile.ZipFile:
    """The only file that goes along, which is a zip."""
    (file,) = contents.files
    return zipfile.ZipFile(io.BytesIO(file.read()))


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

    assert names(files_of_folder(tmp_path, "code")) == [
        "code/a.py",
        "code/deep/b.py",
    ]


def test_a_link_within_the_folder_is_what_it_leads_to(tmp_path: Path) -> None:
    """A file may have two names; a link in a circle is followed once."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "text.py").write_text("")
    (tmp_path / "text.py").symlink_to(tmp_path / "common" / "text.py")
    (tmp_path / "circle").symlink_to(tmp_path)

    assert names(files_of_folder(tmp_path, "code")) == [
        "code/common/text.py",
        "code/text.py",
    ]


LEADING_OUT = [
    "{above}/secret.txt",
    "../secret.txt",
    "..",
    "{above}",
    "/",
    "../jobs-too",
    "deep/../../secret.txt",
    "../nothing there",
    "way out",
]


@pytest.mark.parametrize("target", LEADING_OUT)
@pytest.mark.parametrize("place", ["link", "deep/link", "deep/deeper/link"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, target: str, place: str) -> None:
    """To a file or a folder, at once or by another link; as files and as a zip."""
    jobs = tmp_path / "jobs"
    for folder in (jobs / "deep" / "deeper", tmp_path / "jobs-too"):
        folder.mkdir(parents=True)
        (folder / "module.py").touch()
    (tmp_path / "secret.txt").touch()
    (jobs / "way out").symlink_to(tmp_path / "secret.txt")
    up = "../" * place.count("/")
    way = target.format(above=tmp_path)
    (jobs / place).symlink_to(way if way.startswith("/") else up + way)

    for gather in (files_of_folder, package_zip):
        with pytest.raises(LeadsOutError, match=r"(link|way out).*leads out of the folder, to '/"):
            gather(jobs, "code")


def test_a_folder_that_is_a_link_itself_is_what_it_leads_to(tmp_path: Path) -> None:
    """The user named it; what leads out of the true folder is still refused."""
    (tmp_path / "true").mkdir()
    (tmp_path / "true" / "a.py").touch()
    (tmp_path / "named").symlink_to(tmp_path / "true")

    assert names(files_of_folder(tmp_path / "named", "code")) == ["code/a.py"]
    (tmp_path / "b.py").touch()
    (tmp_path / "true" / "b.py").symlink_to("../b.py")
    with pytest.raises(LeadsOutError):
        files_of_folder(tmp_path / "named", "code")


def test_links_in_circles_end(tmp_path: Path) -> None:
    """A link to itself, two to each other, two folders each within the other, one to `..`."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").touch()
    for name, target in (
        ("itself", "itself"),
        ("left", "right"),
        ("right", "left"),
        ("one/two", "../two"),
        ("two/one", "../one"),
        ("two/up", ".."),
    ):
        (tmp_path / name).symlink_to(target)

    assert names(files_of_folder(tmp_path, "code")) == [
        "code/one/a.py",
        "code/one/two/a.py",
        "code/two/a.py",
        "code/two/one/a.py",
    ]
    assert set(unzipped(package_zip(tmp_path, "py-files")).namelist()) >= {
        f"{tmp_path.name}/two/one/a.py"
    }


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    """A pipe would be waited for without end; a link to nothing has nothing."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "a.py").touch()

    assert names(files_of_folder(tmp_path, "code")) == ["code/a.py"]


SECRETS = [".env", ".git/config", "deep/server.pem", "deep/.aws/credentials"]


def test_what_may_hold_secrets_is_left_out_and_told(tmp_path: Path) -> None:
    """Of folders and of packages; a folder is told once, not by each of its files."""
    for name in ("a.py", "deep/b.py", *SECRETS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    left_out = {tmp_path / one for one in (".env", ".git", "deep/server.pem", "deep/.aws")}

    folder, package = files_of_folder(tmp_path, "code"), package_zip(tmp_path, "py-files")

    assert names(folder) == ["code/a.py", "code/deep/b.py"]
    assert [one for one in unzipped(package).namelist() if one[-1] != "/"] == [
        f"{tmp_path.name}/a.py",
        f"{tmp_path.name}/deep/b.py",
    ]
    assert set(folder.left_out) == set(package.left_out) == left_out


def test_a_file_that_the_user_named_goes_along(tmp_path: Path) -> None:
    """It alone, and under its own path."""
    (tmp_path / "certs").mkdir()
    for name in ("ca.pem", "server.pem"):
        (tmp_path / "certs" / name).touch()

    found = files_of_folder(tmp_path, "code", [tmp_path / "certs" / "ca.pem"])

    assert names(found) == ["code/certs/ca.pem"]
    assert found.left_out == (tmp_path / "certs" / "server.pem",)


def test_a_package_is_a_zip_with_the_package_at_its_root(tmp_path: Path) -> None:
    """Python imports it from the zip by its own name; equal files make equal bytes."""
    package = tmp_path / "flights"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")

    (first,) = package_zip(package, "py-files").files
    os.utime(package / "__init__.py", (1, 1))
    (second,) = package_zip(package, "py-files").files

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

        files = files_of_folder(folder, "code").files
        archive = unzipped(package_zip(folder, "py-files"))

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
    archive.write_bytes(package_zip(package, "py-files").files[0].read())

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
