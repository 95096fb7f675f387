"""The process of the local AWS: its port, its environment, its beginning and its end."""

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.settings import HOST, Settings

CANNOT_START = 3
# ECS's own: developer guide, "Amazon ECS task IAM role".
TASK_SESSION = timedelta(hours=6)

_BACKLOG = 128


class StartError(Exception):
    """Something for which the local AWS cannot start; its text is one line for the user."""


def main(
    arguments: Sequence[str],
    make_service: Callable[..., ProcessingService] = ProcessingService,
    task_session: timedelta = TASK_SESSION,
) -> int:
    """Run the local AWS until it is told to end.

    Args:
        arguments: The command line, without the program.
        make_service: What makes a processing service; takes `ProcessingService`'s arguments.
        task_session: How long the credentials of a task's role last.

    Returns:
        The exit code, if it could not start.
    """
    settings = Settings.parse(arguments)
    try:
        listener = _begin(settings)
    except (StartError, seams.SeamError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - no logging is set up before it starts
        return CANNOT_START
    # MiniStack reads its settings from the environment when it is imported.
    from cdk_sagemaker_processing.local.ministack.cloud import Cloud  # noqa: PLC0415

    return Cloud(settings, make_service, task_session).run(listener)


def _begin(settings: Settings) -> socket.socket:
    listener = _claim(settings.port)
    try:
        _prepare(settings)
        seams.check()
    except BaseException:
        listener.close()
        raise
    return listener


def _claim(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartError(
            f"{HOST}:{port} cannot be used ({error}): give another --port, or end the program "
            "that holds this one."
        ) from error
    return listener


def _prepare(settings: Settings) -> None:
    if settings.enforce_iam and not shutil.which("openssl"):
        raise StartError("--enforce-iam needs the command openssl, which is not there.")
    try:
        # One that was killed has left its own.
        shutil.rmtree(settings.scratch, ignore_errors=True)
        settings.scratch.mkdir(parents=True, exist_ok=True)
        # It may go on longer than the folder that it was started in.
        os.chdir(settings.home)
    except OSError as error:
        raise StartError(
            f"{settings.home} cannot be used ({error.strerror}): give another --home."
        ) from error
    tempfile.tempdir = str(settings.scratch)
    environment = settings.environment(os.environ)
    os.environ.clear()
    os.environ.update(environment)
