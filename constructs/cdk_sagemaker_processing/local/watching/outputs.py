"""What a job left in S3, taken away before it runs again: outputs are then of one job."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdk_sagemaker_processing.runs.outputs import EVENT_LOGS_PATH, split_uri

__all__ = ["remove_outputs"]


def remove_outputs(s3: Any, job: Mapping[str, Any]) -> None:
    """Remove what a job wrote to its outputs, its Spark event logs left out.

    What lay there before it, or came after it, stays.

    Args:
        s3: A boto3 client of S3.
        job: What `DescribeProcessingJob` says of it.
    """
    if "ProcessingStartTime" not in job or "ProcessingEndTime" not in job:
        return
    for output in job.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        place = output.get("S3Output", {})
        if place and place.get("LocalPath", "").rstrip("/") != EVENT_LOGS_PATH:
            bucket, prefix = split_uri(place["S3Uri"])
            for key in list(_written_by(s3, bucket, prefix, job)):
                s3.delete_object(Bucket=bucket, Key=key)


def _written_by(s3: Any, bucket: str, prefix: str, job: Mapping[str, Any]) -> Iterator[str]:
    # S3 tells the time of an object in whole seconds.
    start = job["ProcessingStartTime"].replace(microsecond=0)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", ()):
            if start <= one["LastModified"] <= job["ProcessingEndTime"]:
                yield one["Key"]
