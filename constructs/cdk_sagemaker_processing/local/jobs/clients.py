"""The boto3 clients that act for jobs, each closed with its job."""

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from cdk_sagemaker_processing.local.jobs.credentials import Credentials


class Clients:
    """Makes clients and knows whose they are; safe to use from threads.

    A client that is let go keeps its connections until Python finds the circle of its references:
    many short jobs would hold more of them than a process may have.

    Args:
        make: Makes a client of a service, such as `s3`, that acts by credentials.
    """

    def __init__(self, make: Callable[[str, Credentials], Any]) -> None:
        self._make = make
        self._open: defaultdict[Credentials, list[Any]] = defaultdict(list)
        self._lock = threading.Lock()

    def client(self, service: str, credentials: Credentials) -> Any:
        """Make a client."""
        made = self._make(service, credentials)
        with self._lock:
            self._open[credentials].append(made)
        return made

    def close(self, credentials: Credentials) -> None:
        """Close every client that acts by these credentials."""
        with self._lock:
            clients = self._open.pop(credentials, [])
        for client in clients:
            client.close()
