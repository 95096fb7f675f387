from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cdk_sagemaker_processing.local.watching.outputs import FormerOutputs

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Bucket:
    """S3 of one bucket: when each object was written."""

    def __init__(self, **objects: int) -> None:
        self.objects = objects

    def get_paginator(self, _: str) -> "Bucket":
        """Return what lists it."""
        return self

    def paginate(self, **request: str) -> Iterator[dict[str, Any]]:
        """Yield a page with all of it."""
        assert request["Bucket"] == "b"
        found = {key: at for key, at in self.objects.items() if key.startswith(request["Prefix"])}
        yield {
            "Contents": [
                {"Key": key, "LastModified": NOON + timedelta(seconds=at)}
                for key, at in found.items()
            ]
        }

    def delete_object(self, **request: str) -> None:
        """Delete an object."""
        assert request["Bucket"] == "b"
        del self.objects[request["Key"]]


def output(uri: str, path: str) -> dict[str, Any]:
    """An output of a job."""
    return {"OutputName": path.rpartition("/")[2], "S3Output": {"S3Uri": uri, "LocalPath": path}}


JOB = {
    "ProcessingStartTime": NOON + timedelta(seconds=10),
    "ProcessingEndTime": NOON + timedelta(seconds=20),
    "ProcessingOutputConfig": {
        "Outputs": [
            output("s3://b/rows", "/opt/ml/processing/output/rows"),
            output("s3://b/logs/", "/opt/ml/processing/spark-events"),
            {"OutputName": "features", "FeatureStoreOutput": {"FeatureGroupName": "g"}},
        ]
    },
}


def test_what_the_next_job_did_not_write_goes() -> None:
    """What it wrote anew stays, and what the former had not written; and event logs."""
    s3 = Bucket(
        **{"rows/old": 15, "rows/same": 15, "rows/data": 5, "rows/late": 25, "logs/app": 15}
    )
    former = FormerOutputs.of(s3, JOB)
    s3.objects |= {"rows/same": 35, "rows/new": 35}
    former.remove()
    assert s3.objects == {
        "rows/same": 35,
        "rows/data": 5,
        "rows/late": 25,
        "rows/new": 35,
        "logs/app": 15,
    }


def test_a_job_that_never_began_wrote_nothing() -> None:
    """Whatever lies where it would have written."""
    s3 = Bucket(**{"rows/data": 5})
    config = {"ProcessingOutputConfig": JOB["ProcessingOutputConfig"]}
    FormerOutputs.of(s3, config).remove()
    assert s3.objects == {"rows/data": 5}
