"""From the objects in S3 to event logs with names that Spark's server understands.

The server lists one folder, flat, and takes from a log's name whether it is being written
(`.inprogress`), whether it is compressed (the codec behind the last dot) and whether it is rolled
(a folder named `eventlog_v2_…`): Spark's EventLogFileWriter and EventLogFileReader.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from .listing import Object

IN_PROGRESS = ".inprogress"

Version = tuple[str, str, str]
"""Bucket, key and ETag of an object: another one for any other content."""

_ROLLED = "eventlog_v2_"
_EVENTS = "events_"
_STATUS = "appstatus_"
# Spark's short names of codecs, and the usual ones of files.
_CODECS = {"gz", "lz4", "lzf", "snappy", "zst", "zstd"}
# The server's JVM need not speak UTF-8, and a colon in one name keeps Hadoop from listing any.
_UNSAFE = re.compile(r"[^A-Za-z0-9._=+@,-]")
_LONGEST_NAME = 200


class Kind(Enum):
    """How a log is stored."""

    PLAIN = "plain"
    COMPRESSED = "compressed"
    ROLLED = "rolled"


@dataclass(frozen=True, slots=True)
class EventLog:
    """An event log.

    Attributes:
        name: What it is called in the local folder, without `.inprogress`.
        kind: How it is stored.
        files: Its objects by their local names: one, named as the log and, for a compressed one
            that is being written, `.inprogress`; of a rolled log the files of its
            folder, the status last.
    """

    name: str
    kind: Kind
    files: Mapping[str, Object]

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(each.size for each in self.files.values())

    @property
    def modified(self) -> float:
        """When it was last written, in seconds since 1970."""
        return max(each.modified for each in self.files.values())

    @property
    def versions(self) -> dict[str, Version]:
        """Of each file which object it is, and in what version."""
        return {name: (each.bucket, each.key, each.etag) for name, each in self.files.items()}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a log is in S3: the key of its object without `.inprogress`, or of its folder."""

    bucket: str
    key: str
    rolled: bool

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


def gather_logs(objects: Iterable[Object]) -> dict[str, EventLog]:
    """Return the event logs that objects make up, by name.

    Of logs with the same name the first keeps it, the others get a hash of their place behind it.

    Args:
        objects: Of all sources, in an order that stays.
    """
    groups: dict[_Place, dict[str, Object]] = {}
    for each in objects:
        if place := _place(each):
            # Sources that overlap list an object twice.
            groups.setdefault(place, {})[each.key] = each
    logs: dict[str, EventLog] = {}
    for place, keys in groups.items():
        if place.rolled and not _is_whole(keys):
            continue
        name = _local_name(place)
        if name in logs:
            name = _told_apart(name, place)
        logs[name] = _rolled(name, keys) if place.rolled else _single(name, keys)
    return logs


def _place(each: Object) -> _Place | None:
    """The log that an object belongs to, None for what is no part of a log."""
    folder, _, name = each.key.rpartition("/")
    # Hadoop's checksums and unfinished files begin with a dot; the mark of a folder has no name.
    if not name or any(part.startswith(".") for part in each.path):
        return None
    if len(each.path) > 1 and each.path[-2].startswith(_ROLLED):
        return _Place(each.bucket, folder, rolled=True)
    return _Place(each.bucket, _finished(each.key), rolled=False) if each.size else None


def _is_whole(keys: Iterable[str]) -> bool:
    """Whether a rolled log has what the server asks for: events, and the status."""
    names = [key.rpartition("/")[2] for key in keys]
    return all(any(name.startswith(kind) for name in names) for kind in (_EVENTS, _STATUS))


def _single(name: str, keys: Mapping[str, Object]) -> EventLog:
    (each,) = _without_stale(keys).values()
    if not _codec(name):
        return EventLog(name, Kind.PLAIN, {name: each})
    ending = IN_PROGRESS if each.key.endswith(IN_PROGRESS) else ""
    return EventLog(name, Kind.COMPRESSED, {f"{name}{ending}": each})


def _rolled(name: str, keys: Mapping[str, Object]) -> EventLog:
    files = {_local_file(each): each for each in _without_stale(keys).values()}
    # The status goes last: it says that all the others are there.
    order = sorted(files, key=lambda file: (file.startswith(_STATUS), file))
    return EventLog(name, Kind.ROLLED, {file: files[file] for file in order})


def _without_stale(keys: Mapping[str, Object]) -> dict[str, Object]:
    """Leave out `NAME.inprogress` where NAME is there as well."""
    return {
        key: each
        for key, each in keys.items()
        if key == _finished(key) or _finished(key) not in keys
    }


def _finished(key: str) -> str:
    return key.removesuffix(IN_PROGRESS)


def _local_name(place: _Place) -> str:
    name = _safe(place.name)
    codec = "" if place.rolled else _codec(name)
    stem = name.removesuffix(codec)
    local = stem.replace(".", "_") + codec
    return local if len(local) <= _LONGEST_NAME else _told_apart(local, place)


def _local_file(each: Object) -> str:
    """What a file of a rolled log is called: the server reads its beginning and its endings."""
    name = _safe(each.key.rpartition("/")[2])
    if len(name) <= _LONGEST_NAME:
        return name
    finished = _finished(name)
    ending = _codec(finished) + name[len(finished) :]
    return _marked(name, ending, f"{each.bucket}/{each.key}")


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)


def _codec(name: str) -> str:
    """The ending that names a codec, with its dot."""
    _, dot, ending = name.rpartition(".")
    return dot + ending if ending in _CODECS else ""


def _told_apart(name: str, place: _Place) -> str:
    return _marked(name, _codec(name), f"{place.bucket}/{place.key}")


def _marked(name: str, ending: str, uri: str) -> str:
    """A name with a mark of its place before its ending, cut to a length that disks take."""
    mark = hashlib.sha256(uri.encode()).hexdigest()[:8]
    return f"{name.removesuffix(ending)[:_LONGEST_NAME]}-{mark}{ending}"
