"""What goes wrong with S3, told when it comes, changes, lasts and goes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from .listing import Object
from .log import Tell
from .settings import Source

# In S3's words of who may not do what: of an encrypted object it may be the key.
_REFUSED = re.compile(r"not authorized to perform: (\S+) on (?:the )?resource: (\S+)")
_DENIED = {"AccessDenied", "403", "Forbidden", "AllAccessDisabled"}
# The alarm on these lines counts them in periods of five minutes, each of which must have one.
_REMIND_SECONDS = 240


@dataclass(frozen=True, slots=True)
class _Told:
    text: str
    at: float


class Troubles:
    """Tells each trouble once, and when it is over: again if its text changes or it lasts.

    Args:
        tell: The log.
        clock: The time in seconds.
    """

    def __init__(self, tell: Tell, clock: Callable[[], float]) -> None:
        self._tell = tell
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def are(self, troubles: Mapping[str, str]) -> None:
        """Compare what is wrong now with what was.

        Args:
            troubles: Of each place where something is wrong, what.
        """
        for place, text in troubles.items():
            if self._is_due(place, text):
                self._tell("ERROR", text)
                self._told[place] = _Told(text, self._clock())
        for place in self._told.keys() - troubles.keys():
            self._tell("INFO", f"{place}: nothing is wrong any more")
            del self._told[place]

    def _is_due(self, place: str, text: str) -> bool:
        told = self._told.get(place)
        return told is None or told.text != text or self._clock() - told.at >= _REMIND_SECONDS


def is_lasting(error: Exception) -> bool:
    """Whether asking again at once would be answered the same way."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(400 <= status < 500)  # noqa: PLR2004 - HTTP's errors of the caller


def listing_trouble(error: ClientError | BotoCoreError, source: Source, partition: str) -> str:
    """Say why a source cannot be listed, and what would mend it."""
    if _code(error) == "NoSuchBucket":
        return f"{source.uri} cannot be listed: there is no bucket {source.bucket}"
    resource = f"arn:{partition}:s3:::{source.bucket}"
    where = f" (prefix {source.prefix})" if source.prefix else ""
    return _denied(error, "s3:ListBucket", resource, where) or (
        f"{source.uri} cannot be listed: {error}"
    )


def reading_trouble(error: Exception, each: Object, partition: str) -> str:
    """Say why an object cannot be read, and what would mend it."""
    resource = f"arn:{partition}:s3:::{each.bucket}/{each.key}"
    return _denied(error, "s3:GetObject", resource) or (
        f"s3://{each.bucket}/{each.key} cannot be mirrored: {error}"
    )


def _denied(error: Exception, action: str, resource: str, where: str = "") -> str | None:
    if _code(error) not in _DENIED:
        return None
    if found := _REFUSED.search(str(error)):
        named, on = found.groups()
        if named != action:
            # Such as kms:Decrypt on the key of an object, which is then worth naming as well.
            return f"{named} on {on.rstrip('.,')} is denied, for {action} on {resource}{where}"
    return f"{action} on {resource}{where} is denied: the task's role must allow it"


def _code(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
