"""A job's log: a file that grows while the job runs, and the same lines in CloudWatch Logs."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol, Self

from botocore.exceptions import BotoCoreError, ClientError

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_INTERVAL = 1.0
# Enough for a Python traceback and the Java stack trace that PySpark puts after it.
_KEPT = 1000
# PutLogEvents takes 10,000 events and 1 MB, of which each event's own overhead is 26 bytes.
_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_OVERHEAD = 26
_LONGEST = 60_000
# How many characters wait for their delivery before a job that writes on has to wait as well.
_MOST_PENDING = 4_000_000
_OURS = "[local cloud]"


class LogStream(Protocol):
    """Where log events go besides the file."""

    def put(self, events: Sequence[tuple[int, str]]) -> None:
        """Add events, each of a time in milliseconds and a line; may raise `LogStreamError`."""


class LogStreamError(Exception):
    """The events could not be delivered."""


class CloudWatchStream:
    """A log stream in CloudWatch Logs, made on the first event unless it was before.

    Args:
        client: A boto3 client of CloudWatch Logs.
        group: The log group's name.
        stream: The log stream's name.
        with_group: Whether the group is made as well where it is missing.
    """

    def __init__(self, client: Any, group: str, stream: str, *, with_group: bool = True) -> None:
        self._client = client
        self._name = {"logGroupName": group, "logStreamName": stream}
        self._with_group = with_group
        self._made = False

    def make(self) -> None:
        """Make the stream; may raise `LogStreamError`."""
        try:
            self._make()
        except (BotoCoreError, ClientError) as error:
            raise LogStreamError(str(error)) from error

    def put(self, events: Sequence[tuple[int, str]]) -> None:
        """Add events, in as many calls as the service's limits need."""
        try:
            if not self._made:
                self._make()
            for batch in _batches(events):
                self._client.put_log_events(
                    **self._name,
                    logEvents=[{"timestamp": when, "message": line} for when, line in batch],
                )
        except (BotoCoreError, ClientError) as error:
            raise LogStreamError(str(error)) from error

    def _make(self) -> None:
        exists = self._client.exceptions.ResourceAlreadyExistsException
        if self._with_group:
            with suppress(exists):
                self._client.create_log_group(logGroupName=self._name["logGroupName"])
        with suppress(exists):
            self._client.create_log_stream(**self._name)
        self._made = True


def _batches(events: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    batches: list[list[tuple[int, str]]] = [[]]
    size = 0
    for when, line in events:
        added = len(line.encode()) + _OVERHEAD
        if len(batches[-1]) == _MOST_EVENTS or size + added > _MOST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append((when, line))
        size += added
    return [batch for batch in batches if batch]


class JobLog:
    """The log of one job.

    Args:
        path: The file; its folder exists.
        stream: Where the lines go as well, about once a second; None for the file alone. Who
            writes faster than it takes them waits for it.
        mark: What each line begins with in the file, which several logs may share.
    """

    def __init__(self, path: Path, stream: LogStream | None, mark: str = "") -> None:
        self.path = path
        self._mark = mark
        self._stream = stream
        self._file = path.open("ab", buffering=0)
        self._pending: list[tuple[int, str]] = []
        self._size = 0
        self._last: deque[str] = deque(maxlen=_KEPT)
        self._changed = threading.Condition()
        self._closing = False
        self._publisher = threading.Thread(target=self._publish, name=f"log {path}", daemon=True)
        self._publisher.start()

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the log."""
        self.close()

    def note(self, text: str) -> None:
        """Add a line of the local cloud's own, marked as such."""
        # A file's name may hold what is no text.
        self._add(f"{_OURS} {text}".encode(errors="replace").decode())

    def copy(self, output: IO[bytes]) -> None:
        """Add every line that a job writes, until it ends."""
        for raw in iter(lambda: output.readline(_LONGEST), b""):
            line = raw.decode(errors="replace").rstrip("\r\n")
            self._last.append(line)
            self._add(line)

    def last_lines(self) -> list[str]:
        """The last lines that the job itself wrote."""
        return list(self._last)

    def close(self) -> None:
        """Deliver what is pending and close the file."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._publisher.join()
        self._file.close()

    def _add(self, line: str) -> None:
        # CloudWatch Logs refuses an event without characters.
        event = time.time_ns() // 1_000_000, line[:_LONGEST] or " "
        with self._changed:
            with suppress(OSError):
                # A full disk must not leave the job blocked on a pipe that nobody reads.
                self._file.write(f"{self._mark}{line}\n".encode())
            if self._stream is not None:
                self._pending.append(event)
                self._size += len(event[1])
                self._wait_for_room()

    def _wait_for_room(self) -> None:
        if self._size >= _MOST_PENDING and threading.current_thread() is not self._publisher:
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._size < _MOST_PENDING)

    def _publish(self) -> None:
        while not self._closing:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._size >= _MOST_PENDING, _INTERVAL
                )
            self._deliver()
        self._deliver()

    def _deliver(self) -> None:
        with self._changed:
            events, self._pending = self._pending, []
            self._size = 0
            self._changed.notify_all()
        if not events or self._stream is None:
            return
        try:
            self._stream.put(events)
        except Exception as error:  # noqa: BLE001  a job that writes waits for this thread
            # A job does not depend on its log being delivered. The file keeps every line.
            self._stream = None
            reason = " ".join(str(error).split())
            self.note(f"CloudWatch Logs takes no more lines of this job: {reason}")


def failure_excerpt(lines: Sequence[str], limit: int) -> str:
    r"""The part of a log's end that says why a job failed, cut to a length.

    The last Python traceback or Java exception when there is one, else the last lines.

    >>> failure_excerpt(["Traceback (most recent call last):", '  File "a.py"', "E: no", "bye"], 99)
    'Traceback (most recent call last):\n  File "a.py"\nE: no'
    """
    text = "\n".join(_traceback(lines) or _java_exception(lines) or _last_words(lines))
    return text if len(text) <= limit else f"...{text[len(text) - limit + 3 :]}"


def _traceback(lines: Sequence[str]) -> list[str]:
    starts = [n for n, line in enumerate(lines) if line.startswith("Traceback (most recent")]
    if not starts:
        return []
    for end in range(starts[-1] + 1, len(lines)):
        if lines[end] and not lines[end].startswith((" ", "\t")):
            return [*lines[starts[-1] : end + 1], *_java_causes(lines[end + 1 :])]
    return list(lines[starts[-1] :])


def _java_causes(lines: Sequence[str]) -> list[str]:
    """What Java says below a traceback of PySpark, whose own last line names no cause."""
    found = [line for line in lines if line.startswith((": ", "Caused by:"))]
    return found[:1] + found[1:][-1:]


def _java_exception(lines: Sequence[str]) -> list[str]:
    marks = ("Exception in thread", "Caused by:")
    found = [line for line in lines if line.startswith(marks)]
    return found[:1] + found[1:][-1:]


def _last_words(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip()][-10:]
