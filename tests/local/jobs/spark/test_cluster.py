import json
import time
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import Environments, ProcessingService
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import FakeStore, outputs, request, source, target

# Each test runs a real Spark: one worker runs them all, one after the other.
pytestmark = pytest.mark.local_cloud
IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
FOLDER = "/opt/ml/processing"
# Shows where tasks run, then does what goes wrong on a cluster alone.
APP = f"""\
import socket
import sys
import threading
import time
from pathlib import Path

from double import twice
from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("cluster").getOrCreate()
context = spark.sparkContext
if sys.argv[1:] == ["lock"]:
    lock = threading.Lock()
    context.parallelize(range(2)).map(lambda n: (lock, n)).collect()
if sys.argv[1:] == ["wait"]:
    print("waiting", flush=True)
    time.sleep(600)


def where(part, numbers):
    print("task", part, "on", socket.gethostname(), flush=True)
    time.sleep(0.5)
    yield socket.gethostname(), sum(map(twice, numbers))


seen = context.parallelize(range(16), 8).mapPartitionsWithIndex(where).collect()
print("hosts", sorted({{host for host, _ in seen}}), "sum", sum(n for _, n in seen))
print("parallelism", context.defaultParallelism)
Path("{FOLDER}/driver.txt").write_text("seen by the driver alone")


def read(_):
    try:
        return Path("{FOLDER}/driver.txt").read_text()
    except FileNotFoundError:
        return "missing on " + socket.gethostname()


print("files", sorted(set(context.parallelize(range(16), 8).map(read).collect())))
"""


@pytest.fixture
def service(new_service: NewService) -> ProcessingService:
    """A processing service with the real environments."""
    return new_service(environments=Environments(), grace=30.0)


def start(service: ProcessingService, store: FakeStore, *arguments: str) -> None:
    """Start the application on two instances, with a module of its own and event logs."""
    store.objects |= {
        ("code", "app.py"): APP.encode(),
        ("code", "py-files/double.py"): b"def twice(n):\n    return 2 * n\n",
    }
    channels = {"code": "s3://code/app.py", "py-files": "s3://code/py-files/"}
    application: dict[str, Any] = {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": [
            *["smspark-submit", "--py-files", f"{FOLDER}/input/py-files/double.py"],
            *["--local-spark-event-logs-dir", f"{FOLDER}/spark-events/"],
            f"{FOLDER}/input/code/app.py",
        ],
    }
    if arguments:
        application["ContainerArguments"] = list(arguments)
    cluster = {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
    service.create(
        request(
            AppSpecification=application,
            ProcessingResources={"ClusterConfig": cluster},
            ProcessingInputs=[
                source(uri, f"{FOLDER}/input/{name}") for name, uri in channels.items()
            ],
            ProcessingOutputConfig=outputs(
                target("s3://logs/spark-events", f"{FOLDER}/spark-events/", "Continuous")
            ),
        )
    )


def log_of(service: ProcessingService) -> str:
    """What the log holds so far."""
    log = service.home / "jobs" / "a-job" / "log.txt"
    return log.read_text() if log.exists() else ""


def event_log(store: FakeStore) -> list[str]:
    """The kinds of events in the only event log."""
    (name,) = [key for bucket, key in store.objects if bucket == "logs"]
    return [json.loads(line)["Event"] for line in store.text("logs", name).splitlines()]


def test_tasks_run_on_every_instance(service: ProcessingService, store: FakeStore) -> None:
    """Executors of other hosts have what travels to them, and not what lies on the driver's."""
    start(service, store)
    job = service.wait("a-job", 900)
    log = log_of(service)
    assert job["ProcessingJobStatus"] == "Completed", log
    assert "algo-1 | hosts ['algo-1', 'algo-2'] sum 240\n" in log
    assert "algo-1 | parallelism 8\n" in log
    assert "algo-1 | files ['missing on algo-2', 'seen by the driver alone']\n" in log
    assert any(
        line.startswith("algo-2 | executor") and " on algo-2" in line for line in log.splitlines()
    )
    assert event_log(store)[-1] == "SparkListenerApplicationEnd"
    assert [path.name for path in (service.home / "jobs" / "a-job").iterdir()] == ["log.txt"]


def test_what_cannot_be_sent_to_another_process_fails(
    service: ProcessingService, store: FakeStore
) -> None:
    """A lock in a task's closure: the reason says that it cannot be pickled."""
    start(service, store, "lock")
    job = service.wait("a-job", 900)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "exit code: 1. Host: algo-1." in job["FailureReason"]
    assert "cannot pickle '_thread.lock' object" in job["FailureReason"]
    assert "spark failed with a non-zero exit code" in job["ExitMessage"]


def test_stopping_ends_the_application_on_all_hosts(
    service: ProcessingService, store: FakeStore
) -> None:
    """The event log has its end; the job is over well before the grace is."""
    start(service, store, "wait")
    deadline = time.monotonic() + 300
    while "| waiting\n" not in log_of(service):
        assert time.monotonic() < deadline, log_of(service)
        time.sleep(0.1)
    service.stop("a-job")
    assert service.wait("a-job", 60)["ProcessingJobStatus"] == "Stopped"
    assert event_log(store)[-1] == "SparkListenerApplicationEnd"
