"""Outputs of jobs, copied to this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.outputs import Output, split_uri

__all__ = ["download"]


def download(client_of: ClientOf, output: Output, folder: Path) -> None:
    """Copy an output to a folder; files of the same names there are replaced.

    Args:
        client_of: Makes boto3 clients.
        output: The output.
        folder: The folder, which is made.

    Raises:
        DeployedError: If an object's key leads out of the folder, or AWS refuses.
    """
    s3 = client_of("s3")
    bucket, prefix = split_uri(output.uri)
    with explained():
        for key in _keys(s3, bucket, prefix):
            file = _inside(folder, key.removeprefix(prefix), key)
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(file))


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", ()):
            # What consoles make for a folder is no file.
            if not each["Key"].endswith("/"):
                yield each["Key"]


def _inside(folder: Path, name: str, key: str) -> Path:
    file = folder.joinpath(*name.split("/"))
    if ".." in name.split("/") or not file.is_relative_to(folder):
        raise DeployedError(f"the key {key} leads out of {folder}: nothing more is downloaded")
    return file
