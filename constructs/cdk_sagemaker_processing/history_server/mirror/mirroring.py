"""The mirror: what S3 holds against what is here, and the work that follows from it.

One thread looks at S3 every few seconds and decides what is wanted; others take the wanted logs,
newest first, and bring them. Both ways it can be driven without any thread as well.
"""

import errno
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .copies import Copies, State
from .event_logs import EventLog, Version, gather_logs
from .fetching import ObjectChangedError
from .keeping import Choice, choose
from .listing import Object, list_objects
from .log import Tell
from .progress import FirstSync
from .settings import Source
from .troubles import Troubles, is_lasting, listing_trouble, reading_trouble

_RETRY_SECONDS = 60
_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Setback:
    """A log that could not be brought.

    Attributes:
        versions: What it was then.
        until: When to try again, if it has not changed before.
        source: Where it is.
        text: What is wrong.
    """

    versions: Mapping[str, Version]
    until: float
    source: Source
    text: str


class Mirror:
    """Keeps a folder like S3.

    Args:
        s3: A boto3 client of S3.
        copies: The folder.
        sources: What to mirror.
        room: How much of the disk logs may take, in bytes.
        tell: The log.
        clock: The time in seconds.
    """

    def __init__(
        self,
        s3: Any,
        copies: Copies,
        sources: Sequence[Source],
        *,
        room: int,
        tell: Tell,
        clock: Callable[[], float],
    ) -> None:
        self._s3 = s3
        self._copies = copies
        self._sources = sources
        self._room = room
        self._rooms_made = 0
        self._tell = tell
        self._clock = clock
        self._troubles = Troubles(tell, clock)
        self._first_sync = FirstSync(tell, clock)
        self._listings: dict[Source, list[Object]] = {}
        self._wanted: dict[str, EventLog] = {}
        self._pending: deque[EventLog] = deque()
        self._in_flight: set[str] = set()
        self._setbacks: dict[str, _Setback] = {}
        self._told_left_out: set[str] = set()
        self._changed = threading.Condition()

    def look(self) -> None:
        """List every source, remove what is not wanted any more, and line up what is."""
        unlisted = dict(self._list_sources())
        with self._changed:
            self._plan()
            self._troubles.are({**unlisted, **self._unread()})

    def take(self, seconds: float = 0) -> EventLog | None:
        """Take the newest log that has to be brought.

        Args:
            seconds: How long to wait for one.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._pending, seconds):
                return None
            log = self._pending.popleft()
            self._in_flight.add(log.name)
            return log

    def carry_out(self, log: EventLog) -> None:
        """Bring a log that was taken."""
        before, rooms_made = self._copies.state(log.name), self._rooms_made
        try:
            self._copies.bring(log)
        except ObjectChangedError:
            # The next look sees what it is now.
            pass
        except (ClientError, BotoCoreError, OSError) as error:
            self._not_brought(log, error, rooms_made)
        else:
            self._brought(log, before)
        finally:
            with self._changed:
                self._in_flight.discard(log.name)
                if log.name not in self._wanted:
                    self._copies.remove(log.name)

    def _list_sources(self) -> Mapping[str, str]:
        """List them, and return what is wrong with those that cannot be listed.

        Of such a one the last listing stands: what is not seen has not gone.
        """
        wrong = {}
        for source in self._sources:
            try:
                self._listings[source] = list_objects(self._s3, source)
            except (ClientError, BotoCoreError) as error:
                wrong[source.uri] = listing_trouble(error, source, self._s3.meta.partition)
        return wrong

    def _plan(self) -> None:
        listed = [each for one in self._sources for each in self._listings.get(one, ())]
        logs = gather_logs(listed)
        choice = choose(logs.values(), self._room)
        self._wanted = {log.name: log for log in choice.kept}
        self._tell_left_out(choice)
        self._remove_unwanted(logs)
        self._setbacks = {
            name: each for name, each in self._setbacks.items() if name in self._wanted
        }
        self._pending = deque(log for log in choice.kept if self._is_due(log))
        self._first_sync.update(
            choice.kept,
            [
                log
                for log in choice.kept
                if not self._copies.has_held(log.name) and log.name not in self._setbacks
            ],
        )
        self._changed.notify_all()

    def _is_due(self, log: EventLog) -> bool:
        if log.name in self._in_flight or self._copies.holds(log):
            return False
        setback = self._setbacks.get(log.name)
        return setback is None or setback.versions != log.versions or self._clock() >= setback.until

    def _remove_unwanted(self, logs: Collection[str]) -> None:
        here = self._copies.names()
        if len(self._listings) < len(self._sources):
            # After a restart: logs of a source that cannot be listed yet.
            here &= set(logs)
        for name in here - self._wanted.keys() - self._in_flight:
            self._copies.remove(name)

    def _brought(self, log: EventLog, before: State | None) -> None:
        with self._changed:
            self._setbacks.pop(log.name, None)
        state = self._copies.state(log.name)
        if state is None or state is before or not self._first_sync.is_over:
            return
        which = "new log" if before is None else "log"
        self._tell("INFO", f"{which} {log.name} is {state.value}")

    def _not_brought(self, log: EventLog, error: Exception, rooms_made: int) -> None:
        with self._changed:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                # What has been removed since it began may do.
                if rooms_made == self._rooms_made:
                    self._make_room()
                return
            each = next(iter(log.files.values()))
            self._setbacks[log.name] = _Setback(
                log.versions,
                self._clock() + (_RETRY_SECONDS if is_lasting(error) else 0),
                each.source,
                reading_trouble(error, each, self._s3.meta.partition),
            )

    def _make_room(self) -> None:
        """The disk is full before the logs take what they may: mirror fewer from now on."""
        self._rooms_made += 1
        wanted = sum(each.size for each in self._wanted.values())
        self._room = min(self._copies.size(), wanted - 1)
        self._tell(
            "WARNING", f"the disk is full: from now on {_mebibytes(self._room)} of logs are kept"
        )
        self._plan()

    def _tell_left_out(self, choice: Choice) -> None:
        left_out = [*choice.too_large, *choice.left_out]
        new = {log.name for log in left_out} - self._told_left_out
        self._told_left_out = {log.name for log in left_out}
        for log in choice.too_large:
            if log.name in new:
                self._tell(
                    "WARNING",
                    f"log {log.name} is left out: its {_mebibytes(log.size)} are more than the "
                    f"{_mebibytes(self._room)} there is room for",
                )
        names = [log.name for log in choice.left_out if log.name in new]
        if names:
            self._tell(
                "WARNING",
                f"there is room for {_mebibytes(self._room)} of logs, the oldest are left out: "
                f"{_some(names)}",
            )

    def _unread(self) -> dict[str, str]:
        """What is wrong with the logs of each source: the first, and how many more."""
        texts: dict[Source, list[str]] = {}
        for _, setback in sorted(self._setbacks.items()):
            texts.setdefault(setback.source, []).append(setback.text)
        return {
            f"logs of {source.uri}": first + (f" (and {len(more)} more logs)" if more else "")
            for source, (first, *more) in texts.items()
        }


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MiB"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
