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
APP = f"""\
import sys
import time

from double import twice
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

spark = SparkSession.builder.appName("double").getOrCreate()
numbers = spark.read.csv("file://{FOLDER}/input/numbers", inferSchema=True).toDF("n")
doubled = numbers.withColumn("twice", udf(twice, "int")("n")).toPandas()
doubled.to_csv("{FOLDER}/output/doubled/doubled.csv", index=False)
print("parallelism", spark.sparkContext.getConf().get("spark.default.parallelism"))
if sys.argv[1:] == ["wait"]:
    print("waiting", flush=True)
    time.sleep(600)
if sys.argv[1:] == ["fail"]:
    raise ValueError("as it was told")
"""


@pytest.fixture
def service(new_service: NewService) -> ProcessingService:
    """A processing service with the real environments."""
    return new_service(environments=Environments(), grace=30.0)


def run(service: ProcessingService, store: FakeStore, *arguments: str) -> dict[str, Any]:
    """Run the application to its end."""
    start(service, store, *arguments)
    return service.wait("a-job", 900)


def start(service: ProcessingService, store: FakeStore, *arguments: str) -> None:
    """Start the application, with a module of its own, a configuration and event logs."""
    settings = {"spark.default.parallelism": "3"}
    store.objects |= {
        ("data", "numbers/n.csv"): b"1\n2\n3\n",
        ("code", "app.py"): APP.encode(),
        ("code", "py-files/double.py"): b"def twice(n):\n    return 2 * n\n",
        ("code", "conf/configuration.json"): json.dumps(
            [{"Classification": "spark-defaults", "Properties": settings}]
        ).encode(),
    }
    channels = {
        "code": "s3://code/app.py",
        "py-files": "s3://code/py-files/",
        "conf": "s3://code/conf/",
        "numbers": "s3://data/numbers/",
    }
    entrypoint = [
        *["smspark-submit", "--py-files", f"{FOLDER}/input/py-files/double.py"],
        *["--local-spark-event-logs-dir", f"{FOLDER}/spark-events/", f"{FOLDER}/input/code/app.py"],
    ]
    application = {"ImageUri": IMAGE, "ContainerEntrypoint": entrypoint}
    if arguments:
        application["ContainerArguments"] = list(arguments)
    service.create(
        request(
            AppSpecification=application,
            ProcessingInputs=[
                source(uri, f"{FOLDER}/input/{name}") for name, uri in channels.items()
            ],
            ProcessingOutputConfig=outputs(
                target("s3://data/doubled", f"{FOLDER}/output/doubled"),
                target("s3://logs/spark-events", f"{FOLDER}/spark-events/", "Continuous"),
            ),
        )
    )


def event_log(store: FakeStore) -> list[str]:
    """The kinds of events in the only event log."""
    (name,) = [key for bucket, key in store.objects if bucket == "logs"]
    lines = store.text("logs", name).splitlines()
    return [json.loads(line)["Event"] for line in lines]


def log_of(service: ProcessingService) -> str:
    """What the log holds so far."""
    log = service.home / "jobs" / "a-job" / "log.txt"
    return log.read_text() if log.exists() else ""


def test_a_pyspark_job_runs_for_real(service: ProcessingService, store: FakeStore) -> None:
    """Python workers, a module from py-files, a setting, an output and a whole event log."""
    job = run(service, store)
    assert job.get("FailureReason") is None
    assert job["ProcessingJobStatus"] == "Completed"
    assert store.text("data", "doubled/doubled.csv") == "n,twice\n1,2\n2,4\n3,6\n"
    assert event_log(store)[-1] == "SparkListenerApplicationEnd"
    assert "parallelism 3" in log_of(service)


def test_a_pyspark_job_that_raises_says_so(service: ProcessingService, store: FakeStore) -> None:
    """The traceback's end is the reason, through all of Spark's noise; the event log is there."""
    job = run(service, store, "fail")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("ValueError: as it was told")
    assert event_log(store)[-1] == "SparkListenerApplicationEnd"
    assert ("data", "doubled/doubled.csv") not in store.objects


def test_a_stopped_pyspark_job_ends_its_application(
    service: ProcessingService, store: FakeStore
) -> None:
    """Spark is told, writes its last event, and is gone well before the grace is over."""
    start(service, store, "wait")
    deadline = time.monotonic() + 300
    while "\nwaiting\n" not in log_of(service):
        assert time.monotonic() < deadline, log_of(service)
        time.sleep(0.1)
    service.stop("a-job")
    assert service.wait("a-job", 60)["ProcessingJobStatus"] == "Stopped"
    assert event_log(store)[-1] == "SparkListenerApplicationEnd"
