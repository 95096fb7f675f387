"""The mirror as its container runs it: the program, the zip, the environment, a real process."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.history_server.mirror_code import BOOTSTRAP, MIRROR_FOLDER
from cdk_sagemaker_processing.local import LocalCloud
from tests.history_server.mirror.fake_s3 import END, START, job
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

_BUCKET = "event-logs"
_CODE = "s3://event-logs/code.zip"


class _Version(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as Spark's server does, keeping the connection."""
        content = b'{"spark":"3.5.8"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Be silent."""


class Setting:
    """A local S3, a server that answers, and mirrors between them."""

    def __init__(self, cloud: LocalCloud, folder: Path, port: int) -> None:
        self._cloud = cloud
        self.folder = folder
        self.port = port
        self.started: list[subprocess.Popen[str]] = []

    def put(self, name: str, content: bytes) -> None:
        """Write an event log."""
        self.s3.put_object(Bucket=_BUCKET, Key=f"spark-events/{name}", Body=content)

    @property
    def s3(self) -> Any:
        """A client of the local S3."""
        return self._cloud.client("s3")

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """Start a mirror."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **self._cloud.environment,
            "HISTORY_FOLDER": str(self.folder / "history"),
            "HISTORY_PORT": str(self.port),
            "HISTORY_CODE": _CODE,
            "HISTORY_SOURCES": f'["s3://{_BUCKET}/spark-events/"]',
            "HISTORY_POLL_SECONDS": "0.1",
            "HISTORY_DISK_MIB": "100",
            **variables,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", BOOTSTRAP],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    @property
    def files(self) -> dict[str, bytes]:
        """The mirrored logs."""
        logs = self.folder / "history" / "logs"
        found = {}
        for each in logs.iterdir() if logs.exists() else ():
            # It may just get its final name.
            with suppress(FileNotFoundError):
                found[each.name] = each.read_bytes()
        return found


def _zip() -> bytes:
    """The folder's contents, as the CDK publishes them."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for file in MIRROR_FOLDER.glob("*.py"):
            archive.write(file, file.name)
    return held.getvalue()


@pytest.fixture(scope="module", name="cloud")
def _cloud() -> Iterator[LocalCloud]:
    with LocalCloud.start() as cloud:
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket=_BUCKET)
        s3.put_object(Bucket=_BUCKET, Key="code.zip", Body=_zip())
        yield cloud


@pytest.fixture(name="setting")
def _setting(cloud: LocalCloud, tmp_path: Path) -> Iterator[Setting]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Version) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        setting = Setting(cloud, tmp_path, server.server_port)
        try:
            yield setting
        finally:
            for process in setting.started:
                process.kill()
                process.communicate()
            server.shutdown()
            thread.join()
            for each in setting.s3.list_objects_v2(Bucket=_BUCKET, Prefix="spark-events/").get(
                "Contents", ()
            ):
                setting.s3.delete_object(Bucket=_BUCKET, Key=each["Key"])


def test_a_growing_log_shows_and_finishes_and_an_idle_mirror_ends(setting: Setting) -> None:
    """As long as somebody is connected it stays."""
    large = START + b"".join(job(number) for number in range(5000))
    setting.put("app", large[:-9])
    with socket.create_connection(("127.0.0.1", setting.port)):
        mirror = setting.start(HISTORY_IDLE_MINUTES="0.05")
        assert until(lambda: setting.files == {"app.inprogress": large[:-9]})
        setting.put("app", large + END)
        assert until(lambda: setting.files == {"app": large + END})
        setting.s3.delete_object(Bucket=_BUCKET, Key="spark-events/app")
        assert until(lambda: not setting.files)
        control = setting.folder / "history" / "control"
        assert {each.name for each in control.iterdir()} == {"alive", "ready"}
        assert mirror.poll() is None
    said, _ = mirror.communicate(timeout=60)
    assert mirror.returncode == 0
    lines = said.splitlines()
    assert f"INFO mirroring s3://{_BUCKET}/spark-events/" in lines
    assert "INFO log app is finished" in lines
    assert lines[-1] == "ENDED idle: nobody has used the server for 0.05 minutes"


def test_a_mirror_that_is_told_to_stop_ends_at_once(setting: Setting) -> None:
    """With code 0, and started again it goes on with what it has."""
    setting.put("app", START + END)
    mirror = setting.start()
    assert until(lambda: "app" in setting.files)
    mirror.send_signal(signal.SIGTERM)
    said, _ = mirror.communicate(timeout=5)
    assert (mirror.returncode, "ENDED" in said) == (0, False)
    app = setting.folder / "history" / "logs" / "app"
    before = app.stat()
    again = setting.start()
    setting.put("other", START)
    assert until(lambda: setting.files == {"app": START + END, "other.inprogress": START})
    assert app.stat().st_ino == before.st_ino
    again.send_signal(signal.SIGINT)
    assert again.wait(5) == 0


@pytest.mark.parametrize("stopped", [False, True])
def test_the_reason_of_a_server_that_ended_is_told(setting: Setting, stopped: bool) -> None:
    """Whether the mirror sees it by itself, or is stopped for it."""
    mirror = setting.start()
    control = setting.folder / "history" / "control"
    assert until((control / "ready").exists)
    (control / "server-ended").write_text("no Spark\n")
    if stopped:
        mirror.terminate()
    said, _ = mirror.communicate(timeout=60)
    assert (mirror.returncode, said.splitlines()[-1]) == (1, "ENDED the server ended: no Spark")


def test_a_missing_bucket_is_told(setting: Setting) -> None:
    """And the other source is mirrored."""
    setting.put("app", START + END)
    mirror = setting.start(
        HISTORY_SOURCES=f'["s3://no-such-bucket/x", "s3://{_BUCKET}/spark-events"]'
    )
    assert until(lambda: "app" in setting.files)
    mirror.terminate()
    said, _ = mirror.communicate(timeout=5)
    assert (
        "ERROR s3://no-such-bucket/x/ cannot be listed: there is no bucket no-such-bucket"
        in said.splitlines()
    )


def test_bad_settings_are_told(setting: Setting) -> None:
    """In the last line."""
    mirror = setting.start(HISTORY_DISK_MIB="much", HISTORY_IDLE_MINUTES="0")
    said, _ = mirror.communicate(timeout=60)
    assert (mirror.returncode, said) == (
        1,
        (
            "ENDED HISTORY_DISK_MIB must be a whole number above 0, got 'much'; "
            "HISTORY_IDLE_MINUTES must be a number above 0, got '0'\n"
        ),
    )


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("s3://event-logs/other.zip", "NoSuchKey"),
        ("s3://event-logs/spark-events/app", "BadZipFile: File is not a zip file"),
        ("", "ParamValidationError"),
    ],
)
def test_code_that_cannot_be_had_is_told(setting: Setting, code: str, why: str) -> None:
    """In the last line, with its place."""
    setting.put("app", START)
    mirror = setting.start(HISTORY_CODE=code)
    said, _ = mirror.communicate(timeout=60)
    assert mirror.returncode == 1
    assert said.startswith(f"ENDED the mirror's code, HISTORY_CODE={code!r}, cannot be had: {why}")
    assert said.count("\n") == 1
