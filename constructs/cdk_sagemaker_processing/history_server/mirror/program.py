"""The program of the container: from environment variables to a running mirror, and its end."""

import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

import boto3
from botocore.config import Config

from .copies import Copies
from .life import Surroundings, Threads, live, server_ending
from .log import Log
from .mirroring import Mirror
from .settings import BadSettingsError, Settings, read_settings
from .volume import Volume
from .watching import Ending, Watch

# Standard retries: throttling and 5xx with backoff. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_CLIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 5},
    connect_timeout=5,
    read_timeout=30,
    tcp_keepalive=True,
)


class _ToldToStop(BaseException):
    """SIGTERM or SIGINT came; no error that anything should handle on the way."""


def main() -> int:
    """Mirror until there is a reason to end, and return the exit code.

    Returns:
        0 if the server was idle for long, the task is too old, or it was told to stop; else 1,
        and the last line of the log says why.
    """
    log = Log()
    ending = _ending(log)
    if ending is None:
        return 0
    log("ENDED", ending.reason)
    return ending.code


def _ending(log: Log) -> Ending | None:
    try:
        settings = read_settings(os.environ)
    except BadSettingsError as error:
        return Ending(str(error), 1)
    volume = Volume(settings.folder)
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        return _run(settings, volume, log)
    except _ToldToStop:
        # A server that ends stops the whole task: its reason is worth a line.
        return server_ending(volume)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the reason
        return Ending(f"the mirror failed: {type(error).__name__}: {error}", 1)


def _run(settings: Settings, volume: Volume, log: Log) -> Ending:
    s3: Any = boto3.client("s3", config=_CLIENT)
    volume.prepare()
    if not volume.give_up_root((Path(boto3.__file__), Path(os.__file__))):
        log("INFO", f"this stays root: no other user reaches {settings.folder} and Python")
    copies = Copies(s3, volume.logs, volume.partial)
    mirror = Mirror(
        s3,
        copies,
        settings.sources,
        room=settings.disk_bytes,
        tell=log,
        clock=time.monotonic,
    )
    log("INFO", f"mirroring {', '.join(each.uri for each in settings.sources)}")
    volume.ready.touch()
    threads = Threads()
    threads.start(mirror, settings.poll_seconds)
    around = Surroundings(volume, settings.port)
    return live(around, Watch(settings, around.clock()), threads, log)


def _stop(number: int, _: object) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    raise _ToldToStop
