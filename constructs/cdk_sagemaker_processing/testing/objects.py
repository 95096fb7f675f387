"""Objects for S3, from what a test has at hand."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

__all__ = ["Files", "put"]

Files = Path | str | Mapping[str, Path | str | bytes]
"""A file or folder; or what objects hold by their keys below a prefix: a file, text or bytes."""


def put(s3: Any, uri: str, files: Files) -> None:
    """Put files below a prefix, whose bucket is made where it is missing.

    Args:
        s3: A boto3 client of S3.
        uri: Such as `s3://bucket/prefix/`.
        files: The files.

    Raises:
        ValueError: If the URI is none of S3, or there is no such file.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise ValueError(f"the place must be an S3 URI, such as s3://bucket/prefix/, got {uri!r}")
    folder = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    found = dict(_contents(files))
    _make(s3, bucket)
    for key, content in found.items():
        body = content.read_bytes() if isinstance(content, Path) else content
        s3.put_object(Bucket=bucket, Key=folder + key, Body=body)


def _contents(files: Files) -> Iterator[tuple[str, Path | str | bytes]]:
    if isinstance(files, Mapping):
        yield from files.items()
        return
    place = Path(files)
    if place.is_file():
        yield place.name, place
    elif place.is_dir():
        for file in sorted(one for one in place.rglob("*") if one.is_file()):
            yield file.relative_to(place).as_posix(), file
    else:
        raise ValueError(f"no such file or folder: {files}, looked for in {Path.cwd()}")


def _make(s3: Any, bucket: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        region = s3.meta.region_name
        # API reference, CreateBucket: us-east-1 is no LocationConstraint.
        place = {"LocationConstraint": region} if region != "us-east-1" else None
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
