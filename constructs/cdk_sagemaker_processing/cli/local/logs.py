"""What a local cloud and its jobs wrote, read from their files as they grow."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from botocore.exceptions import BotoCoreError

from cdk_sagemaker_processing.local.clouds.record import NamedCloud
from cdk_sagemaker_processing.local.errors import LocalCloudError

__all__ = ["cloud_lines", "job_lines"]

_POLL_SECONDS = 0.2
_RUNNING = frozenset({"InProgress", "Stopping"})


def cloud_lines(cloud: NamedCloud, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a cloud's own log.

    Args:
        cloud: The cloud, running or not.
        follow: Whether to go on until the cloud ends.
    """
    return _lines(cloud.log, lambda: follow and cloud.is_up)


def job_lines(cloud: NamedCloud, job_name: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a processing job's log.

    Args:
        cloud: The cloud, running or not.
        job_name: The job's name.
        follow: Whether to go on until the job is over.

    Raises:
        LocalCloudError: If the cloud has no log of such a job.
    """
    log = cloud.log_file(job_name)
    if log is None:
        raise LocalCloudError(f"the local cloud {cloud.name} has no log of a job {job_name}")
    return _lines(log, lambda: follow and cloud.is_up and _is_running(cloud, log, job_name))


def _is_running(cloud: NamedCloud, log: Path, job_name: str) -> bool:
    # Its path begins with its account and its region.
    account, region = log.relative_to(cloud.home).parts[:2]
    client = cloud.api.client("sagemaker", account, region)
    try:
        described = client.describe_processing_job(ProcessingJobName=job_name)
    except BotoCoreError:
        if cloud.is_up:
            raise
        return False
    return described["ProcessingJobStatus"] in _RUNNING


def _lines(file: Path, goes_on: Callable[[], bool]) -> Iterator[str]:
    """Yield a file's lines; what is written before it is known not to go on is among them."""
    with file.open(errors="replace") as lines:
        rest = ""
        while True:
            is_growing = goes_on()
            for line in lines:
                rest += line
                if rest.endswith("\n"):
                    yield rest.removesuffix("\n")
                    rest = ""
            if not is_growing:
                break
            time.sleep(_POLL_SECONDS)
    if rest:
        yield rest
