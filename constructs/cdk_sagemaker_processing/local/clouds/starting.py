"""How the process of a local cloud is started, and waited for until it answers."""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cdk_sagemaker_processing.local.clouds.api import CloudApi, without_aws
from cdk_sagemaker_processing.local.disk.folders import check_room
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.jobs import sandbox
from cdk_sagemaker_processing.local.processes.children import Child

__all__ = ["LOG", "Options", "check_machine", "start_server", "wait_until_ready"]

LOG = "cloud.log"
"""The file of what the process writes, in the cloud's home."""

_SERVER = "cdk_sagemaker_processing.local.ministack"
_READY_SECONDS = 90
_POLL_SECONDS = 0.1
_DISK_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Options:
    """What a local cloud is told at its start.

    Attributes:
        enforce_iam: Whether IAM policies are enforced; its API is HTTPS then.
        quotas: How many instances of a type processing jobs may have at once; no limit for a type
            that is missing.
        keep: Whether what it holds is kept in its home, for the next start there.
    """

    enforce_iam: bool = False
    quotas: Mapping[str, int] = field(default_factory=dict)
    keep: bool = False

    @property
    def arguments(self) -> list[str]:
        """The options of the server's command line."""
        limits = [f"--quota={kind}={count}" for kind, count in self.quotas.items()]
        enforced = ["--enforce-iam"] if self.enforce_iam else []
        return [*limits, *enforced, *(["--keep"] if self.keep else [])]


def check_machine(home: Path) -> None:
    """Refuse a machine on which no job could run, and a disk that is too small.

    Args:
        home: The folder of the cloud's files; it exists.

    Raises:
        LocalCloudError: Says what is missing.
    """
    try:
        sandbox.check()
    except sandbox.SandboxUnavailable as error:
        raise LocalCloudError(str(error)) from error
    check_room(
        home,
        "the local cloud",
        _DISK_BYTES,
        "choose another place (home, or the variable TMPDIR)",
    )


def start_server(port: int, home: Path, options: Options, *, parent: int | None) -> Child:
    """Start the process of a local cloud.

    Args:
        port: Where it shall answer on 127.0.0.1.
        home: The folder of its files; it exists.
        options: What else it is told.
        parent: The process that it must not outlive, if any.

    Returns:
        The process, whose output is the file `cloud.log` in its home.
    """
    tied = [] if parent is None else ["--parent", str(parent)]
    # -P: a module of the app's, where this runs, hides none of Python's.
    program = [sys.executable, "-P", "-m", _SERVER]
    where = ["--port", str(port), "--home", str(home)]
    return Child(
        [*program, *where, *tied, *options.arguments],
        log=home / LOG,
        variables=without_aws(os.environ),
    )


def wait_until_ready(api: CloudApi, server: Child) -> None:
    """Wait until a process that was started answers.

    Args:
        api: Where it shall answer.
        server: The process.

    Raises:
        LocalCloudError: If it ends instead, or does not answer within 90 s.
    """
    end = time.monotonic() + _READY_SECONDS
    while not api.is_ready():
        if server.exit_code is not None:
            raise LocalCloudError(
                f"the local cloud did not start (exit code {server.exit_code}); its last "
                f"lines:\n{server.tail()}",
            )
        if time.monotonic() > end:
            raise LocalCloudError(
                f"the local cloud did not answer within {_READY_SECONDS} s; its last lines:\n"
                f"{server.tail()}",
            )
        time.sleep(_POLL_SECONDS)
