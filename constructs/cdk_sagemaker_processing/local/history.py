"""Spark's own History Server on this machine, over event logs in a folder."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any, Self

from cdk_sagemaker_processing.local.children import Child, tied
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.holding import signals_held
from cdk_sagemaker_processing.local.ports import LOOPBACK, choose_port
from cdk_sagemaker_processing.local.stoppable import Stoppable

_CLASS = "org.apache.spark.deploy.history.HistoryServer"
_LIST_PATH = "/api/v1/applications"
_START_SECONDS = 60
_LIST_SECONDS = 60
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Application:
    """One Spark application that the server lists.

    Attributes:
        identity: Its id, as in the server's addresses.
        name: Its name.
        completed: Whether its log says that it ended.
        duration_in_milliseconds: How long its last attempt took.
    """

    identity: str
    name: str
    completed: bool
    duration_in_milliseconds: int


class HistoryServer(Stoppable):
    """A History Server in a process of its own, on 127.0.0.1 alone.

    Start one by `start`, at best in a `with` statement.

    Attributes:
        url: Its address.
    """

    def __init__(self, server: Child, port: int, expected: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self._port = port
        self._server = server
        self._expected = expected

    @classmethod
    def start(
        cls,
        *,
        event_logs: Path,
        folder: Path,
        variables: Mapping[str, str],
        port: int | None = None,
    ) -> Self:
        """Start a server and wait until it answers.

        Args:
            event_logs: The folder of the event logs, flat: logs in folders of it are not listed.
            folder: A folder for its own files.
            variables: The whole environment of a Spark installation, `SPARK_HOME` among it.
            port: Where it listens on 127.0.0.1; a free port by default.

        Raises:
            LocalCloudError: If the port is taken, or it does not come up.
        """
        chosen = choose_port(port, "history port")
        settings = folder / "history-server.conf"
        settings.write_text(_settings(event_logs, chosen))
        spark_class = Path(variables["SPARK_HOME"]) / "bin" / "spark-class"
        server = None
        try:
            with signals_held():
                child = Child(
                    tied([str(spark_class), _CLASS, "--properties-file", str(settings)]),
                    log=folder / "history-server.log",
                    variables=dict(variables) | _loopback_only(folder),
                    folder=folder,
                )
                server = cls(child, chosen, sum(1 for _ in event_logs.iterdir()))
            server._wait_until_listed([], _START_SECONDS)
        except BaseException:
            if server:
                server.stop()
            raise
        return server

    def applications(self) -> tuple[Application, ...]:
        """Ask its REST API for the applications, waiting until it has read every log.

        Raises:
            LocalCloudError: If it ends, or lists too few within a minute.
        """
        listed: list[dict[str, Any]] = []
        self._wait_until_listed(listed, _LIST_SECONDS, self._expected)
        return tuple(_application(each) for each in listed)

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    def _wait_until_listed(
        self,
        listed: list[dict[str, Any]],
        seconds: float,
        at_least: int = 0,
    ) -> None:
        end = time.monotonic() + seconds
        while True:
            answer = self._ask()
            if answer is not None and len(answer) >= at_least:
                listed.extend(answer)
                return
            self.raise_if_ended()
            if time.monotonic() > end:
                found = "no answer" if answer is None else f"{len(answer)} of {at_least} listed"
                raise LocalCloudError(
                    f"Spark's History Server: {found} after {seconds:.0f} s; its last lines:\n"
                    f"{self._server.tail()}",
                )
            time.sleep(_POLL_SECONDS)

    def raise_if_ended(self) -> None:
        """Raise a LocalCloudError if it does not run any more."""
        code = self._server.exit_code
        if code is not None:
            raise LocalCloudError(
                f"Spark's History Server ended (exit code {code}); its last lines:\n"
                f"{self._server.tail()}",
            )

    def _ask(self) -> list[dict[str, Any]] | None:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=10)
        try:
            connection.request("GET", _LIST_PATH)
            answer = connection.getresponse()
            if answer.status != HTTPStatus.OK:
                return None
            applications: list[dict[str, Any]] = json.loads(answer.read())
        except OSError:
            return None
        finally:
            connection.close()
        return applications


def download_event_logs(
    s3: Any,
    uris: tuple[str, ...],
    folder: Path,
    since: datetime | None = None,
) -> int:
    """Copy event logs from S3 into a folder, flat.

    Args:
        s3: A boto3 client of S3.
        uris: The S3 URIs of the prefixes they are under.
        folder: Where to.
        since: Leave out what was last written before this time.

    Returns:
        How many logs were copied.
    """
    copied = 0
    for uri in dict.fromkeys(uris):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                if each["Size"] and (since is None or each["LastModified"] >= since):
                    name = PurePosixPath(each["Key"]).name
                    s3.download_file(bucket, each["Key"], str(folder / name))
                    copied += 1
    return copied


def _settings(event_logs: Path, port: int) -> str:
    settings = {
        "spark.history.fs.logDirectory": event_logs.absolute().as_uri(),
        "spark.history.ui.port": port,
        # Else it moves to another port in silence.
        "spark.port.maxRetries": 0,
        "spark.history.fs.update.interval": "2s",
        "spark.history.fs.cleaner.enabled": "false",
        "spark.history.fs.inProgressOptimization.enabled": "false",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _loopback_only(folder: Path) -> dict[str, str]:
    return {
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "SPARK_PUBLIC_DNS": LOOPBACK,
        "SPARK_LOG_DIR": str(folder),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_DAEMON_MEMORY": "1g",
    }


def _application(listed: Mapping[str, Any]) -> Application:
    attempt = listed["attempts"][-1]
    return Application(
        identity=listed["id"],
        name=listed["name"],
        completed=attempt["completed"],
        duration_in_milliseconds=attempt["duration"],
    )
