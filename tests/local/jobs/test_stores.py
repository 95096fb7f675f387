import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import Credentials, ProcessingService
from cdk_sagemaker_processing.local.jobs.logs import LOG_GROUP
from cdk_sagemaker_processing.local.jobs.stores import S3Store, StoreError, client
from tests.local.jobs.fakes import FakeEnvironments, application, outputs, request, source, target

pytestmark = pytest.mark.local_cloud
ANYBODY = Credentials("test", "test")


def connect(service: str, endpoint_url: str) -> Any:
    """A client of the local AWS."""
    return client(service, ANYBODY, endpoint_url=endpoint_url, region="us-east-1", ca_bundle=None)


@pytest.fixture(scope="module")
def endpoint_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 and CloudWatch Logs: MiniStack in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("ministack")
    settings = {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    settings["TMPDIR"] = str(folder)
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            env={**os.environ, **settings, "GATEWAY_PORT": str(port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "MiniStack does not answer"
            time.sleep(0.05)
        else:
            return


def test_no_proxy_stands_before_the_local_cloud(
    endpoint_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens where the user's variables say that a proxy is."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert isinstance(connect("s3", endpoint_url).list_buckets()["Buckets"], list)


def test_objects_go_there_and_back(endpoint_url: str, tmp_path: Path) -> None:
    """Every key of a prefix, over more than one page; content as it was."""
    s3 = connect("s3", endpoint_url)
    s3.create_bucket(Bucket="round-trip")
    store = S3Store(s3)
    (tmp_path / "in").write_bytes(b"\x00\xff")
    for number in range(1001):
        s3.put_object(Bucket="round-trip", Key=f"many/{number:04}", Body=b"")
    store.upload(tmp_path / "in", "round-trip", "one/key with blanks", None)
    assert len(store.keys("round-trip", "many/")) == 1001
    assert list(store.keys("round-trip", "one/")) == ["one/key with blanks"]
    store.download("round-trip", "one/key with blanks", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"\x00\xff"


def test_what_s3_refuses_is_a_store_error(endpoint_url: str, tmp_path: Path) -> None:
    """A missing bucket and a missing key, named with the call that failed."""
    s3 = connect("s3", endpoint_url)
    s3.create_bucket(Bucket="lonely")
    store = S3Store(s3)
    with pytest.raises(StoreError, match="ListObjectsV2 failed for s3://no-such-bucket/x"):
        store.keys("no-such-bucket", "x")
    with pytest.raises(StoreError, match="GetObject failed for s3://lonely/none"):
        store.download("lonely", "none", tmp_path / "out")
    (tmp_path / "in").touch()
    with pytest.raises(StoreError, match="PutObject failed for s3://no-such-bucket/in"):
        store.upload(tmp_path / "in", "no-such-bucket", "in", None)


def test_a_job_works_with_a_real_s3_and_cloudwatch(endpoint_url: str, tmp_path: Path) -> None:
    """Inputs, outputs and the log stream by boto3, against a real endpoint."""
    s3, logs = connect("s3", endpoint_url), connect("logs", endpoint_url)
    s3.create_bucket(Bucket="job-data")
    s3.put_object(Bucket="job-data", Key="in/x", Body=b"content")
    service = ProcessingService(
        home=tmp_path / "home",
        endpoint_url=endpoint_url,
        region="us-east-1",
        account_id="000000000000",
        credentials=lambda _role, _job: ANYBODY,
        environments=FakeEnvironments(tmp_path / "environment"),
    )
    folder = "/opt/ml/processing"
    service.create(
        request(
            AppSpecification=application("sh", "-c", f"cp -v {folder}/in/x {folder}/out/y"),
            ProcessingInputs=[source("s3://job-data/in/", f"{folder}/in")],
            ProcessingOutputConfig=outputs(target("s3://job-data/out/", f"{folder}/out")),
        )
    )
    job = service.wait("a-job", 60)
    service.close()
    assert job["ProcessingJobStatus"] == "Completed"
    assert s3.get_object(Bucket="job-data", Key="out/y")["Body"].read() == b"content"
    found = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix="a-job/algo-1-")
    (stream,) = found["logStreams"]
    events = logs.get_log_events(
        logGroupName=LOG_GROUP, logStreamName=stream["logStreamName"], startFromHead=True
    )["events"]
    file = (tmp_path / "home" / "jobs" / "a-job" / "log.txt").read_text().splitlines()
    assert [event["message"] for event in events] == file
