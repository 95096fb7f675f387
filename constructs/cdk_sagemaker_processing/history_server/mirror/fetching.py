"""From an object in S3 to a local file, reading only what the file lacks."""

import os
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .listing import Object

# Of what is there already, so much is read again to see that the object continues it.
_OVERLAP = 1 << 16
_CHUNK = 1 << 20
# If-Match did not hold; it was deleted; it is shorter than listed.
_CHANGED = {"PreconditionFailed", "412", "NoSuchKey", "404", "InvalidRange", "416"}


class ObjectChangedError(Exception):
    """An object is no longer what was listed: the next look at S3 finds out what it is."""


class Continuation:
    """What an object holds beyond a file's content, being read.

    Attributes:
        each: The object.
        missing: How many bytes the file lacks.
    """

    def __init__(self, each: Object, body: Any, missing: int) -> None:
        self.each = each
        self.missing = missing
        self._body = body

    def append_to(self, file: Path) -> None:
        """Write it behind the file's content, in small pieces however large it is.

        The file's time becomes the object's: the server reads the newest logs first.
        """
        with self._body as body, file.open("ab") as out:
            while chunk := body.read(_CHUNK):
                out.write(chunk)
        os.utime(file, (self.each.modified, self.each.modified))


def open_continuation(s3: Any, each: Object, file: Path) -> Continuation | None:
    """Ask for what a file lacks of an object; None if the object does not continue the file.

    Args:
        s3: A boto3 client of S3.
        each: The object, as it was listed.
        file: What has been read of it, or of what it was then.

    Raises:
        ObjectChangedError: If it is no longer what was listed.
    """
    tail, size = _tail(file)
    if not size or size > each.size:
        return None
    body = _get(s3, each, size - len(tail))
    if body.read(len(tail)) == tail:
        return Continuation(each, body, each.size - size)
    body.close()
    return None


def fetch(s3: Any, each: Object, file: Path) -> None:
    """Make a file hold an object, keeping what an interrupted fetch has left there.

    Args:
        s3: A boto3 client of S3.
        each: The object, as it was listed.
        file: One that nobody else looks at.

    Raises:
        ObjectChangedError: If it is no longer what was listed.
    """
    rest = open_continuation(s3, each, file)
    if rest is None:
        file.unlink(missing_ok=True)
        rest = Continuation(each, _get(s3, each, 0), each.size)
    rest.append_to(file)


def _tail(file: Path) -> tuple[bytes, int]:
    try:
        with file.open("rb") as content:
            size = content.seek(0, os.SEEK_END)
            content.seek(max(0, size - _OVERLAP))
            return content.read(), size
    except FileNotFoundError:
        return b"", 0


def _get(s3: Any, each: Object, start: int) -> Any:
    part = {"Range": f"bytes={start}-"} if start else {}
    try:
        return s3.get_object(Bucket=each.bucket, Key=each.key, IfMatch=each.etag, **part)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in _CHANGED:
            raise ObjectChangedError(each.key) from error
        raise
