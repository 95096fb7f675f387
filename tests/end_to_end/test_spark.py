"""What reaches Spark in a run: files from here and from S3, settings, variables, event logs."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

DELAYS = Path(__file__).parents[2] / "stacks" / "flights" / "jobs" / "delays" / "delays.jar"
BUCKET = "s3-only-dependencies"
MANY = [f"a-library-with-quite-a-long-name-{at}" for at in range(12)]

APP = f"""
many = [f"s3://{BUCKET}/libraries/{{name}}.jar" for name in {MANY}]
defaults = {{
    "spark.sql.shuffle.partitions": 3,
    "spark.sql.ansi.enabled": True,
    "spark.files": "s3://{BUCKET}/own.txt",
}}
see = processing.PySparkStep(
    stack, "See", submit_app="see.py",
    submit_py_files=["pack", "s3://{BUCKET}/there.py", "src"],
    submit_jars=["here.jar", *many],
    submit_files=["here.txt", "s3://{BUCKET}/there.txt"],
    configuration=[
        {{"Classification": "spark-defaults", "Properties": defaults}},
        {{"Classification": "spark-env", "Properties": {{}}, "Configurations": [
            {{"Classification": "export", "Properties": {{"GREETING": "'two words'"}}}}]}},
    ],
    outputs=[processing.ProcessingOutput("seen")])
delays = processing.SparkJarStep(
    stack, "Delays", submit_app={str(DELAYS)!r}, submit_class="flights.Delays",
    submit_jars=["here.jar", f"s3://{BUCKET}/libraries/{{sfn.JsonPath.string_at('$.library')}}.jar"],
    spark_event_logs_s3_uri=f"s3://{BUCKET}/events/{{sfn.JsonPath.string_at('$.library')}}/",
    submit_files=["here.txt"],
    inputs=[processing.ProcessingInput("flights", input_name="flights")],
    outputs=[processing.ProcessingOutput("delays")],
    arguments=["/opt/ml/processing/output/delays", "/opt/ml/processing/input/flights"])
quiet = processing.PySparkStep(
    stack, "Quiet", submit_app="quiet.py", spark_event_logs=False,
    configuration={{"Classification": "spark-defaults", "Properties": {{
        "spark.eventLog.enabled": True, "spark.eventLog.dir": "s3a://{BUCKET}/logs/"}}}})
processing.ProcessingWorkflow(stack, "Flow", definition=see.next(delays).next(quiet))
"""

SEE = f"""
import importlib
import json
import os
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession

modules = ["pack", "there", "beside", "below.deep"]
words = {{name: importlib.import_module(name).WORD for name in modules}}
spark = SparkSession.builder.getOrCreate()
on_executors = spark.sparkContext.parallelize([0]).map(
    lambda _: importlib.import_module("pack").WORD + importlib.import_module("below.deep").WORD)
loader = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()
resources = ["here", *{MANY}]
seen = {{
    "modules": words,
    "on executors": on_executors.collect(),
    "jars": [name for name in resources if loader.getResource(name + ".resource")],
    "files": {{name: Path(SparkFiles.get(name)).read_text()
              for name in ("here.txt", "there.txt", "own.txt")}},
    "partitions": spark.conf.get("spark.sql.shuffle.partitions"),
    "ansi": spark.conf.get("spark.sql.ansi.enabled"),
    "greeting": os.environ["GREETING"],
}}
Path("/opt/ml/processing/output/seen/seen.json").write_text(json.dumps(seen))
"""

QUIET = """
from pyspark.sql import SparkSession
assert SparkSession.builder.getOrCreate().range(3).count() == 3
"""


def jar_of(name: str) -> bytes:
    """A jar that holds one resource of its name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{name}.resource", name)
    return packed.getvalue()


@pytest.fixture(scope="module")
def run(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Execution:
    """One run of the three jobs."""
    s3 = cloud.local.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    objects = {
        "there.py": b"WORD = 'there'\n",
        "there.txt": b"from S3",
        "own.txt": b"by the configuration",
        **{f"libraries/{name}.jar": jar_of(name) for name in MANY},
    }
    for key, body in objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    app = write_app(tmp_path_factory.mktemp("apps") / "spark", APP, see=SEE, quiet=QUIET)
    here = {
        "pack/__init__.py": "WORD = 'pack'\n",
        "src/beside.py": "WORD = 'beside'\n",
        "src/below/__init__.py": "",
        "src/below/deep.py": "WORD = 'deep'\n",
        "here.txt": "from here",
        "flights/flights.csv": "carrier,origin,month,arr_delay,late\nUA,EWR,1,30,1\nUA,EWR,1,0,0\n",
    }
    for name, text in here.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    (app / "here.jar").write_bytes(jar_of("here"))
    found = cloud.run(cloud.deploy(app), "run-1", library=MANY[0])
    assert found.status == "SUCCEEDED", found.cause
    return found


def test_a_script_sees_all_that_goes_along_with_it(cloud: Cloud, run: Execution) -> None:
    """By the option, by the property a long list moved to, and beside the user's own property."""
    see, _, _ = run.jobs
    words = see["AppSpecification"]["ContainerEntrypoint"]
    assert [one for one in words if one.startswith("--")] == [
        "--py-files",
        "--local-spark-event-logs-dir",
    ]
    assert json.loads(cloud.read(output_of(see, "seen") + "seen.json")) == {
        "modules": {"pack": "pack", "there": "there", "beside": "beside", "below.deep": "deep"},
        "on executors": ["packdeep"],
        "jars": ["here", *MANY],
        "files": {
            "here.txt": "from here",
            "there.txt": "from S3",
            "own.txt": "by the configuration",
        },
        "partitions": "3",
        "ansi": "true",
        "greeting": "two words",
    }


def test_a_jar_runs_with_its_files_and_leaves_an_event_log(cloud: Cloud, run: Execution) -> None:
    """The log lies flat under one prefix and tells which jars and files Spark was given.

    The run's input told the name of a jar, and where the log goes.
    """
    _, delays, _ = run.jobs
    report = cloud.read(output_of(delays, "delays") + "delays.csv").splitlines()
    assert report[1:] == ["UA,EWR,1,2,15.00,0.5000"]
    place = output_of(delays, "spark-event-logs")
    assert place == f"s3://{BUCKET}/events/{MANY[0]}/"
    logs = [cloud.read(place + name) for name in cloud.objects(place) if "/" not in name]
    (log,) = logs
    events = [json.loads(line) for line in log.splitlines()]
    assert "flights-delays" in [one.get("App Name") for one in events]
    (given,) = [one for one in events if one["Event"] == "SparkListenerEnvironmentUpdate"]
    properties = dict(given["Spark Properties"])
    assert properties["spark.files"] == "file:///opt/ml/processing/input/files/here.txt"
    names = {Path(one).name for one in properties["spark.jars"].split(",")}
    assert names == {f"{MANY[0]}.jar", "here.jar", "delays.jar"}


def test_a_job_without_event_logs_has_no_output_for_them(run: Execution) -> None:
    """Then they are Spark's own affair, which the local cloud leaves out where they go to S3."""
    _, _, quiet = run.jobs
    assert quiet["ProcessingJobStatus"] == "Completed"
    assert "ProcessingOutputConfig" not in quiet
