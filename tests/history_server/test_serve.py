import contextlib
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from cdk_sagemaker_processing.history_server.containers import Plan, containers

SECONDS = 20
PLAN = Plan(sources=("s3://logs/",), code="s3://code/m.zip", memory_mib=4096, ephemeral_gib=20)


@dataclass
class Server:
    """The server's container as a process, its Spark a script of this test's."""

    process: subprocess.Popen[str]
    folder: Path

    @property
    def control(self) -> Path:
        """Where it and the mirror tell each other things."""
        return self.folder / "control"

    @property
    def scratch(self) -> Path:
        """Where it writes what nobody else reads."""
        return self.folder / "tmp"

    def output(self) -> str:
        """Wait for its end and return what it said."""
        return self.process.communicate(timeout=SECONDS)[0]

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, "it did not come about"
            assert self.process.poll() is None, self.output()
            time.sleep(0.02)

    def lives(self) -> list[str]:
        """A line for each start of the Spark server."""
        starts = self.folder / "starts"
        return starts.read_text().splitlines() if starts.exists() else []


class Start(Protocol):
    """Starts the container with a Spark that runs a script."""

    def __call__(self, script: str, *, ready: bool = True, **variables: str) -> Server:
        """Start it, at first without the mirror's folders if it is not `ready`."""
        ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the container with a Spark that runs a script."""
    started = []

    def begin(script: str, *, ready: bool = True, **variables: str) -> Server:
        folder = tmp_path / "history"
        for name in ("logs", "store", "tmp", "control"):
            (folder / name).mkdir(parents=True)
        if ready:
            (folder / "control" / "ready").touch()
        _, container = containers(PLAN)
        process = subprocess.Popen(
            container.entry_point,
            env={
                **container.environment,
                "PATH": "/usr/bin:/bin",
                "SPARK_HOME": str(spark_home(tmp_path / "spark", script)),
                "HISTORY_FOLDER": str(folder),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        server = Server(process, folder)
        started.append(server)
        return server

    yield begin
    for server in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGKILL)
        server.process.communicate()


def spark_home(folder: Path, script: str) -> Path:
    """A Spark whose History Server writes down how it was started, then runs a script."""
    command = folder / "bin" / "spark-class"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/bash\necho "$*" >>"$HISTORY_FOLDER/starts"\n{script}\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return folder


def test_the_containers_entry_point_is_the_script(start: Start) -> None:
    """It starts the History Server's class with a properties file of its own."""
    server = start("exec sleep 60")
    server.wait_for(server.lives)
    (arguments,) = server.lives()
    settings = f"{server.scratch}/history-server.conf"
    history_server = "org.apache.spark.deploy.history.HistoryServer"
    assert arguments == f"{history_server} --properties-file {settings}"
    assert Path(settings).read_text().splitlines()[-4:] == [
        f"spark.history.fs.logDirectory=file://{server.folder}/logs",
        f"spark.history.store.path={server.folder}/store",
        "spark.history.ui.port=18080",
        "spark.port.maxRetries=0",
    ]
    given = containers(PLAN)[1].environment["HISTORY_SERVER_CONF"]
    assert Path(settings).read_text().startswith(given)


def test_everything_that_java_writes_is_in_the_volume(start: Start) -> None:
    """The root filesystem is read-only."""
    server = start('echo "$SPARK_DAEMON_JAVA_OPTS" >"$HISTORY_FOLDER/options"; exec sleep 60')
    server.wait_for((server.folder / "options").exists)
    server.wait_for((server.folder / "options").read_text)
    assert (server.folder / "options").read_text().split() == [
        f"-Djava.io.tmpdir={server.scratch}",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
    ]


def test_an_old_bash_writes_nothing_elsewhere_either(start: Start, tmp_path: Path) -> None:
    """SageMaker's older images have Bash 4.2, which keeps here-documents in temporary files."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    before = elsewhere.stat().st_mtime_ns

    server = start("exec sleep 60", BASH_COMPAT="4.2", TMPDIR=str(elsewhere))
    server.wait_for(server.lives)

    assert elsewhere.stat().st_mtime_ns == before


def test_it_waits_for_the_mirror_to_make_the_folders(start: Start) -> None:
    """A server that finds no log directory would end."""
    server = start("exec sleep 60", ready=False)
    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(0.5)
    assert not server.lives()
    (server.control / "ready").touch()
    server.wait_for(server.lives)


def test_a_server_that_ends_is_started_once_more(start: Start) -> None:
    """And that is told."""
    server = start('[ "$(wc -l <"$HISTORY_FOLDER/starts")" = 2 ] && exec sleep 60; exit 3')
    server.wait_for(lambda: len(server.lives()) == 2)
    server.process.send_signal(signal.SIGTERM)
    assert server.output() == "WARNING the server ended (exit code 3): starting it once more\n"


def test_a_server_that_ends_twice_ends_the_container_with_the_reason(start: Start) -> None:
    """The mirror reads it from the volume, people from the log."""
    server = start("exit 3")
    reason = "Spark's History Server ended twice, the last time with exit code 3"
    assert server.output().splitlines() == [
        "WARNING the server ended (exit code 3): starting it once more",
        f"ERROR {reason}",
    ]
    assert server.process.returncode == 1
    assert (server.control / "server-ended").read_text() == f"{reason}\n"
    assert len(server.lives()) == 2


def test_a_server_that_the_mirror_finds_silent_is_killed_and_started_anew(start: Start) -> None:
    """Even one that hears no signal."""
    server = start("trap '' TERM; sleep 60 & wait; wait")
    server.wait_for(server.lives)
    (server.control / "restart").touch()
    server.wait_for(lambda: len(server.lives()) == 2)
    assert not (server.control / "restart").exists()


def test_ecs_stops_it_with_its_server(start: Start) -> None:
    """SIGTERM goes on to the server, whose end is awaited; that is no failure."""
    server = start("trap 'echo closed; exit 0' TERM; echo up; while :; do sleep 0.05; done")
    server.wait_for(server.lives)
    assert server.process.stdout is not None
    assert server.process.stdout.readline() == "up\n"
    server.process.send_signal(signal.SIGTERM)
    assert server.output() == "closed\n"
    assert server.process.returncode == 0
    assert not (server.control / "server-ended").exists()


def test_an_image_without_spark_says_so(tmp_path: Path, start: Start) -> None:
    """Where it was looked for is told."""
    server = start("exit 0")
    server.process.kill()
    (tmp_path / "spark" / "bin" / "spark-class").unlink()
    again = subprocess.run(
        containers(PLAN)[1].entry_point,
        env={
            **containers(PLAN)[1].environment,
            "PATH": "/usr/bin:/bin",
            "HISTORY_FOLDER": str(server.folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 127
    assert again.stdout == (
        "ERROR the image has no Spark: neither SPARK_HOME, /opt/spark nor /usr/lib/spark holds "
        "bin/spark-class\n"
    )
