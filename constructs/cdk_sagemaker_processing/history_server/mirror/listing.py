"""What is in S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .settings import Source


@dataclass(frozen=True, slots=True)
class Object:
    """An object as S3 lists it.

    Attributes:
        source: The source that it is below.
        key: Its whole key.
        size: In bytes.
        etag: Changes with its content.
        modified: When it was last written, in seconds since 1970.
    """

    source: Source
    key: str
    size: int
    etag: str
    modified: float

    @property
    def bucket(self) -> str:
        """Its bucket."""
        return self.source.bucket

    @property
    def path(self) -> tuple[str, ...]:
        """The parts of its key below its source's prefix."""
        return tuple(self.key.removeprefix(self.source.prefix).split("/"))


def list_objects(s3: Any, source: Source) -> list[Object]:
    """List all objects of a source, in the order of their keys.

    Args:
        s3: A boto3 client of S3.
        source: Where to look.
    """
    return [
        Object(
            source,
            key=each["Key"],
            size=each["Size"],
            etag=each["ETag"],
            modified=each["LastModified"].timestamp(),
        )
        for page in _pages(s3, source)
        for each in page.get("Contents", ())
    ]


def _pages(s3: Any, source: Source) -> Iterator[Any]:
    where = {"Bucket": source.bucket, "Prefix": source.prefix}
    page = s3.list_objects_v2(**where)
    yield page
    while page.get("IsTruncated"):
        page = s3.list_objects_v2(**where, ContinuationToken=page["NextContinuationToken"])
        yield page
