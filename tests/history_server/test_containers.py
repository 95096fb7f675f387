import http.server
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.containers import Container, Plan, containers
from cdk_sagemaker_processing.history_server.mirror_code import BOOTSTRAP

PLAN = Plan(
    sources=("s3://logs/spark-events/", "s3://more/"),
    code="s3://code/mirror.zip",
    memory_mib=4096,
    ephemeral_gib=20,
)


def test_the_mirror_is_told_what_to_copy_and_when_to_end() -> None:
    """All of its container."""
    mirror, _ = containers(PLAN)
    assert mirror == Container(
        name="mirror",
        image="public.ecr.aws/lambda/python:3.13",
        entry_point=("python3", "-c", BOOTSTRAP),
        environment={
            "HISTORY_FOLDER": "/history",
            "HISTORY_PORT": "18080",
            "HISTORY_CODE": "s3://code/mirror.zip",
            "HISTORY_SOURCES": '["s3://logs/spark-events/", "s3://more/"]',
            "HISTORY_POLL_SECONDS": "3",
            "HISTORY_DISK_MIB": "9830",
            "HISTORY_IDLE_MINUTES": "30",
            "HISTORY_MAX_MINUTES": "480",
        },
        readonly_root=False,
        health_check=None,
    )


def test_the_server_listens_within_the_task_alone_with_most_of_its_memory_as_heap() -> None:
    """All of its environment; its program is `serve.sh`, its root filesystem read-only."""
    _, server = containers(PLAN)
    settings = dict(line.split("=") for line in server.environment["HISTORY_SERVER_CONF"].split())
    assert {**server.environment, "HISTORY_SERVER_CONF": settings} == {
        "HISTORY_FOLDER": "/history",
        "HISTORY_PORT": "18080",
        "HISTORY_SERVER_CONF": {
            "spark.history.store.hybridStore.enabled": "true",
            "spark.history.store.hybridStore.diskBackend": "ROCKSDB",
            "spark.history.store.hybridStore.maxMemoryUsage": "1228m",
            "spark.history.store.maxDiskUsage": "4915m",
            "spark.history.store.serializer": "PROTOBUF",
            "spark.history.fs.update.interval": "5s",
            "spark.history.fs.numReplayThreads": "4",
            "spark.history.fs.endEventReparseChunkSize": "64k",
            "spark.history.fs.inProgressOptimization.enabled": "false",
            "spark.history.fs.cleaner.enabled": "false",
        },
        "SPARK_DAEMON_MEMORY": "2457m",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    assert server.image == "public.ecr.aws/docker/library/spark:3.5.8-scala2.12-java17-ubuntu"
    assert server.readonly_root


def test_a_task_that_is_always_on_ends_for_no_age_and_no_idleness() -> None:
    """It has no such variables at all."""
    plan = Plan(
        sources=PLAN.sources,
        code=PLAN.code,
        memory_mib=4096,
        ephemeral_gib=20,
        idle_minutes=None,
        max_minutes=None,
    )
    told = set(containers(plan)[0].environment)
    assert told == set(containers(PLAN)[0].environment) - {
        "HISTORY_IDLE_MINUTES",
        "HISTORY_MAX_MINUTES",
    }


def test_behind_a_load_balancer_the_server_listens_to_all_and_knows_its_address() -> None:
    """And a setting of the user's own stands in place of ours."""
    plan = Plan(
        sources=PLAN.sources,
        code=PLAN.code,
        memory_mib=4096,
        ephemeral_gib=20,
        loopback_only=False,
        url="https://history.example.com",
        spark_conf={"spark.history.fs.update.interval": "30s"},
    )
    environment = containers(plan)[1].environment
    assert "SPARK_LOCAL_IP" not in environment
    lines = environment["HISTORY_SERVER_CONF"].splitlines()
    assert "spark.ui.proxyRedirectUri=https://history.example.com" in lines
    assert "spark.history.fs.update.interval=30s" in lines
    assert "spark.history.fs.update.interval=5s" not in lines


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as Spark's server does."""

    status = 200

    def do_GET(self) -> None:
        """Answer on the one path that the health check asks for."""
        self.send_response(self.status if self.path == "/api/v1/version" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class BrokenServer(Server):
    """Answers, but with an error."""

    status = 500


@pytest.fixture(params=[Server])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def is_healthy(folder: Path, port: int) -> bool:
    """Run the health check as ECS does, in the server's container."""
    command = containers(PLAN)[1].health_check
    assert command is not None
    assert command[0] == "CMD"
    return not subprocess.run(
        command[1:],
        env={
            "PATH": "/usr/bin:/bin",
            "HISTORY_PORT": str(port),
            "HISTORY_FOLDER": str(folder),
        },
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The volume, in which the mirror has just shown that it lives."""
    (tmp_path / "control").mkdir()
    (tmp_path / "control" / "alive").touch()
    return tmp_path


def test_the_task_is_healthy_while_server_and_mirror_are(folder: Path, port: int) -> None:
    """No program but bash and find is needed."""
    assert is_healthy(folder, port)


def test_a_mirror_that_stands_still_is_no_healthy_task(folder: Path, port: int) -> None:
    """Two minutes without a round."""
    ago = time.time() - 180
    os.utime(folder / "control" / "alive", (ago, ago))
    assert not is_healthy(folder, port)


@pytest.mark.parametrize("port", [BrokenServer], indirect=True)
def test_a_server_that_answers_with_an_error_is_not_healthy(folder: Path, port: int) -> None:
    """It must say 200."""
    assert not is_healthy(folder, port)


def test_a_server_that_is_not_there_is_not_healthy(folder: Path) -> None:
    """Nothing listens on port 9, the port of discard."""
    assert not is_healthy(folder, 9)
