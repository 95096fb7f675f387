"""What of an app and its code has changed on disk since it was deployed."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.code.sources import SourceBundle, Sources
from cdk_sagemaker_processing.local.watching.folders import Mark, files_in, folders_below, mark_of

__all__ = ["Changes", "Edit", "Watched"]

# What an app reads beside its modules. A text file of another kind is data of jobs as a rule.
_SETTINGS = frozenset({".json", ".toml", ".yaml", ".yml"})
# An app looks into requirements at synth, and takes along the files that they name.
_REQUIREMENTS = "requirements/"

_Contents = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """A bundle that is another on disk.

    Attributes:
        digest: The digest of the bundle that is deployed.
        files: Its files as they are now, without those that the app made.
        made: The names of those that the app made, which are as they were.
        names: The names of its files that changed, came or went.
        is_deployed: Whether it is on disk what is deployed: an edit was undone.
    """

    digest: str
    files: tuple[File, ...]
    made: tuple[str, ...]
    names: tuple[str, ...]
    is_deployed: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since the last look.

    Attributes:
        edits: The bundles that did.
        app: The app's own files that did: it must be synthesized anew.
    """

    edits: tuple[Edit, ...] = ()
    app: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything has."""
        return bool(self.edits or self.app)


class Watched:
    """The files that an app was synthesized from.

    Args:
        app_folder: The app's folder.
        sources: What its synth said that it was made of.
        since: When the synth began, in nanoseconds: what was written later may be in it or not,
            and has changed.
    """

    def __init__(self, app_folder: Path, sources: Sources, since: int) -> None:
        self._folder = app_folder
        self._modules = sources.modules
        self._bundles = [_Bundle(one, since) for one in sources.bundles]
        self._code = {path for one in sources.bundles for path in one.paths()}
        marks = {path: mark_of(path) for path in self._app_files()}
        self._app = {path: mark for path, mark in marks.items() if _is_before(mark, since)}
        self._app_contents = {path: _digest(path) for path in self._app}

    @property
    def files(self) -> int:
        """How many files of code there are."""
        return len({file for one in self._bundles for file in one.marks if file.is_file()})

    def folders(self) -> set[Path]:
        """The folders to watch, each without those in it."""
        found = set(folders_below(self._folder))
        # What a link leads to is edited elsewhere.
        for path in (*self._modules, *self._code):
            found |= {path.parent, path.resolve().parent}
        for path in self._code:
            found.update(folders_below(path))
        return found

    def look(self) -> Changes:
        """Return what has changed since the last look, or since the synth."""
        app = self._look_at_app()
        edits = [edit for one in self._bundles if (edit := one.look())]
        wrong = [edit for edit in edits if self._needs_synth(edit)]
        return Changes(
            tuple(edit for edit in edits if edit not in wrong),
            (*app, *(Path(name) for edit in wrong for name in edit.names)),
        )

    def _needs_synth(self, edit: Edit) -> bool:
        # Two bundles that held the same are one in the cloud: only a synth tells them apart.
        alike = sum(one.digest == edit.digest for one in self._bundles)
        return alike > 1 or any(name.startswith(_REQUIREMENTS) for name in edit.names)

    def _look_at_app(self) -> tuple[Path, ...]:
        before, self._app = self._app, {path: mark_of(path) for path in self._app_files()}
        touched = {
            path
            for path in before.keys() | self._app.keys()
            if before.get(path) != self._app.get(path)
        }
        contents = {path: _digest(path) for path in touched}
        changed = [path for path in touched if contents[path] != self._app_contents.get(path)]
        self._app_contents |= contents
        return tuple(sorted(changed))

    def _app_files(self) -> Iterator[Path]:
        yield from self._modules
        yield from (self._folder / name for name in ("app.py", "cdk.json"))
        kinds = _SETTINGS if self._modules else {*_SETTINGS, ".py"}
        for folder in folders_below(self._folder):
            for path in files_in(folder):
                if path.suffix in kinds and not self._is_code(path):
                    yield path

    def _is_code(self, path: Path) -> bool:
        return path in self._code or any(one in self._code for one in path.parents)


class _Bundle:
    def __init__(self, source: SourceBundle, since: int) -> None:
        self.digest = source.digest
        self._source = source
        self.marks = self._marks()
        self._deployed = _contents(source.files() or ())
        if not all(_is_before(mark, since) for mark in self.marks.values()):
            self.marks, self._deployed = {}, {}
        self._seen = self._deployed

    def look(self) -> Edit | None:
        """Return what it became, if it changed since the last look and is whole."""
        marks = self._marks()
        if marks == self.marks:
            return None
        files = self._source.files()
        if files is None:
            # Between the removal of a file and its return: editors write so.
            return None
        self.marks = marks
        contents = _contents(files)
        before, self._seen = self._seen, contents
        if contents == before:
            return None
        return Edit(
            digest=self.digest,
            files=tuple(files),
            made=tuple(self._source.made()),
            names=tuple(sorted(_differing(before, contents))),
            is_deployed=contents == self._deployed,
        )

    def _marks(self) -> Mapping[Path, Mark | None]:
        found: dict[Path, Mark | None] = {}
        for path in self._source.paths():
            found[path] = mark_of(path)
            for folder in folders_below(path):
                found |= {one: mark_of(one) for one in files_in(folder)}
        return found


def _is_before(mark: Mark | None, since: int) -> bool:
    return mark is None or mark.changed < since


def _contents(files: Iterable[File]) -> _Contents:
    return {file.name: file.digest() for file in files}


def _differing(before: _Contents, after: _Contents) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
