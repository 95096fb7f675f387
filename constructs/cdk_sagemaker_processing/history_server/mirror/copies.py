"""The local copies of event logs.

Spark's server takes a log whose name ends in `.inprogress` as it is, cut in mid-line or not, and
answers 500 for any other that is cut. So an uncompressed log is `NAME.inprogress` until its last
lines say that it is finished. Whatever is fetched whole is fetched beside the logs and put in place
by a rename.
"""

import os
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

from .ended import has_ended
from .event_logs import IN_PROGRESS, EventLog, Kind, Version
from .fetching import fetch, open_continuation
from .listing import Object


class State(Enum):
    """What the server takes a copy for."""

    RUNNING = "running"
    FINISHED = "finished"


class Copies:
    """The folder of the logs.

    Which versions of objects they hold is remembered; after a restart, a file of an object's size
    and time is taken for it.

    Args:
        s3: A boto3 client of S3.
        logs: The folder that the server reads.
        partial: A folder for what is not whole yet, on the same file system.
    """

    def __init__(self, s3: Any, logs: Path, partial: Path) -> None:
        self._s3 = s3
        self._logs = logs
        self._partial = partial
        # Of a log that is being brought, nothing: if that fails, none of its files is current.
        self._held: dict[str, dict[str, Version]] = {}

    def holds(self, log: EventLog) -> bool:
        """Whether the copy is known to be the log as it was listed."""
        return self._held.get(log.name) == log.versions

    def has_held(self, name: str) -> bool:
        """Whether some version of a log is here, read to its end."""
        return bool(self._held.get(name))

    def names(self) -> set[str]:
        """Return the names of all logs of which anything is here."""
        found = [*self._logs.iterdir(), *self._partial.iterdir()]
        return {each.name.removesuffix(IN_PROGRESS) for each in found}

    def size(self) -> int:
        """Return how much of the disk they take, in bytes."""
        return sum(_sizes(self._logs)) + sum(_sizes(self._partial))

    def state(self, name: str) -> State | None:
        """Tell what the server takes a log for; None if it is not here."""
        if self._running(name).exists():
            return State.RUNNING
        final = self._final(name)
        if not final.exists():
            return None
        being_written = final.is_dir() and any(final.glob(f"*{IN_PROGRESS}"))
        return State.RUNNING if being_written else State.FINISHED

    def bring(self, log: EventLog) -> None:
        """Make the copy of a log what the log was when it was listed.

        Raises:
            ObjectChangedError: If it is no longer what was listed.
        """
        self._clear_way(log)
        current = self._current(log)
        self._held[log.name] = {}
        match log.kind:
            case Kind.PLAIN:
                self._bring_plain(log, current)
            case Kind.COMPRESSED:
                self._bring_compressed(log, current)
            case Kind.ROLLED:
                self._bring_rolled(log, current)
        # An earlier fetch may have been interrupted.
        _drop(self._partial / log.name)
        self._held[log.name] = log.versions

    def remove(self, name: str) -> None:
        """Remove all of a log."""
        self._held.pop(name, None)
        for path in (self._final(name), self._running(name), self._partial / name):
            _drop(path)

    def _bring_plain(self, log: EventLog, current: AbstractSet[str]) -> None:
        ((file, each),) = log.files.items()
        final, running = self._final(log.name), self._running(log.name)
        here = self._plain(log.name)
        if file not in current:
            here = self._grown(log.name, each) or self._fetched(log.name, each)
        place, other = (final, running) if has_ended(here) else (running, final)
        here.replace(place)
        other.unlink(missing_ok=True)

    def _grown(self, name: str, each: Object) -> Path | None:
        """Add what is new to an uncompressed copy, if the object continues it."""
        here = self._plain(name)
        rest = open_continuation(self._s3, each, here)
        if rest is None:
            return None
        if rest.missing:
            # From now on it may be cut.
            here = here.replace(self._running(name))
        rest.append_to(here)
        return here

    def _bring_compressed(self, log: EventLog, current: AbstractSet[str]) -> None:
        ((file, each),) = log.files.items()
        place = self._logs / file
        if file not in current:
            self._fetched(log.name, each).replace(place)
        for other in {self._final(log.name), self._running(log.name)} - {place}:
            other.unlink(missing_ok=True)

    def _bring_rolled(self, log: EventLog, current: AbstractSet[str]) -> None:
        folder, staged = self._final(log.name), self._partial / log.name
        new = [file for file in log.files if file not in current]
        staged.mkdir(exist_ok=True)
        for file in new:
            fetch(self._s3, log.files[file], staged / file)
        if not folder.exists():
            staged.rename(folder)
        else:
            for file in new:
                (staged / file).replace(folder / file)
        for other in {each.name for each in folder.iterdir()} - log.files.keys():
            _drop(folder / other)

    def _fetched(self, name: str, each: Object) -> Path:
        staged = self._partial / name
        fetch(self._s3, each, staged)
        return staged

    def _current(self, log: EventLog) -> set[str]:
        """The files of a log that are here as they were listed."""
        known = self._held.get(log.name)
        return {
            file
            for file, each in log.files.items()
            if (
                _looks_like(self._path(log, file), each)
                if known is None
                else known.get(file) == log.versions[file]
            )
        }

    def _path(self, log: EventLog, file: str) -> Path:
        match log.kind:
            case Kind.PLAIN:
                return self._plain(log.name)
            case Kind.COMPRESSED:
                return self._logs / file
            case Kind.ROLLED:
                return self._final(log.name) / file

    def _plain(self, name: str) -> Path:
        """Where an uncompressed copy is, or is going to be."""
        final = self._final(name)
        return final if final.exists() else self._running(name)

    def _final(self, name: str) -> Path:
        return self._logs / name

    def _running(self, name: str) -> Path:
        return self._logs / f"{name}{IN_PROGRESS}"

    def _clear_way(self, log: EventLog) -> None:
        """Remove what had the log's name and is of another kind."""
        name = log.name
        for path in (self._final(name), self._running(name), self._partial / name):
            if path.exists() and path.is_dir() != (log.kind is Kind.ROLLED):
                _drop(path)


def _looks_like(file: Path, each: Object) -> bool:
    if not file.exists():
        return False
    found = file.stat()
    return (found.st_size, int(found.st_mtime)) == (each.size, int(each.modified))


def _drop(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, files in os.walk(folder):
        for file in files:
            # It may just be moving.
            with suppress(FileNotFoundError):
                yield (Path(root) / file).stat().st_size
