"""What a job left in S3 that its successor did not write anew: outputs are then of one job."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_sagemaker_processing.runs.outputs import EVENT_LOGS_PATH, split_uri

__all__ = ["FormerOutputs"]

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FormerOutputs:
    """The objects that a job wrote to its outputs, its Spark event logs left out.

    Attributes:
        written: When each was written, by its bucket and key.
    """

    written: Mapping[_Place, datetime]
    _s3: Any
    _prefixes: tuple[_Place, ...]

    @classmethod
    def of(cls, s3: Any, job: Mapping[str, Any]) -> "FormerOutputs":
        """Look for them.

        Args:
            s3: A boto3 client of S3.
            job: What `DescribeProcessingJob` says of the job, which is over.
        """
        prefixes = tuple(_prefixes(job))
        start, end = job.get("ProcessingStartTime"), job.get("ProcessingEndTime")
        written = {
            place: at
            for place, at in _objects(s3, prefixes)
            if start and end and start <= at <= end
        }
        return cls(written, s3, prefixes)

    def remove(self) -> None:
        """Remove those that nobody has written anew.

        What lay there before the job, or was written by another, stays.
        """
        for place, at in list(_objects(self._s3, self._prefixes)):
            # The local cloud tells an object's time to the millisecond, and no job is as short.
            if self.written.get(place) == at:
                bucket, key = place
                self._s3.delete_object(Bucket=bucket, Key=key)


def _prefixes(job: Mapping[str, Any]) -> Iterator[_Place]:
    for output in job.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        place = output.get("S3Output", {})
        if place and place.get("LocalPath", "").rstrip("/") != EVENT_LOGS_PATH:
            yield split_uri(place["S3Uri"])


def _objects(s3: Any, prefixes: tuple[_Place, ...]) -> Iterator[tuple[_Place, datetime]]:
    for bucket, prefix in prefixes:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Contents", ()):
                yield (bucket, one["Key"]), one["LastModified"]
