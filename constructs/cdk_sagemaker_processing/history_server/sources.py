"""Where a History Server's event logs come from, from what the user gave."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeGuard

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_sagemaker_processing.access import Location, locate
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.storage import EventLogs

__all__ = ["Source", "sources"]

_WRITE = "write processing.EventLogs(bucket, 'prefix/') or 's3://bucket/prefix/'"


@dataclass(frozen=True, slots=True)
class Source:
    """A prefix of event logs.

    Attributes:
        place: The bucket and the prefix.
        key: The key that the bucket is encrypted with, as far as the CDK knows.
    """

    place: Location
    key: kms.IKey | None = None

    @property
    def s3_uri(self) -> str:
        """Its S3 URI."""
        return f"s3://{self.place.bucket}/{self.place.prefix}"


def sources(event_logs: object) -> tuple[list[Source], list[Problem]]:
    """The prefixes that a user named, and what is wrong with them.

    Args:
        event_logs: An ``EventLogs`` or an S3 URI, or several.
    """
    given = event_logs if _is_list(event_logs) else [event_logs]
    if not given:
        return [], [Problem(f"event_logs is empty: a server has at least one source: {_WRITE}")]
    named = ["event_logs"] if given is not event_logs else _names(len(given))
    found = [_source(name, one) for name, one in zip(named, given, strict=True)]
    known = [one for one in found if isinstance(one, Source)]
    wrong = [one for one in found if isinstance(one, Problem)]
    return known, [*wrong, *_within_others(known)]


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _names(count: int) -> list[str]:
    return [f"event_logs[{at}]" for at in range(count)]


def _source(name: str, given: Any) -> Source | Problem:
    if isinstance(given, EventLogs):
        key = given.bucket.encryption_key
        return _folder(name, Source(Location(given.bucket.bucket_name, given.prefix), key))
    if isinstance(given, str):
        place = locate(given)
        # A colon is of an access point's ARN, which policies name in another way than a bucket.
        if isinstance(place, Location) and place.bucket and ":" not in place.bucket:
            return _folder(name, Source(place))
        return Problem(
            f"{name} must name its bucket, so that permissions can, got {given!r}: {_WRITE}"
        )
    return Problem(f"{name} must be EventLogs or an S3 URI, got {_told(given)}: {_WRITE}")


def _told(given: object) -> str:
    return f"the bucket {given.node.path!r}" if isinstance(given, s3.Bucket) else repr(given)


def _folder(name: str, source: Source) -> Source | Problem:
    """A source, if its prefix is a folder: 'logs' would mean 'logs-of-others/' as well."""
    prefix = source.place.prefix
    if not prefix or prefix.endswith("/") or not is_known(prefix):
        return source
    return Problem(f"{name}: a prefix ends in a slash, got {prefix!r}: write {f'{prefix}/'!r}")


def _within_others(found: Iterable[Source]) -> Iterator[Problem]:
    for one, two in combinations([each.place for each in found], 2):
        outer, inner = sorted((one, two), key=lambda place: len(place.prefix))
        if outer.bucket == inner.bucket and inner.prefix.startswith(outer.prefix):
            same = "twice" if outer == inner else f"and with it {inner.prefix!r}"
            yield Problem(
                f"event_logs names {outer.prefix!r} of one bucket {same}: every log would be "
                "mirrored twice: name it once"
            )
