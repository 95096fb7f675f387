import json
import socket
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.history import (
    Application,
    HistoryServer,
    download_event_logs,
)
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.ports import choose_port

# Answers as Spark's server does: an empty list first, the applications once the logs are read.
SERVER = """
import http.server, json, sys
settings = dict(line.split(" ", 1) for line in open(sys.argv[3]).read().splitlines())
answers = [[], [], [{"id": "local-1", "name": "clean",
                     "attempts": [{"completed": True, "duration": 1500}]}]]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(answers.pop(0) if len(answers) > 1 else answers[0]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
port = int(settings["spark.history.ui.port"])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def spark_home(folder: Path, script: str) -> dict[str, str]:
    """A Spark installation whose History Server is a Python script."""
    (folder / "server.py").write_text(script)
    command = folder / "bin" / "spark-class"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "server.py"} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return {"SPARK_HOME": str(folder), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def event_logs(tmp_path: Path) -> Path:
    """A folder with one event log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "local-1").touch()
    return folder


def test_applications_are_listed_once_every_log_is_read(tmp_path: Path, event_logs: Path) -> None:
    """The server answers before it has read the logs; who asks waits for them."""
    variables = spark_home(tmp_path, SERVER)
    with HistoryServer.start(
        event_logs=event_logs,
        folder=tmp_path,
        variables=variables,
    ) as server:
        assert server.url.startswith("http://127.0.0.1:")
        assert server.applications() == (Application("local-1", "clean", True, 1500),)
        server.raise_if_ended()
    port = int(server.url.rpartition(":")[2])
    assert choose_port(port) == port, "the port is free again"
    with pytest.raises(LocalCloudError, match="ended"):
        server.raise_if_ended()


def test_a_server_that_does_not_start_says_why(tmp_path: Path, event_logs: Path) -> None:
    """The error carries the last lines of its log."""
    variables = spark_home(tmp_path, "raise SystemExit('no such log directory')")
    with pytest.raises(LocalCloudError, match=r"ended \(exit code 1\)[^$]*no such log directory"):
        HistoryServer.start(event_logs=event_logs, folder=tmp_path, variables=variables)


def test_a_taken_port_is_refused(tmp_path: Path, event_logs: Path) -> None:
    """Spark's own habit is to move on to another port; here it is an error."""
    variables = spark_home(tmp_path, SERVER)
    start = {"event_logs": event_logs, "folder": tmp_path, "variables": variables}
    with HistoryServer.start(**start) as server:  # type: ignore[arg-type]  # values of several types
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(LocalCloudError, match=f"history port {port} .* is taken"):
            HistoryServer.start(**start, port=port)  # type: ignore[arg-type]  # as above


class Bucket:
    """S3 with event logs of two runs."""

    def __init__(self, objects: dict[str, tuple[datetime, bytes]]) -> None:
        self.objects = objects

    def get_paginator(self, name: str) -> "Bucket":
        """Page a listing."""
        assert name == "list_objects_v2"
        return self

    def paginate(self, **request: str) -> list[dict[str, Any]]:
        """Return one page."""
        found = [
            {"Key": key, "Size": len(body), "LastModified": written}
            for key, (written, body) in self.objects.items()
            if key.startswith(request["Prefix"])
        ]
        return [{"Contents": found}, {}]

    def download_file(self, bucket: str, key: str, file: str) -> None:
        """Write an object to a file."""
        assert bucket == "b"
        Path(file).write_bytes(self.objects[key][1])


def test_event_logs_of_this_run_are_copied_flat(tmp_path: Path) -> None:
    """Spark lists no log in a folder; another run's logs and empty objects stay away."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    before = now - timedelta(hours=1)
    bucket = Bucket(
        {
            "events/": (now, b""),
            "events/old": (before, b"x"),
            "events/local-1": (now, b"one"),
            "events/deep/local-2": (now, b"two"),
            "other/local-3": (now, b"three"),
        },
    )
    uris = ("s3://b/events/", "s3://b/events/")
    assert download_event_logs(bucket, uris, tmp_path, now) == 2
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "local-1": "one",
        "local-2": "two",
    }


EVENTS = (
    {"Event": "SparkListenerLogStart", "Spark Version": "3.5.9"},
    {
        "Event": "SparkListenerApplicationStart",
        "App Name": "clean",
        "App ID": "local-1",
        "Timestamp": 1_700_000_000_000,
        "User": "me",
    },
    {"Event": "SparkListenerApplicationEnd", "Timestamp": 1_700_000_001_500},
)


@pytest.mark.local_cloud
def test_spark_s_own_server_lists_a_run_on_loopback_alone(tmp_path: Path) -> None:
    """The real History Server reads a log and answers on 127.0.0.1, nowhere else."""
    logs = tmp_path / "logs"
    logs.mkdir()
    # Spark looks for the events' names at the start of lines, and for no blank before them.
    lines = [json.dumps(event, separators=(",", ":")) for event in EVENTS]
    (logs / "local-1").write_text("\n".join([*lines, ""]))
    image = "x/sagemaker-spark-processing:3.5-cpu-py312-v1.3"
    environment = Environments().prepare(image, print)
    with HistoryServer.start(
        event_logs=logs,
        folder=tmp_path,
        variables=environment.variables,
    ) as server:
        assert server.applications() == (Application("local-1", "clean", True, 1500),)
        port = int(server.url.rpartition(":")[2])
        # Loopback too, yet only what listens on every address answers there.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=5)
    assert choose_port(port) == port, "the port is free again"
