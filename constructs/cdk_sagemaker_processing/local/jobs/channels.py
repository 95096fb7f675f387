"""A job's data on its way in and out: S3 to /opt/ml/processing, and back."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from cdk_sagemaker_processing.local.disk.folders import open_up
from cdk_sagemaker_processing.local.jobs.errors import JobError
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore, StoreError, split_uri

_NOTHING_FOUND = (
    'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. Please '
    "ensure that the bucket exists in the selected AWS region, that objects exist under that S3 "
    'prefix and that the role "{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)


def host_path(opt_ml: Path, local_path: str) -> Path:
    """Say where a path below /opt/ml lies on this machine.

    >>> host_path(Path("/jobs/a"), "/opt/ml/processing/input")
    PosixPath('/jobs/a/processing/input')
    """
    return opt_ml / PurePosixPath(local_path).relative_to("/opt/ml")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A job's inputs.

    Attributes:
        store: S3 as the job's role may use it.
        opt_ml: The folder that the job sees as /opt/ml.
        role: The role's ARN, for messages.
        interrupted: Called between two objects; raises when the job is to stop.
        position: Which of the job's instances they are for, from 0.
        instances: How many instances the job has.
    """

    store: ObjectStore
    opt_ml: Path
    role: str
    interrupted: Callable[[], None]
    position: int = 0
    instances: int = 1

    def download(self, one: Mapping[str, Any]) -> int:
        """Bring one input to its LocalPath.

        An input that is AppManaged is left to the script, as on AWS.

        Returns:
            How many objects came.

        Raises:
            JobError: Nothing is there, the role may not read it, or no file can be made of it.
        """
        channel = one.get("S3Input")
        if one.get("AppManaged") or not channel:
            return 0
        target = host_path(self.opt_ml, channel["LocalPath"])
        target.mkdir(parents=True, exist_ok=True)
        count = 0
        try:
            for bucket, key, place in self._share(channel):
                self.interrupted()
                self._fetch(bucket, key, target, place)
                count += 1
        except StoreError as error:
            raise JobError(f"ClientError: Failed to download data. {error}") from error
        return count

    def _share(self, channel: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """The objects of this instance.

        ShardedByS3Key gives each of n instances about every n-th object, and none to some when
        there are fewer: API reference, ProcessingS3Input. Which ones it does not say.
        """
        objects = self._objects(channel)
        if channel.get("S3DataDistributionType") != "ShardedByS3Key":
            return objects
        return islice(objects, self.position, None, self.instances)

    def _objects(self, channel: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        if channel["S3DataType"] == "ManifestFile":
            return self._of_manifest(channel["S3Uri"])
        return self._of_prefix(channel["S3Uri"])

    def _of_prefix(self, uri: str) -> Iterator[tuple[str, str, str]]:
        bucket, prefix = split_uri(uri)
        keys = self.store.keys(bucket, prefix)
        if not keys:
            raise JobError(_NOTHING_FOUND.format(uri=uri, role=self.role, bucket=bucket))
        for key in keys:
            yield bucket, key, place_of(key, prefix)

    def _of_manifest(self, uri: str) -> Iterator[tuple[str, str, str]]:
        bucket, key = split_uri(uri)
        copy = self.opt_ml / "manifest.json"
        self.store.download(bucket, key, copy)
        try:
            head, *names = json.loads(copy.read_bytes())
            source, prefix = split_uri(head["prefix"])
            keys = [(prefix + name, name) for name in names]
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise JobError(
                f"ClientError: {uri} is no manifest: it must be a JSON list, first "
                '{"prefix": "s3://..."}, then names below it'
            ) from error
        finally:
            copy.unlink(missing_ok=True)
        for key, place in keys:
            yield source, key, place

    def _fetch(self, bucket: str, key: str, target: Path, place: str) -> None:
        # S3 keeps empty names, as in `a//b.csv`; a folder has none.
        path = target / place.lstrip("/")
        if not path.resolve().is_relative_to(target.resolve()):
            raise JobError(f"ClientError: s3://{bucket}/{key} would leave its LocalPath")
        try:
            if not place or place.endswith("/"):
                # A console's folder: an object of no bytes whose name ends in a slash.
                path.mkdir(parents=True, exist_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            self.store.download(bucket, key, path)
        except OSError as error:
            # Such as `a` beside `a/b`, a name that is too long, a disk that is full.
            raise JobError(
                f"ClientError: Failed to download data. s3://{bucket}/{key} cannot be kept as a "
                f"file: {error.strerror or error}"
            ) from error


def place_of(key: str, prefix: str) -> str:
    """Say where below the LocalPath an object of a prefix goes.

    The prefix is taken for a folder where it is one; an object that it names in whole or in the
    middle of a name keeps what follows the prefix's last slash.

    >>> place_of("data/a/b.csv", "data"), place_of("data/a/b.csv", "data/")
    ('a/b.csv', 'a/b.csv')
    >>> place_of("code/job.py", "code/job.py"), place_of("data/part-0", "data/part-")
    ('job.py', 'part-0')
    """
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    if key.startswith(folder):
        return key.removeprefix(folder)
    return key[prefix.rfind("/") + 1 :]


@dataclass(slots=True)
class Output:
    """One output of a job, and what of it has been uploaded.

    Attributes:
        name: The output's name.
        root: The folder that the job sees as /opt/ml.
        folder: Where the job's LocalPath lies on this machine, below the root.
        uri: The S3 prefix.
        continuous: Whether it is uploaded while the job runs.
        kms_key: The key to encrypt the objects with.
    """

    name: str
    root: Path
    folder: Path
    uri: str
    continuous: bool
    kms_key: str | None
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def upload(self, store: ObjectStore, interrupted: Callable[[], None] = lambda: None) -> int:
        """Upload every file that is new or changed since the last time.

        Symbolic links are not followed, as on AWS. Files and folders that the job closed to their
        owner are opened: on AWS it is root that reads them.

        Args:
            store: S3 as the job's role may use it.
            interrupted: Called before each file; raises when the upload is to end.

        Returns:
            How many files have gone by now.

        Raises:
            StoreError: S3 refused, or cannot have such a name.
        """
        for path in self._files():
            stamp = _stamp(path)
            if stamp is None or self._seen.get(path) == stamp:
                continue
            interrupted()
            if not os.access(path, os.R_OK):
                path.chmod(0o600)
            bucket, key = split_uri(f"{self.uri.rstrip('/')}/{self._name_of(path)}")
            store.upload(path, bucket, key, self.kms_key)
            self._seen[path] = stamp
        return len(self._seen)

    def uploaded(self) -> frozenset[str]:
        """What has been uploaded so far, by its path below the output's folder."""
        return frozenset(str(path.relative_to(self.folder)) for path in self._seen)

    def _name_of(self, path: Path) -> str:
        name = str(path.relative_to(self.folder))
        if name.isascii() or _is_text(name):
            return name
        raise StoreError(f"the name of the file {os.fsencode(name)!r} is not UTF-8, as S3's are")

    def _files(self) -> list[Path]:
        if _is_linked(self.folder, self.root):
            return []
        open_up(self.folder)
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and not _is_linked(path, self.folder)
        )


def _is_linked(path: Path, folder: Path) -> bool:
    steps = [path, *path.parents]
    return any(step.is_symlink() for step in steps[: steps.index(folder)])


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        # The job still runs and has taken it away.
        return None
    return status.st_mtime_ns, status.st_size


def outputs_of(request: Mapping[str, Any], opt_ml: Path) -> list[Output]:
    """Every output that the service uploads: those that the script does not manage itself."""
    config = request.get("ProcessingOutputConfig") or {}
    return [
        Output(
            name=one["OutputName"],
            root=opt_ml,
            folder=host_path(opt_ml, one["S3Output"]["LocalPath"]),
            uri=one["S3Output"]["S3Uri"],
            continuous=one["S3Output"]["S3UploadMode"] == "Continuous",
            kms_key=config.get("KmsKeyId") or None,
        )
        for one in config.get("Outputs", ())
        if one.get("S3Output") and not one.get("AppManaged")
    ]
