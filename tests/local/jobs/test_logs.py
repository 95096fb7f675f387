import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cdk_sagemaker_processing.local.jobs.logs import (
    CloudWatchStream,
    JobLog,
    LogStreamError,
    failure_excerpt,
)
from tests.local.jobs.fakes import FakeStream

NAME = {"logGroupName": "group", "logStreamName": "stream"}


@pytest.fixture
def client() -> Any:
    """A client of CloudWatch Logs that reaches nobody."""
    return boto3.client(
        "logs",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  no secret: it reaches nobody
    )


def test_the_stream_is_made_once_and_an_existing_one_is_used(client: Any) -> None:
    """Group and stream are made before the first event; that they exist is no error."""
    with Stubber(client) as answers:
        answers.add_client_error("create_log_group", "ResourceAlreadyExistsException")
        answers.add_response("create_log_stream", {}, NAME)
        for line in ("one", "two"):
            events = [{"timestamp": 1, "message": line}]
            answers.add_response("put_log_events", {}, {**NAME, "logEvents": events})
        stream = CloudWatchStream(client, "group", "stream")
        stream.put([(1, "one")])
        stream.put([(1, "two")])
        answers.assert_no_pending_responses()


def test_a_refusal_is_a_log_stream_error(client: Any) -> None:
    """Whatever CloudWatch Logs refuses is one kind of error."""
    with Stubber(client) as answers:
        answers.add_client_error("create_log_group", "AccessDeniedException")
        with pytest.raises(LogStreamError, match="AccessDenied"):
            CloudWatchStream(client, "group", "stream").put([(1, "line")])


def test_batches_keep_within_the_services_limits(client: Any) -> None:
    """25,000 events go in three calls, 3 MB in four."""
    calls: list[int] = []

    class Counting:
        exceptions = client.exceptions

        def create_log_group(self, **_: str) -> None: ...

        def create_log_stream(self, **_: str) -> None: ...

        def put_log_events(self, *, logEvents: Sequence[Any], **_: str) -> None:  # noqa: N803 # boto3's name
            calls.append(len(logEvents))

    stream = CloudWatchStream(Counting(), "group", "stream")
    stream.put([(1, "x")] * 25_000)
    assert calls == [10_000, 10_000, 5_000]
    calls.clear()
    stream.put([(1, "x" * 50_000)] * 60)
    assert calls == [20, 20, 20]


def test_lines_reach_the_file_at_once(tmp_path: Path) -> None:
    """The file grows line by line, while the job still writes."""
    log = JobLog(tmp_path / "log.txt", None)
    read, written = io.BytesIO(), io.BytesIO(b"one\ntwo\r\nthree")
    log.copy(written)
    log.note("done")
    read.write((tmp_path / "log.txt").read_bytes())
    log.close()
    assert read.getvalue() == b"one\ntwo\nthree\n[local cloud] done\n"
    assert log.last_lines() == ["one", "two", "three"]


def test_an_empty_line_is_sent_as_a_blank(tmp_path: Path) -> None:
    """CloudWatch Logs refuses an event without characters; the file has the line as it was."""
    stream = FakeStream()
    with JobLog(tmp_path / "log.txt", stream) as log:
        log.copy(io.BytesIO(b"\xff\n\n"))
    assert stream.lines == ["\ufffd", " "]
    assert (tmp_path / "log.txt").read_text() == "\ufffd\n\n"


def test_lines_are_sent_while_the_job_runs(tmp_path: Path) -> None:
    """A line is in the stream about a second after it was written, before the log is closed."""
    sent = threading.Event()

    class Telling(FakeStream):
        def put(self, events: Sequence[tuple[int, str]]) -> None:
            super().put(events)
            sent.set()

    with JobLog(tmp_path / "log.txt", Telling()) as log:
        log.note("early")
        assert sent.wait(10)


def test_who_writes_faster_than_the_stream_takes_waits(tmp_path: Path) -> None:
    """What waits for its delivery is bounded, and every line arrives in order."""
    lines = [f"{number} {'x' * 50_000}" for number in range(300)]
    most = 0

    class Slow(FakeStream):
        def put(self, events: Sequence[tuple[int, str]]) -> None:
            nonlocal most
            most = max(most, sum(len(line) for _, line in events))
            super().put(events)

    stream = Slow()
    with JobLog(tmp_path / "log.txt", stream) as log:
        log.copy(io.BytesIO("\n".join(lines).encode()))
    assert stream.lines == lines
    assert most < 5_000_000


def test_a_stream_that_breaks_stops_no_job(tmp_path: Path) -> None:
    """Whatever goes wrong there: the file has every line, and says what did."""

    class Broken(FakeStream):
        def put(self, events: Sequence[tuple[int, str]]) -> None:
            raise RuntimeError(f"no room for {len(events)}")

    with JobLog(tmp_path / "log.txt", Broken()) as log:
        log.copy(io.BytesIO((b"x" * 50_000 + b"\n") * 200))
    written = (tmp_path / "log.txt").read_text().splitlines()
    assert len(written) == 201
    said = "[local cloud] CloudWatch Logs takes no more lines of this job: no room for "
    assert sum(line.startswith(said) for line in written) == 1


PYSPARK = [
    "Traceback (most recent call last):",
    '  File "app.py", line 1, in <module>',
    "py4j.protocol.Py4JJavaError: An error occurred while calling o45.parquet.",
    ": org.apache.spark.SparkException: Job aborted.",
    "\tat org.apache.spark.Main",
    "Caused by: java.io.IOException: middle",
    "Caused by: java.io.IOException: No space left on device",
    "\t... 3 more",
]
JAVA = [
    "INFO starting",
    'Exception in thread "main" org.apache.spark.SparkException: Job aborted',
    "\tat org.apache.spark.Main",
    "Caused by: java.io.IOException: middle",
    "\tat org.apache.spark.Other",
    "Caused by: java.io.FileNotFoundException: /opt/ml/processing/input/x",
    "INFO ShutdownHookManager: Shutdown hook called",
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a", "", "b"], "a\nb"),
        ([], ""),
        (
            [
                *["Traceback (most recent call last):", "  one", "E: 1", "noise"],
                *["Traceback (most recent call last):", "  two", "E: 2", "INFO Shutdown"],
            ],
            "Traceback (most recent call last):\n  two\nE: 2",
        ),
        (
            ["Traceback (most recent call last):", "  cut"],
            "Traceback (most recent call last):\n  cut",
        ),
        (PYSPARK, "\n".join((*PYSPARK[:4], PYSPARK[6]))),
        (JAVA, f"{JAVA[1]}\n{JAVA[5]}"),
    ],
)
def test_the_excerpt_is_the_last_failure(lines: list[str], expected: str) -> None:
    """The last traceback without what follows it, a Java exception with its root, or the end."""
    assert failure_excerpt(lines, 1000) == expected


def test_a_long_excerpt_keeps_its_end() -> None:
    """What does not fit is cut at the front and marked."""
    assert failure_excerpt(["0123456789"], 8) == "...56789"
