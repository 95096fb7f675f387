"""Which files of this machine a bundle was made of, told to who watches them for changes.

A synth keeps no path of the machine it ran on. One that is asked to, by the environment variable
`SOURCES_VARIABLE`, writes them to the file that the variable names: a line of JSON a bundle.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import (
    Bundle,
    File,
    LeadsOutError,
    files_of_folder,
    package_zip,
)

__all__ = ["SOURCES_VARIABLE", "Source", "SourceBundle", "note_sources", "read_sources"]

SOURCES_VARIABLE = "CDK_SAGEMAKER_PROCESSING_SOURCES"
"""The environment variable that names the file to write sources to."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file of a bundle came from.

    Attributes:
        name: Its path in the bundle, such as `code/split.py`.
        path: Where it lies on disk; None for a file that was made.
        folder: The folder that goes along whole, if it is of one: a file of it, or a zip of it.
    """

    name: str
    path: Path | None = None
    folder: Path | None = None

    @property
    def is_made(self) -> bool:
        """Whether it is of no file of this machine."""
        return self.path is None and self.folder is None

    @property
    def below(self) -> str:
        """What the names of its folder's files begin with."""
        if self.path is None or self.folder is None:
            return self.name.rpartition("/")[0]
        return self.name.removesuffix(f"/{self.path.relative_to(self.folder).as_posix()}")


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """What a bundle was made of.

    Attributes:
        digest: The bundle's.
        sources: Its files.
    """

    digest: str
    sources: tuple[Source, ...]

    def files(self) -> list[File] | None:
        """The bundle's files as they are now on disk, without those that were made.

        Returns:
            None if one is not there, or a folder cannot go along as it is now.
        """
        alone = [one for one in self.sources if one.path and not one.folder]
        found = [File(one.name, path=one.path) for one in alone]
        try:
            for folder, below, is_zip in self._folders():
                contents = (
                    package_zip(folder, below)
                    if is_zip
                    else files_of_folder(folder, below, self._named(folder))
                )
                found += contents.files
        except (LeadsOutError, OSError):
            return None
        return found if all(one.path is None or one.path.is_file() for one in found) else None

    def paths(self) -> set[Path]:
        """The files and whole folders that it is made of."""
        return {path for one in self.sources if (path := one.folder or one.path)}

    def made(self) -> list[str]:
        """The names of its files that are of none of this machine."""
        return [one.name for one in self.sources if one.is_made]

    def _folders(self) -> list[tuple[Path, str, bool]]:
        found = [(one.folder, one.below, one.path is None) for one in self.sources if one.folder]
        return list(dict.fromkeys(found))

    def _named(self, folder: Path) -> list[Path]:
        return [one.path for one in self.sources if one.folder == folder and one.path]


def note_sources(digest: str, bundle: Bundle) -> None:
    """Write down what a bundle is made of, if this synth is asked to.

    Args:
        digest: The bundle's digest.
        bundle: The bundle.
    """
    wanted = os.environ.get(SOURCES_VARIABLE)
    if not wanted:
        return
    files = [
        {
            "name": one.name,
            "path": one.path and str(one.path),
            "folder": one.folder and str(one.folder),
        }
        for one in bundle.files.values()
    ]
    with Path(wanted).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"digest": digest, "files": files}) + "\n")


def read_sources(file: Path) -> tuple[SourceBundle, ...]:
    """Return what a synth's bundles were made of.

    Bundles that hold the same are one in the cloud, whatever they were made of: each is returned.

    Args:
        file: The file that the synth was told to write; none was written by an app that uploads
            nothing of this machine.
    """
    lines: Iterable[str] = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    return tuple(_bundle(json.loads(line)) for line in dict.fromkeys(lines))


def _bundle(read: dict[str, object]) -> SourceBundle:
    files = read["files"]
    assert isinstance(files, list)  # noqa: S101 - as it was written above
    return SourceBundle(
        str(read["digest"]),
        tuple(Source(one["name"], _path(one["path"]), _path(one["folder"])) for one in files),
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
