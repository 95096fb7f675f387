"""The process of the local AWS: its port, its environment, its beginning and its end."""

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.ministack import seams
from cdk_sagemaker_processing.local.ministack.settings import HOST, Settings

PORT_TAKEN = 3
WRONG_MINISTACK = 4

_BACKLOG = 128


def main(
    arguments: Sequence[str], make_service: Callable[..., ProcessingService] = ProcessingService
) -> int:
    """Run the local AWS until it is told to end.

    Args:
        arguments: The command line, without the program.
        make_service: What makes the processing service; takes `ProcessingService`'s arguments.

    Returns:
        The exit code: 0, or the code of what stopped it from starting.
    """
    settings = Settings.parse(arguments)
    try:
        listener = _claim(settings.port)
    except OSError as error:
        return _refuse(
            f"{HOST}:{settings.port} cannot be used: {error.strerror}. Give another --port, or end "
            "the program that holds this one.",
            PORT_TAKEN,
        )
    _prepare(settings)
    try:
        seams.check()
    except seams.SeamError as error:
        return _refuse(str(error), WRONG_MINISTACK)
    # MiniStack reads its settings from the environment when it is imported.
    from cdk_sagemaker_processing.local.ministack.cloud import Cloud  # noqa: PLC0415

    Cloud(settings, make_service).run(listener)
    return 0


def _claim(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _refuse(problem: str, code: int) -> int:
    print(problem, file=sys.stderr)  # noqa: T201 - no logging is set up before it starts
    return code


def _prepare(settings: Settings) -> None:
    settings.scratch.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(settings.scratch)
    environment = settings.environment(os.environ)
    os.environ.clear()
    os.environ.update(environment)
