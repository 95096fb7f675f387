"""What the mirror is told by environment variables."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LAST_PORT = 65535


class BadSettingsError(ValueError):
    """Environment variables that the mirror cannot work with; the message names all of them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A prefix of a bucket with event logs below it.

    Attributes:
        bucket: The bucket.
        prefix: Empty for the whole bucket, else it ends with a slash.
    """

    bucket: str
    prefix: str

    @property
    def uri(self) -> str:
        """Its S3 URI."""
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the mirror is told.

    Attributes:
        folder: The volume that it shares with the server.
        port: Where the server listens.
        sources: Where the event logs are.
        poll_seconds: How long to wait between two looks at S3.
        disk_bytes: How much of the disk mirrored logs may take.
        idle_seconds: How long nobody may use the server before the task ends; None for ever.
        max_seconds: How long the task may run; None for ever.
    """

    folder: Path
    port: int
    sources: tuple[Source, ...]
    poll_seconds: float
    disk_bytes: int
    idle_seconds: float | None
    max_seconds: float | None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the variables HISTORY_….

    Raises:
        BadSettingsError: If some are missing or wrong.
    """
    reader = _Reader(environment)
    settings = Settings(
        folder=reader.folder("HISTORY_FOLDER"),
        port=int(reader.number("HISTORY_PORT", whole=True, most=_LAST_PORT)),
        sources=reader.sources("HISTORY_SOURCES"),
        poll_seconds=reader.number("HISTORY_POLL_SECONDS"),
        disk_bytes=int(reader.number("HISTORY_DISK_MIB", whole=True)) << 20,
        idle_seconds=reader.minutes("HISTORY_IDLE_MINUTES"),
        max_seconds=reader.minutes("HISTORY_MAX_MINUTES"),
    )
    if reader.problems:
        raise BadSettingsError("; ".join(reader.problems))
    return settings


class _Reader:
    """Reads one variable after the other and keeps what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def folder(self, name: str) -> Path:
        folder = Path(self._environment.get(name, ""))
        if not folder.is_absolute():
            self._refuse(name, "the absolute path of a folder")
        return folder

    def number(self, name: str, *, whole: bool = False, most: float = math.inf) -> float:
        try:
            value = float(self._environment.get(name, ""))
        except ValueError:
            value = math.nan
        if not 0 < value <= most or math.isinf(value) or (whole and value % 1):
            kind = "a whole number" if whole else "a number"
            end = "" if math.isinf(most) else f", at most {most:g}"
            self._refuse(name, f"{kind} above 0{end}")
            return 1
        return value

    def minutes(self, name: str) -> float | None:
        """Read a number of minutes, as seconds; it may be absent."""
        return self.number(name) * 60 if name in self._environment else None

    def sources(self, name: str) -> tuple[Source, ...]:
        try:
            uris = json.loads(self._environment.get(name, ""))
        except ValueError:
            uris = None
        if not isinstance(uris, list) or not uris or not all(_is_uri(each) for each in uris):
            self._refuse(name, 'a JSON list of S3 URIs, such as ["s3://bucket/spark-events/"]')
            return ()
        # The same place twice is one place.
        return tuple(dict.fromkeys(_source(each) for each in uris))

    def _refuse(self, name: str, allowed: str) -> None:
        came = self._environment.get(name)
        got = "it is not set" if came is None else f"got {came!r}"
        self.problems.append(f"{name} must be {allowed}, {got}")


def _is_uri(value: object) -> bool:
    return (
        isinstance(value, str)
        and bool(value.removeprefix("s3://").partition("/")[0])
        and (value.startswith("s3://"))
    )


def _source(uri: str) -> Source:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    # A folder, whichever way it is written: x must not take x-old along.
    return Source(bucket, prefix if not prefix or prefix.endswith("/") else f"{prefix}/")
