"""Where what a step writes goes, if it is told no other place."""

import hashlib
import re
from dataclasses import dataclass

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.tree import bucket_name
from cdk_sagemaker_processing.request.values import Text, join
from cdk_sagemaker_processing.storage import ProcessingStorage

__all__ = ["Places", "path_digest"]

_HASH = 8
# What every S3 tool takes in a key: Amazon S3 user guide, "Safe characters".
_UNSAFE = re.compile(r"[^A-Za-z0-9!_.*'()/-]")


@dataclass(frozen=True, slots=True)
class Places:
    """Where a step's outputs and the results of its queries lie.

    Attributes:
        path: The step's path in the app.
        storage: Where those go that name no destination; None if all do.
    """

    path: str
    storage: ProcessingStorage | None

    def destination(self, given: str | None, name: str) -> Text:
        """The S3 URI the user gave, or one of the execution's own under a name."""
        if given is not None or self.storage is None:
            return run_time.text(given or "")
        start = f"s3://{bucket_name(self.storage.outputs)}/{self.folder}/"
        return join(start, run_time.EXECUTION_NAME, "/", run_time.text(name), "/")

    @property
    def folder(self) -> str:
        """The step's path as a key prefix, and no other step's."""
        safe = _UNSAFE.sub("-", self.path)
        return safe if safe == self.path else f"{safe}-{path_digest(self.path)}"


def path_digest(path: str) -> str:
    """8 hexadecimal digits for a step's path in the app."""
    return hashlib.sha256(path.encode()).hexdigest()[:_HASH]
