"""Where a job's data lies: the little of S3 that a job needs."""

import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from cdk_sagemaker_processing.local.jobs.credentials import Credentials

_CHUNK_BYTES = 1 << 20
# As boto3's own download retries what botocore cannot: a connection that breaks within an object.
_DOWNLOADS = 5
_BROKEN = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_MAKING = threading.Lock()


class StoreError(Exception):
    """S3 did not do what was asked; the message is S3's."""


class ObjectStore(Protocol):
    """S3, as one role is allowed to use it. Every method may raise `StoreError`."""

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """Every key that begins with the prefix, in order."""

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write an object into a file whose folder exists."""

    def upload(self, path: Path, bucket: str, key: str, kms_key: str | None) -> None:
        """Write a file into an object, encrypted with the key when there is one."""


class S3Store:
    """The object store behind an S3 endpoint.

    Args:
        client: A boto3 client of S3 with the role's credentials.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """Every key that begins with the prefix, in order."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            return [item["Key"] for page in pages for item in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as error:
            raise StoreError(f"ListObjectsV2 failed for s3://{bucket}/{prefix}: {error}") from error

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write an object into a file whose folder exists."""
        try:
            for _ in range(_DOWNLOADS - 1):
                with suppress(*_BROKEN):
                    self._get(bucket, key, path)
                    return
            self._get(bucket, key, path)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise StoreError(f"GetObject failed for s3://{bucket}/{key}: {error}") from error

    def _get(self, bucket: str, key: str, path: Path) -> None:
        # One GetObject: the HeadObject of boto3's own download is refused without a word.
        body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
        with path.open("wb") as file:
            shutil.copyfileobj(body, file, _CHUNK_BYTES)

    def upload(self, path: Path, bucket: str, key: str, kms_key: str | None) -> None:
        """Write a file into an object, encrypted with the key when there is one."""
        extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        try:
            self._client.upload_file(str(path), bucket, key, ExtraArgs=extra)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise StoreError(f"PutObject failed for s3://{bucket}/{key}: {error}") from error


def split_uri(uri: str) -> tuple[str, str]:
    """Take an S3 URI apart into its bucket and its key.

    >>> split_uri("s3://bucket/some/key")
    ('bucket', 'some/key')
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def client(
    service: str,
    credentials: Credentials,
    *,
    endpoint_url: str,
    region: str,
    ca_bundle: Path | None,
) -> Any:
    """Make a boto3 client of the local cloud that acts as a role; safe to use from threads."""
    config = Config(
        connect_timeout=10,
        retries={"max_attempts": 3},
        # It is on this machine, whatever proxy leads from it.
        proxies={},
        # Every bucket answers at the one address: no name of a bucket can be looked up.
        s3={"addressing_style": "path"},
    )
    with _MAKING:
        return _session().client(  # type: ignore[call-overload]  # the service is named at run time
            service,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            region_name=region,
            endpoint_url=endpoint_url,
            config=config,
            verify=str(ca_bundle) if ca_bundle else None,
        )


@cache
def _session() -> boto3.Session:
    """The one session of this process: what it has read of a service costs no later client."""
    return boto3.Session()
