"""What a kind of step puts into the container: the only thing that kinds differ in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import Image

__all__ = ["EVENT_LOGS_OUTPUT", "EXECUTION_TAG", "INPUT_ROOT", "CodeChannel", "Container"]

INPUT_ROOT = "/opt/ml/processing/input"
EVENT_LOGS_OUTPUT = "spark-event-logs"
# Finds all jobs of an execution, in the console, in the bill and from the command line.
EXECUTION_TAG = "cdk-sagemaker-processing:execution"


@dataclass(frozen=True, slots=True)
class CodeChannel:
    """An input that carries code or what code needs, not data.

    Attributes:
        name: The input's name, such as ``py-files``; its folder in the
            container is ``/opt/ml/processing/input/<name>``.
        files: Files of this machine, named ``<name>/...``.
        s3_uri: Where the channel lies on S3, if it is not uploaded.
        left_out: What of its folders is not uploaded, as it may hold secrets.
    """

    name: str
    files: tuple[File, ...] = ()
    s3_uri: str | None = None
    left_out: tuple[Path, ...] = ()

    @property
    def local_path(self) -> str:
        """The channel's folder in the container."""
        return f"{INPUT_ROOT}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The container of a job.

    Attributes:
        image: What it is made of; None where none could be found.
        entrypoint: The command that it runs; the image's own if empty.
        channels: Inputs for its code, in their order in the request.
        also_read: S3 URIs that it reads by itself.
        event_logs: The folder it writes Spark's event logs to, None if none.
        event_logs_uri: Where these go on S3; to the step's storage by default.
        problems: What is wrong with what the user asked for.
    """

    image: Image | None
    entrypoint: Sequence[str] = ()
    channels: tuple[CodeChannel, ...] = ()
    also_read: tuple[str, ...] = ()
    event_logs: str | None = None
    event_logs_uri: str | None = None
    problems: tuple[Problem, ...] = ()
