"""The pages of a running server, and what its REST API tells of them."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from cdk_sagemaker_processing.history_server.client.errors import HistoryError

__all__ = ["Application", "Attempt", "Pages"]

_API = "/api/v1"
# The first question about an application makes the server read its whole log: 24 s for 264 MB.
_READING_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of an application.

    Attributes:
        started: When it started.
        ended: When it ended, None while its log does not say so.
        duration_in_milliseconds: How long it took, or has taken.
        identity: Its id, where YARN gave it one.
    """

    started: datetime
    ended: datetime | None
    duration_in_milliseconds: int
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One Spark application that the server lists.

    Attributes:
        identity: Its id, as in the server's addresses.
        name: Its name.
        last: Its last attempt.
    """

    identity: str
    name: str
    last: Attempt

    @property
    def completed(self) -> bool:
        """Whether its log says that it ended."""
        return self.last.ended is not None


class Pages:
    """A History Server that listens on an address.

    Args:
        url: The address, such as `http://127.0.0.1:18080`; it is asked without any proxy.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def answer(self) -> bool:
        """Whether the server answers."""
        return self._get("/version", seconds=5) is not None

    def applications(self, since: datetime | None = None) -> tuple[Application, ...]:
        """Return the applications that it lists, newest first; none while it does not answer.

        Args:
            since: Leave out what started before this time.
        """
        query = {"minDate": _date(since)} if since else {}
        return tuple(_application(one) for one in self._get("/applications", query) or ())

    def application(self, identity: str) -> Application | None:
        """Return an application, or None while it is not listed."""
        told = self._get(f"/applications/{quote(identity, safe='')}")
        return _application(told) if told else None

    def command(self, application: Application) -> str | None:
        """Return the command line of an application's driver, where its log has it.

        Spark writes it as it started: spark-submit's options, the application, its arguments.
        """
        path = "/".join(map(_quoted, _names(application)))
        told = self._get(f"/applications/{path}/environment") or {}
        properties = dict(told.get("systemProperties", ()))
        return properties.get("sun.java.command")

    def page_of(self, application: Application) -> str:
        """Return the address of an application's jobs."""
        return self.jobs(*_names(application))

    def jobs(self, application: str, *attempt: str) -> str:
        """Return the address of an application's jobs.

        Args:
            application: Its id.
            attempt: The id of its attempt, where YARN gave it one.
        """
        return f"{self.url}/history/{'/'.join(map(_quoted, (application, *attempt)))}/jobs/"

    def page_of_list(self) -> str:
        """Return the address of the list, of running applications if there are no others."""
        ended = self._get("/applications", {"status": "completed", "limit": "1"})
        running = ended == [] and self._get("/applications", {"limit": "1"})
        return f"{self.url}/?showIncomplete=true" if running else f"{self.url}/"

    def _get(
        self, path: str, query: Mapping[str, str] | None = None, seconds: float = _READING_SECONDS
    ) -> Any:
        """Return what the API answers, None if it answers no 200."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        try:
            connection.request("GET", f"{_API}{path}{f'?{urlencode(query)}' if query else ''}")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            return None
        try:
            return json.loads(body)
        except ValueError:
            raise HistoryError(
                f"what answers at {self.url} is no History Server of Spark's: choose another port"
            ) from None


def _names(application: Application) -> list[str]:
    attempt = application.last.identity
    return [application.identity, *([attempt] if attempt else [])]


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _date(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000GMT")


def _application(told: Mapping[str, Any]) -> Application:
    newest = max(told["attempts"], key=lambda attempt: attempt["startTimeEpoch"])
    return Application(told["id"], told["name"], _attempt(newest))


def _attempt(told: Mapping[str, Any]) -> Attempt:
    return Attempt(
        started=_time(told["startTimeEpoch"]),
        ended=_time(told["endTimeEpoch"]) if told["completed"] else None,
        duration_in_milliseconds=told["duration"],
        identity=told.get("attemptId"),
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
