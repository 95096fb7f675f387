import io
import json
import socket
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cdk_sagemaker_processing.cli.local.history import RunHistory, show_run
from cdk_sagemaker_processing.history_server.client.state import stop_tasks
from cdk_sagemaker_processing.local import LocalCloud
from cdk_sagemaker_processing.local.history import provide_server
from cdk_sagemaker_processing.runs.follower import Job
from cdk_sagemaker_processing.runs.logs import JobLog

STARTED = datetime(2026, 1, 5, 12, tzinfo=UTC)
SPARK_EVENTS = "/opt/ml/processing/spark-events"


def event_log(name: str, started: datetime) -> str:
    """The log of an application that ran for a second and a half."""
    began = int(started.timestamp() * 1000)
    start = {"App Name": "clean", "App ID": name, "Timestamp": began, "User": "me"}
    events: list[dict[str, object]] = [
        {"Event": "SparkListenerLogStart", "Spark Version": "3.5.9"},
        {"Event": "SparkListenerApplicationStart", **start},
        {"Event": "SparkListenerApplicationEnd", "Timestamp": began + 1500},
    ]
    # Spark looks for the events' names at the start of lines, and for no blank before them.
    return "".join(f"{json.dumps(event, separators=(',', ':'))}\n" for event in events)


def job(name: str, uri: str | None) -> Job:
    """A job of a run, which keeps event logs at a place if it is Spark's."""
    outputs = [
        {
            "OutputName": "spark-events",
            "S3Output": {"S3Uri": uri, "LocalPath": SPARK_EVENTS, "S3UploadMode": "Continuous"},
        }
    ]
    described = {"ProcessingOutputConfig": {"Outputs": outputs}} if uri else {}
    return Job(name, JobLog(None, name), described)


def test_without_event_logs_there_is_nothing_to_show() -> None:
    """No service is asked for anything."""

    def no_client(service: str) -> Any:
        raise AssertionError(service)

    assert show_run(no_client, [job("split", None)], STARTED, print, print) is None


class Recorder:
    """All services of a cloud, which note what they are asked for."""

    def __init__(self, region: str) -> None:
        self.meta = SimpleNamespace(region_name=region)
        self.requests: dict[str, dict[str, Any]] = {}

    def __call__(self, _: str) -> "Recorder":
        """Return the client of a service."""
        return self

    def __getattr__(self, name: str) -> Any:
        """Return a call of a client."""

        def note(**request: Any) -> dict[str, Any]:
            self.requests[name] = request
            return {"Role": {"Arn": f"arn:aws:iam::111122223333:role/{request.get('RoleName')}"}}

        return note


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_the_task_is_the_construct_s_own(region: str) -> None:
    """Its containers, its code, and no end for want of visitors."""
    cloud = Recorder(region)
    server = provide_server(cloud, ["s3://logs/spark-events/"])
    assert server.reads("s3://logs/spark-events/")
    made = cloud.requests["register_task_definition"]
    mirror, history = made["containerDefinitions"]
    told = {each["name"]: each["value"] for each in mirror["environment"]}
    assert json.loads(told["HISTORY_SOURCES"]) == ["s3://logs/spark-events/"]
    assert told["HISTORY_CODE"] == (
        f"s3://sagemaker-processing-history-111122223333-{region}/mirror.zip"
    )
    assert not {"HISTORY_IDLE_MINUTES", "HISTORY_MAX_MINUTES"} & set(told)
    assert (mirror["name"], history["name"]) == ("mirror", "server")
    assert history["entryPoint"][:2] == ["bash", "-c"]
    code = zipfile.ZipFile(io.BytesIO(cloud.requests["put_object"]["Body"])).namelist()
    assert "__init__.py" in code
    assert all(name.endswith(".py") for name in code)
    bucket = cloud.requests["create_bucket"]
    assert ("CreateBucketConfiguration" in bucket) == (region == "eu-west-1")


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A local cloud."""
    with LocalCloud.start() as started:
        yield started


@pytest.fixture(scope="module")
def found(cloud: LocalCloud) -> RunHistory:
    """A run's applications, in the cloud of an app that has no History Server."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="logs")
    for minute, name in ((-60, "local-0"), (1, "local-1"), (5, "local-2")):
        log = event_log(name, STARTED + timedelta(minutes=minute))
        s3.put_object(Bucket="logs", Key=f"spark-events/{name}", Body=log.encode())
    uri = "s3://logs/spark-events/"
    shown = show_run(
        cloud.client,
        [job("split", None), job("features", uri), job("delays", uri)],
        STARTED,
        print,
        print,
    )
    assert shown
    return shown


@pytest.mark.local_cloud
def test_the_applications_of_a_run_are_listed(found: RunHistory) -> None:
    """By Spark's own server, once it has read all of them; those of an earlier run are left out."""
    assert [one.identity for one in found.applications] == ["local-1", "local-2"]
    assert [one.last.duration_in_milliseconds for one in found.applications] == [1500, 1500]


@pytest.mark.local_cloud
def test_spark_s_server_listens_on_loopback_alone(found: RunHistory) -> None:
    """What listens on every address answers at this one too."""
    port = int(found.way.url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


@pytest.mark.local_cloud
def test_the_server_ends_with_its_task(found: RunHistory) -> None:
    """As ECS ends it."""
    assert found.way.pages.answer()
    (task,) = stop_tasks(found.way.opening)
    assert task.arn == found.way.watch.task.arn
    assert not found.way.pages.answer()
