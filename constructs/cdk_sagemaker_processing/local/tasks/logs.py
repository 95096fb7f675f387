"""Containers' logs in CloudWatch Logs, as the driver awslogs writes them."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.logs import CloudWatchStream, LogStream, LogStreamError
from cdk_sagemaker_processing.local.jobs.stores import client
from cdk_sagemaker_processing.local.tasks.definition import Container

__all__ = ["AwsLogs", "LogStreams"]

_LOGGER = logging.getLogger(__name__)


class LogStreams(Protocol):
    """Where containers' logs go."""

    def make(
        self, container: Container, task_id: str, credentials: Credentials | None
    ) -> LogStream | None:
        """Make a container's log stream.

        Args:
            container: The container.
            task_id: The id of its task.
            credentials: Those of the execution role, in whose name it is written.

        Raises:
            LogStreamError: It cannot be made.
        """


class AwsLogs:
    """Log streams of CloudWatch Logs.

    Args:
        endpoint_url: The address of CloudWatch Logs.
        ca_bundle: The certificates that vouch for it, when it is HTTPS.
    """

    def __init__(self, endpoint_url: str, ca_bundle: Path | None) -> None:
        self._endpoint_url = endpoint_url
        self._ca_bundle = ca_bundle

    def make(
        self, container: Container, task_id: str, credentials: Credentials | None
    ) -> LogStream | None:
        """Make a container's log stream; None if it has none, or no role that writes it.

        Args:
            container: The container.
            task_id: The id of its task.
            credentials: Those of the execution role, in whose name it is written.

        Raises:
            LogStreamError: The group is missing, or the role may not write it.
        """
        target = container.log
        if target is None or credentials is None:
            return None
        logs = client(
            "logs",
            credentials,
            endpoint_url=self._endpoint_url,
            region=target.region,
            ca_bundle=self._ca_bundle,
        )
        stream = _Stream(
            logs, target.group, target.stream(container.name, task_id), with_group=target.with_group
        )
        stream.make()
        return stream


class _Stream(CloudWatchStream):
    def put(self, events: Sequence[tuple[int, str]]) -> None:
        try:
            super().put(events)
        except LogStreamError as error:
            # The container goes on, as on AWS; here its log would end without a word.
            _LOGGER.warning("A container's log goes on without CloudWatch Logs: %s", error)
            raise
