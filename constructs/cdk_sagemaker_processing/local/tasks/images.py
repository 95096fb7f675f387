"""What stands in for the images of containers."""

import re
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.jobs.environments.environment import SYSTEM_PATH
from cdk_sagemaker_processing.local.jobs.environments.images import SPARK
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK
from cdk_sagemaker_processing.local.report import Report

__all__ = ["Image", "ImageError", "Images", "StandIns"]

_PYTHON = re.compile(r"public\.ecr\.aws/lambda/python[:@].+")
_APACHE_SPARK = re.compile(r"(?:.*/)?(?:docker/library/|apache/)?spark:(?P<line>3\.5)\..+")
_SAGEMAKER_SPARK = re.compile(rf"(?:.*/)?{SPARK}:.+")
_KNOWN = (
    "public.ecr.aws/docker/library/spark:3.5.*, SageMaker's sagemaker-spark-processing:*, "
    "public.ecr.aws/lambda/python:*"
)
# What Spark's own image has not: jobs of SageMaker's image see it.
_OF_JOBS = frozenset({"PYTHONHASHSEED", "SPARK_NO_DAEMONIZE", "PYTHONUNBUFFERED"})
# A container here has the machine's network: what Spark serves is for this machine alone.
_LOOPBACK = {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_LOCAL_HOSTNAME": "localhost"}


class ImageError(Exception):
    """Nothing stands in for an image; the message says what does for which."""


@dataclass(frozen=True, slots=True)
class Image:
    """What stands in for an image.

    Attributes:
        variables: The environment variables that it sets, PATH among them.
        commands: Commands on its PATH that are somewhere else: name and what to run.
    """

    variables: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Images(Protocol):
    """Where images come from."""

    def pull(self, uri: str, report: Report, stop: threading.Event) -> Image:
        """Return what stands in for an image, made first if need be.

        Args:
            uri: The image's URI.
            report: Told what goes on, a line at a time.
            stop: Set to give up.

        Raises:
            ImageError: Nothing stands in for it, or it could not be made.
            Interrupted: `stop` was set.
        """


class StandIns:
    """The images that this machine has something for: Spark's and Python's.

    Args:
        environments: Where the environments of SageMaker's images come from, Spark's among them.
    """

    def __init__(self, environments: Environments | None = None) -> None:
        self._environments = environments or Environments()

    def pull(self, uri: str, report: Report, stop: threading.Event) -> Image:
        """Return what stands in for an image, made first if need be.

        Args:
            uri: The image's URI.
            report: Told what goes on, a line at a time.
            stop: Set to give up.

        Raises:
            ImageError: Nothing stands in for it, or it could not be made.
            Interrupted: `stop` was set.
        """
        if _PYTHON.fullmatch(uri):
            return _python()
        if found := _APACHE_SPARK.fullmatch(uri):
            return self._spark(f"{SPARK}:{found['line']}-cpu", report, stop)
        if _SAGEMAKER_SPARK.fullmatch(uri):
            return self._spark(uri, report, stop)
        raise ImageError(f"the local cloud stands in for {_KNOWN}, not for {uri}")

    def _spark(self, uri: str, report: Report, stop: threading.Event) -> Image:
        try:
            environment = self._environments.prepare(uri, report, stop)
        except JobError as error:
            raise ImageError(str(error)) from error
        if stop.is_set():
            raise Interrupted
        kept = {
            name: value for name, value in environment.variables.items() if name not in _OF_JOBS
        }
        return Image({**kept, **_LOOPBACK}, environment.commands)


def _python() -> Image:
    """This Python, which has boto3, as Lambda's images have it."""
    here = (sys.executable,)
    return Image(
        variables={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"},
        commands={"python3": here, "python": here},
    )
