"""Which files of this machine an app and its bundles were made of, told to who watches them.

A synth keeps no path of the machine it ran on. One that is asked to, by the environment variable
`SOURCES_VARIABLE`, writes them to the file that the variable names: a line of JSON a bundle, and
at its end one of the Python modules that it ran.
"""

import atexit
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import (
    Bundle,
    File,
    LeadsOutError,
    files_of_folder,
    package_zip,
)

__all__ = ["SOURCES_VARIABLE", "Source", "SourceBundle", "Sources", "note_sources", "read_sources"]

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


@dataclass(frozen=True, slots=True)
class Sources:
    """What an app was made of.

    Attributes:
        bundles: Its bundles. Those that hold the same are one in the cloud, whatever they were
            made of: each is here.
        modules: The Python modules that it ran, without those of installed packages.
    """

    bundles: tuple[SourceBundle, ...] = ()
    modules: tuple[Path, ...] = ()


def note_sources(digest: str, bundle: Bundle) -> None:
    """Write down what a bundle is made of, if this synth is asked to.

    Args:
        digest: The bundle's digest.
        bundle: The bundle.
    """
    wanted = os.environ.get(SOURCES_VARIABLE)
    if not wanted:
        return
    files = [(one.name, _text(one.path), _text(one.folder)) for one in bundle.files.values()]
    _write(wanted, {"digest": digest, "files": files})
    _note_modules_at_exit(wanted)


def read_sources(file: Path) -> Sources:
    """Return what a synth was made of.

    Args:
        file: The file that the synth was told to write; an app that uploads nothing of this
            machine writes none.
    """
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    read = [json.loads(line) for line in dict.fromkeys(lines)]
    modules = {Path(path) for one in read for path in one.get("modules", ())}
    return Sources(
        tuple(
            SourceBundle(one["digest"], tuple(Source(*_paths(file)) for file in one["files"]))
            for one in read
            if "digest" in one
        ),
        tuple(sorted(modules)),
    )


@cache
def _note_modules_at_exit(wanted: str) -> None:
    # At the exit the main module says no more which file it is of.
    main = getattr(sys.modules["__main__"], "__file__", None)
    atexit.register(lambda: _write(wanted, {"modules": _modules(main)}))


def _modules(main: str | None) -> list[str]:
    """The modules of this process that are an app's own: no package's, nothing of Python's."""
    modules = list(sys.modules.values())
    files = (main, *(getattr(module, "__file__", None) for module in modules))
    absolute = (os.path.abspath(file) for file in files if file)  # noqa: PTH100 - as in sys.path
    own = Path(__file__).parents[1]
    return [
        file
        for file in absolute
        if not file.startswith((sys.base_prefix + os.sep, sys.prefix + os.sep))
        and not Path(file).is_relative_to(own)
    ]


def _write(file: str, line: object) -> None:
    with Path(file).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _paths(written: Sequence[str]) -> tuple[str, Path | None, Path | None]:
    name, path, folder = written
    return name, Path(path) if path else None, Path(folder) if folder else None
