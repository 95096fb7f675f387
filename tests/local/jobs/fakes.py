"""Stand-ins for S3, CloudWatch Logs and SageMaker's images, and a request to start from."""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs import Environment, Environments
from cdk_sagemaker_processing.local.jobs.errors import Interrupted
from cdk_sagemaker_processing.local.jobs.logs import LogStreamError
from cdk_sagemaker_processing.local.jobs.stores import StoreError

ROLE = "arn:aws:iam::000000000000:role/Job"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


@dataclass
class FakeStore:
    """An S3 in memory.

    Attributes:
        objects: What lies there, by bucket and key.
        denied: Buckets that refuse every call.
        encrypted: The keys that objects were encrypted with.
        uploads: Every upload, in order.
    """

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    encrypted: dict[str, str] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)

    def keys(self, bucket: str, prefix: str) -> Sequence[str]:
        """Every key of a prefix, in order."""
        self._allow("ListObjectsV2", bucket)
        return sorted(
            key for place, key in self.objects if place == bucket and key.startswith(prefix)
        )

    def download(self, bucket: str, key: str, path: Path) -> None:
        """Write an object into a file."""
        self._allow("GetObject", bucket)
        path.write_bytes(self.objects[bucket, key])

    def upload(self, path: Path, bucket: str, key: str, kms_key: str | None) -> None:
        """Keep a file as an object."""
        self._allow("PutObject", bucket)
        self.objects[bucket, key] = path.read_bytes()
        self.uploads.append(key)
        if kms_key:
            self.encrypted[key] = kms_key

    def text(self, bucket: str, key: str) -> str:
        """An object's text."""
        return self.objects[bucket, key].decode()

    def _allow(self, operation: str, bucket: str) -> None:
        if bucket in self.denied:
            raise StoreError(f"{operation} failed for s3://{bucket}: AccessDenied")


@dataclass
class FakeStream:
    """A log stream in memory; `refuses` makes it fail."""

    lines: list[str] = field(default_factory=list)
    refuses: bool = False

    def put(self, events: Sequence[tuple[int, str]]) -> None:
        """Keep the lines."""
        if self.refuses:
            raise LogStreamError("ResourceNotFoundException")
        self.lines += [line for _, line in events]


class FakeEnvironments(Environments):
    """This machine's own Python for every image."""

    def __init__(self, folder: Path, entrypoint: tuple[str, ...] = ()) -> None:
        super().__init__(folder)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python3").symlink_to(sys.executable)
        self.hold: threading.Event | None = None
        self._environment = Environment(
            python=folder / "bin" / "python3",
            variables={"PATH": f"{folder}/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
            differences=("This is no image at all.",),
            roots=(folder, Path(sys.prefix), Path(sys.base_prefix)),
            entrypoint=entrypoint,
        )

    def prepare(
        self,
        image_uri: str,
        report: Callable[[str], None],
        stop: threading.Event | None = None,
    ) -> Environment:
        """Return this machine's Python, or wait to be stopped when the test holds it."""
        report(f"Preparing {image_uri}")
        if self.hold and stop:
            self.hold.set()
            stop.wait(30)
            raise Interrupted
        return self._environment


def request(name: str = "a-job", **members: Any) -> dict[str, Any]:
    """The least that CreateProcessingJob takes, and whatever else is given."""
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["true"]},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 30,
            }
        },
        **members,
    }


def application(*command: str) -> dict[str, Any]:
    """An AppSpecification that runs a command."""
    return {"ImageUri": IMAGE, "ContainerEntrypoint": list(command)}


def source(uri: str, local: str, **members: Any) -> dict[str, Any]:
    """A ProcessingInput from S3, named by the last part of its LocalPath."""
    channel = {
        "S3Uri": uri,
        "LocalPath": local,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        **members,
    }
    return {"InputName": Path(local).name, "S3Input": channel}


def outputs(*ones: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """A ProcessingOutputConfig."""
    return {"Outputs": list(ones), **members}


def target(uri: str, local: str, mode: str = "EndOfJob") -> dict[str, Any]:
    """A ProcessingOutput to S3, named by the last part of its LocalPath."""
    channel = {"S3Uri": uri, "LocalPath": local, "S3UploadMode": mode}
    return {"OutputName": Path(local).name, "S3Output": channel}
