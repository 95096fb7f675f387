"""Spark's History Server as this benchmark starts it: plain, and as the task's container does."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.history_server.containers import Container
from cdk_sagemaker_processing.local.processes.children import Child, tied
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK, choose_port

__all__ = ["Server", "start_container", "start_plain"]

_CLASS = "org.apache.spark.deploy.history.HistoryServer"
_LONGEST_SECONDS = 900
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Server:
    """A History Server that was just started.

    Attributes:
        process: What was started.
        port: Where it answers.
        log: What it writes.
        started: When it was started, by `time.monotonic`.
    """

    process: Child
    port: int
    log: Path
    started: float

    @property
    def age(self) -> float:
        """How many seconds ago it was started."""
        return time.monotonic() - self.started

    def listed(self, at_most: int) -> int:
        """How many applications it lists now, of which it is asked for some at most."""
        status, body = self._get(f"/api/v1/applications?limit={at_most}")
        applications: list[Any] = json.loads(body) if status == HTTPStatus.OK else []
        return len(applications)

    def lists(self, application: str) -> bool:
        """Whether it lists an application now: much less work for it than the whole list."""
        return self._get(f"/api/v1/applications/{application}")[0] == HTTPStatus.OK

    def opens(self, application: str) -> bool:
        """Open an application's page of jobs, which waits for its log to be read."""
        status, body = self._get(f"/history/{application}/jobs/")
        return status == HTTPStatus.OK and b"Completed Jobs" in body

    def wrote(self, text: str) -> bool:
        """Whether its log holds a text."""
        return text in self.log.read_text(errors="replace")

    def until(self, condition: Callable[[], bool]) -> float:
        """Wait until a condition holds and return the server's age then, in seconds.

        Raises:
            RuntimeError: It ended, or the condition does not come true.
        """
        while not condition():
            if self.process.exit_code is not None or self.age > _LONGEST_SECONDS:
                raise RuntimeError(f"the History Server gave up:\n{self.process.tail(40)}")
            time.sleep(_POLL_SECONDS)
        return self.age

    def _get(self, path: str) -> tuple[int, bytes]:
        # The first to open an application is sent on to the same address.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(
                f"http://{LOOPBACK}:{self.port}{path}", timeout=_LONGEST_SECONDS
            ) as got:
                return got.status, got.read()
        except urllib.error.HTTPError as error:
            return error.code, b""
        except OSError:
            return 0, b""


def start_plain(logs: Path, folder: Path, spark: Mapping[str, str], memory: str) -> Server:
    """Start a server with Spark's defaults.

    Args:
        logs: The folder of the event logs.
        folder: For its own files.
        spark: The environment of a Spark installation.
        memory: Its heap; Spark's own default, 1 GB, would be less than ours has.
    """
    port = choose_port(None)
    settings = folder / "plain.conf"
    settings.write_text(
        f"spark.history.fs.logDirectory={logs.as_uri()}\nspark.history.ui.port={port}\n"
    )
    spark_class = f"{spark['SPARK_HOME']}/bin/spark-class"
    return _start(
        [spark_class, _CLASS, "--properties-file", str(settings)],
        {**spark, "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": memory},
        port,
        folder / "plain.log",
    )


def start_container(
    container: Container, folder: Path, around: Mapping[str, str], port: int | None = None
) -> Server:
    """Start a container of the task as a process.

    Args:
        container: The container.
        folder: What stands in for the task's volume.
        around: The environment of the image that it stands for.
        port: Where the server listens; a free port by default.
    """
    chosen = port or choose_port(None)
    places = {"HISTORY_FOLDER": str(folder), "HISTORY_PORT": str(chosen)}
    return _start(
        container.entry_point,
        {**around, **container.environment, **places},
        chosen,
        folder.with_name(f"{folder.name}-{container.name}.log"),
    )


def _start(
    command: tuple[str, ...] | list[str], variables: Mapping[str, str], port: int, log: Path
) -> Server:
    system = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with _one_processor():
        started = time.monotonic()
        process = Child(tied(command), log=log, variables={**system, **variables})
    return Server(process, port, log, started)


@contextmanager
def _one_processor() -> Iterator[None]:
    """Start processes on one processor, the same each time: the task has one vCPU by default."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(processors)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)
