"""Local files that a job needs, gathered and named; nothing here knows the CDK."""

import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

__all__ = ["Bundle", "File", "LeadsOutError", "files_of_folder", "holds_python", "package_zip"]

# Never part of what a job runs.
_LEFT_OUT = frozenset({"__pycache__", ".git", ".DS_Store", ".ipynb_checkpoints", "node_modules"})
# What marks a folder that is not: a cloud assembly, which would take in itself, and a
# Python environment of this machine.
_MARKS = ("cdk.out", "pyvenv.cfg")
# A cloud assembly has its mark only at the end of the synth, its assets before.
_ASSET = re.compile(r"asset\.[0-9a-f]{32,64}\b")
# Zip archives cannot hold a time before 1980; any fixed time makes equal archives equal.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16
_FOLDER = (stat.S_IFDIR | 0o755) << 16


class LeadsOutError(ValueError):
    """A link in a folder that leads out of it, and could carry off what nobody meant to upload."""

    def __init__(self, link: Path) -> None:
        super().__init__(
            f"the link {str(link)!r} leads out of the folder, to {str(link.resolve())!r}: "
            "put a copy in its place, or give that file or folder by itself"
        )


@dataclass(frozen=True, slots=True)
class File:
    """One file of a bundle.

    Attributes:
        name: Its path in the bundle, such as ``code/split.py``.
        path: Where it lies on disk; None where ``content`` is given.
        content: What it holds, if it was made rather than found.
    """

    name: str
    path: Path | None = None
    content: bytes | None = None

    @property
    def base(self) -> str:
        """The last part of its name."""
        return self.name.rsplit("/", 1)[-1]

    def read(self) -> bytes:
        """What the file holds."""
        if self.content is not None:
            return self.content
        assert self.path is not None  # noqa: S101 # one of the two is given
        return self.path.read_bytes()

    def digest(self) -> str:
        """The SHA-256 of what the file holds, in hexadecimal."""
        if self.path is None:
            return hashlib.sha256(self.read()).hexdigest()
        with self.path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()


@dataclass(slots=True)
class Bundle:
    """The files of one step, addressed by their names and contents."""

    files: dict[str, File] = field(default_factory=dict)

    def add(self, files: Iterable[File]) -> None:
        """Put files in; of two with one name the later stays."""
        self.files.update({file.name: file for file in files})

    def digest(self) -> str:
        """32 hexadecimal digits that change when a name or a content does."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(f"{len(name)}:{name}:{self.files[name].digest()}\n".encode())
        return digest.hexdigest()[:32]


def files_of_folder(folder: Path, below: str) -> list[File]:
    """Every file of a folder, named by its path in the folder under ``below``.

    Raises:
        LeadsOutError: A link leads out of the folder.
    """
    return [
        File(f"{below}/{path.relative_to(folder).as_posix()}", path=path) for path in _walk(folder)
    ]


def holds_python(folder: Path) -> bool:
    """Whether a module lies in a folder or below it, so that Python can import from it."""
    if _is_marked(folder):
        return False
    inside = [one for one in folder.iterdir() if one.name not in _LEFT_OUT]
    return any(one.suffix == ".py" and one.is_file() for one in inside) or any(
        one.is_dir() and not one.is_symlink() and holds_python(one) for one in inside
    )


def package_zip(folder: Path, below: str) -> File:
    """A Python package as a zip with the package at its root, the same bytes for the same files.

    Folders have entries of their own: without them Python finds no package in a zip
    that has no ``__init__.py``.

    Raises:
        LeadsOutError: A link leads out of the folder.
    """
    found = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in _walk(folder)}
    folders = {f"{parent}/" for name in found for parent in PurePosixPath(name).parents[:-1]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted({*found, *folders}):
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _FOLDER if name in folders else _PLAIN_FILE
            archive.writestr(info, b"" if name in folders else found[name].read_bytes())
    return File(f"{below}/{folder.name}.zip", content=buffer.getvalue())


def _walk(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Every file below a folder; a link within it counts as what it leads to."""
    inside = (*above, folder.resolve())
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT:
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(inside[0]):
            raise LeadsOutError(path)
        if path.is_file():
            yield path
        elif path.is_dir() and path.resolve() not in inside and not _is_marked(path):
            yield from _walk(path, inside)


def _is_marked(folder: Path) -> bool:
    return any(one.name in _MARKS or _ASSET.match(one.name) for one in folder.iterdir())
