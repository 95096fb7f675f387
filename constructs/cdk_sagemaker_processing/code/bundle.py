"""Local files that a job needs, gathered and named; nothing here knows the CDK."""

import hashlib
import io
import os
import re
import stat
import time
import zipfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from cdk_sagemaker_processing.code.secret_files import may_hold_secrets

__all__ = [
    "Bundle",
    "Contents",
    "File",
    "LeadsOutError",
    "entries",
    "files_of_folder",
    "holds_python",
    "package_zip",
]

# Never part of what a job runs.
_USELESS = frozenset({"__pycache__", ".DS_Store", ".ipynb_checkpoints", "node_modules"})
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
            f"the link {str(link)!r} leads out of the folder, to {os.path.realpath(link)!r}: "
            "put a copy in its place, or give that file or folder by itself"
        )


@dataclass(frozen=True, slots=True)
class File:
    """One file of a bundle.

    Attributes:
        name: Its path in the bundle, such as ``code/split.py``.
        path: Where it lies on disk; None where ``content`` is given.
        content: What it holds, if it was made rather than found.
        folder: The folder that goes along whole, if it is of one: a file of it, or a zip of it.
    """

    name: str
    path: Path | None = None
    content: bytes | None = None
    folder: Path | None = None

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
        return _digest_of(self.path)


# The files that were read already, by what changes when their contents do.
_digests: dict[tuple[object, ...], str] = {}
# Within this time of the last, a change may leave no trace in a file's times: their clock ticks
# some hundred times a second, on some file systems every second or two.
_TICK_NANOSECONDS = 3_000_000_000


def _digest_of(path: Path) -> str:
    """The SHA-256 of a file, which is read once a process as long as it is left alone."""
    with path.open("rb") as opened:
        found = os.fstat(opened.fileno())
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key in _digests:
            return _digests[key]
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _TICK_NANOSECONDS:
        _digests[key] = digest
    return digest


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


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a folder goes along.

    Attributes:
        files: The files that do.
        left_out: The files and folders that do not, as they may hold secrets.
    """

    files: tuple[File, ...]
    left_out: tuple[Path, ...]


def files_of_folder(folder: Path, below: str, named: Container[Path] = ()) -> Contents:
    """Every file of a folder, named by its path in the folder under ``below``.

    Args:
        folder: The folder.
        below: What their names begin with.
        named: Files of the folder that the user named, so that they go along in any case.

    Raises:
        LeadsOutError: A link leads out of the folder.
    """
    found, left_out = _walk(folder, named)
    return Contents(
        tuple(
            File(f"{below}/{path.relative_to(folder).as_posix()}", path=path, folder=folder)
            for path in found
        ),
        tuple(left_out),
    )


def entries(folder: Path, root: Path | None = None) -> tuple[list[Path], list[Path]]:
    """What lies in a folder that may be of use to a job, and what of it may hold secrets.

    Args:
        folder: The folder.
        root: The folder of which it is a part, resolved: no link leads out of
            that; itself by default.

    Raises:
        LeadsOutError: A link leads out of the root.
    """
    root = root or _real(folder)
    found: list[Path] = []
    left_out: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name in _USELESS:
            continue
        if path.is_symlink() and not _real(path).is_relative_to(root):
            raise LeadsOutError(path)
        (left_out if may_hold_secrets(path, root) else found).append(path)
    return found, left_out


def holds_python(folder: Path) -> bool:
    """Whether a module lies in a folder or below it, so that Python can import from it."""
    if _is_marked(folder):
        return False
    inside = [
        one
        for one in folder.iterdir()
        if one.name not in _USELESS and not may_hold_secrets(one, folder)
    ]
    return any(one.suffix == ".py" and one.is_file() for one in inside) or any(
        one.is_dir() and not one.is_symlink() and holds_python(one) for one in inside
    )


def package_zip(folder: Path, below: str) -> Contents:
    """A Python package as a zip with the package at its root, the same bytes for the same files.

    Folders have entries of their own: without them Python finds no package in a zip
    that has no ``__init__.py``.

    Raises:
        LeadsOutError: A link leads out of the folder.
    """
    paths, left_out = _walk(folder)
    found = {f"{folder.name}/{path.relative_to(folder).as_posix()}": path for path in paths}
    folders = {f"{parent}/" for name in found for parent in PurePosixPath(name).parents[:-1]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted({*found, *folders}):
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = _FOLDER if name in folders else _PLAIN_FILE
            archive.writestr(info, b"" if name in folders else found[name].read_bytes())
    zipped = File(f"{below}/{folder.name}.zip", content=buffer.getvalue(), folder=folder)
    return Contents((zipped,), tuple(left_out))


def _walk(folder: Path, named: Container[Path] = ()) -> tuple[list[Path], list[Path]]:
    """The files below a folder and what may hold secrets; a link counts as what it leads to."""
    files: list[Path] = []
    left_out: list[Path] = []
    for path, is_secret in _found_below(folder, ()):
        (left_out if is_secret and path not in named else files).append(path)
    return files, left_out


def _found_below(folder: Path, above: tuple[Path, ...]) -> Iterator[tuple[Path, bool]]:
    """Each file below a folder, and whether it, or a folder that is not looked into, is secret."""
    inside = (*above, _real(folder))
    found, left_out = entries(folder, inside[0])
    yield from ((path, True) for path in left_out)
    for path in found:
        if path.is_file():
            yield path, False
        elif path.is_dir() and _real(path) not in inside and not _is_marked(path):
            yield from _found_below(path, inside)


def _real(path: Path) -> Path:
    # Path.resolve() raises on a link that leads to itself.
    return Path(os.path.realpath(path))


def _is_marked(folder: Path) -> bool:
    return any(one.name in _MARKS or _ASSET.match(one.name) for one in folder.iterdir())
