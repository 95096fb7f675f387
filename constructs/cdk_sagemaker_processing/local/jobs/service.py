"""SageMaker's processing API on this machine."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs.credentials import Credentials


class ProcessingService:
    """Runs CreateProcessingJob requests as real processes on this machine."""

    def __init__(
        self,
        *,
        home: Path,
        endpoint_url: str,
        region: str,
        account_id: str,
        credentials: Callable[[str], Credentials],
        environments: Any = None,
        ca_bundle: Path | None = None,
    ) -> None: ...

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateProcessingJob."""
        raise NotImplementedError

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeProcessingJob."""
        raise NotImplementedError

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """ListProcessingJobs."""
        raise NotImplementedError

    def stop(self, name: str) -> None:
        """StopProcessingJob."""
        raise NotImplementedError

    def add_tags(self, arn: str, tags: Sequence[Mapping[str, str]]) -> Any:
        """AddTags."""
        raise NotImplementedError

    def list_tags(self, arn: str) -> Any:
        """ListTags."""
        raise NotImplementedError

    def wait(self, name: str, timeout: float | None = None) -> dict[str, Any]:
        """Block until the job is over."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop every job."""
