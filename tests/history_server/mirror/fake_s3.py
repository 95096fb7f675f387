"""S3 as the mirror uses it, and event logs to put into it."""

# ruff: noqa: N803 - its arguments are the API's

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from cdk_sagemaker_processing.history_server.mirror.listing import Object
from cdk_sagemaker_processing.history_server.mirror.settings import Source

BUCKET = "logs"
SOURCE = Source(BUCKET, "spark-events/")
START = b'{"Event":"SparkListenerLogStart","Spark Version":"3.5.8"}\n'
END = b'{"Event":"SparkListenerApplicationEnd","Timestamp":1732}\n'


def job(number: int) -> bytes:
    """A line of an event log."""
    return json.dumps({"Event": "SparkListenerJobStart", "Job ID": number}).encode() + b"\n"


def put(s3: "FakeS3", name: str, content: bytes, modified: float | None = None) -> None:
    """Write an object below SOURCE."""
    s3.put(BUCKET, SOURCE.prefix + name, content, modified)


def refusal(code: str, operation: str, message: str = "no", status: int = 403) -> ClientError:
    """What boto3 raises."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)


class BrokenBody(io.BytesIO):
    """A body whose connection breaks after some bytes."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content[:after])

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, to the break."""
        if found := super().read(size):
            return found
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object."""

    content: bytes
    modified: float

    @property
    def etag(self) -> str:
        """As S3 writes it, in quotes."""
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


@dataclass(slots=True)
class FakeS3:
    """Answers list_objects_v2 and get_object as S3 does.

    Attributes:
        page_size: How many objects a page of a listing has.
        wrong: What to raise for a bucket (listing) or a key (reading).
        before_get: Called with the key before an object is read.
        breaks_after: After how many bytes the body of a key breaks.
        reads: The key and the count of bytes of every read that was answered.
    """

    page_size: int = 2
    wrong: dict[str, Exception] = field(default_factory=dict)
    before_get: Callable[[str], None] = lambda _: None
    breaks_after: dict[str, int] = field(default_factory=dict)
    reads: list[tuple[str, int]] = field(default_factory=list)
    meta: Any = field(default_factory=lambda: SimpleNamespace(partition="aws"))
    _objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    _writes: int = 0

    def put(self, bucket: str, key: str, content: bytes, modified: float | None = None) -> None:
        """Write an object, later than any before if no time is given."""
        self._writes += 1
        self._objects[bucket, key] = Stored(
            content, 1_000.0 + self._writes if modified is None else modified
        )

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object."""
        del self._objects[bucket, key]

    def listed(self, bucket: str, key: str) -> Object:
        """An object as the mirror knows it once it has listed SOURCE."""
        found = self._objects[bucket, key]
        return Object(SOURCE, key, len(found.content), found.etag, found.modified)

    def list_objects_v2(
        self,
        *,
        Bucket: str,
        Prefix: str,
        ContinuationToken: str = "0",
    ) -> dict[str, Any]:
        """List one page."""
        if Bucket in self.wrong:
            raise self.wrong[Bucket]
        keys = sorted(
            key for bucket, key in self._objects if bucket == Bucket and key.startswith(Prefix)
        )
        start = int(ContinuationToken)
        end = start + self.page_size
        contents = [
            {
                "Key": key,
                "Size": len(self._objects[Bucket, key].content),
                "ETag": self._objects[Bucket, key].etag,
                "LastModified": datetime.fromtimestamp(self._objects[Bucket, key].modified, UTC),
            }
            for key in keys[start:end]
        ]
        if end >= len(keys):
            return {"IsTruncated": False, **({"Contents": contents} if contents else {})}
        return {"IsTruncated": True, "NextContinuationToken": str(end), "Contents": contents}

    def get_object(
        self,
        *,
        Bucket: str,
        Key: str,
        IfMatch: str,
        Range: str = "bytes=0-",
    ) -> dict[str, Any]:
        """Read an object from somewhere to its end."""
        self.before_get(Key)
        if Key in self.wrong:
            raise self.wrong[Key]
        if (Bucket, Key) not in self._objects:
            raise refusal("NoSuchKey", "GetObject", status=404)
        found = self._objects[Bucket, Key]
        if found.etag != IfMatch:
            raise refusal("PreconditionFailed", "GetObject", status=412)
        start = int(Range.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(found.content):
            raise refusal("InvalidRange", "GetObject", status=416)
        part = found.content[start:]
        self.reads.append((Key, len(part)))
        if Key in self.breaks_after:
            return {"Body": BrokenBody(part, self.breaks_after[Key])}
        return {"Body": io.BytesIO(part)}
