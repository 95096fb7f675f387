"""Steps have every permission they need: they run as their own roles, IAM enforced."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app
from tests.end_to_end.permissions.history import Person

pytestmark = pytest.mark.local_cloud

ROOT = Path(__file__).parents[3]
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
LIBRARIES = "libraries-of-the-team"
STACK_NAME = "Sufficient"
COMMAND = (sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()")

STACK = f"""
from aws_cdk import aws_iam as iam, aws_kms as kms, aws_s3 as s3

key = kms.Key(stack, "Key")
storage = processing.ProcessingStorage(stack, "Storage", encryption_key=key)
said = [processing.ProcessingOutput("said")]
given = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

plain = processing.ProcessingStep(
    stack, "Plain", image_uri={SKLEARN!r}, outputs=said,
    entrypoint=["sh", "-c", "echo plain > /opt/ml/processing/output/said/a.txt"])
script = processing.ScriptStep(
    stack, "Script", image_uri={SKLEARN!r}, code="main.py", source_dir="job",
    requirements="requirements.txt", role=given, storage=storage, outputs=said,
    output_kms_key=kms.Key(stack, "Output"), volume_kms_key=kms.Key(stack, "Volume"))
names = processing.SKLearnStep(
    stack, "Names", code="names.py", role=given, storage=storage,
    outputs=[processing.ProcessingOutput("names")],
    inputs=[processing.ProcessingInput(plain.output("said"))],
    arguments=[script.output("said")], environment={{"PLAIN": plain.output("said")}})
spark = processing.PySparkStep(
    stack, "Spark", submit_app="count.py", storage=storage, outputs=said,
    submit_py_files=["s3://{LIBRARIES}/there.py", "here.py"],
    submit_files=["s3://{LIBRARIES}/words.txt"],
    inputs=[processing.ProcessingInput(names.output("names"))])
processing.ProcessingWorkflow(
    stack, "Flow", definition=plain.next(script).next(names).next(spark))
history = processing.SparkHistoryServer(stack, "History", event_logs=storage.event_logs)
person = iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal())
history.grant_open(person)
cdk.CfnOutput(stack, "PersonsRole", value=person.role_arn)
"""

MAIN = """
from pathlib import Path
import iniconfig
from beside import WORD
Path("/opt/ml/processing/output/said/a.txt").write_text(WORD + iniconfig.__name__)
"""

NAMES = """
import os, sys
from pathlib import Path
import boto3

def read(uri):
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    return "".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys)

texts = [read(sys.argv[1]), read(os.environ["PLAIN"])]
texts.append(Path("/opt/ml/processing/input/said/a.txt").read_text())
Path("/opt/ml/processing/output/names/a.txt").write_text("|".join(map(str.strip, texts)))
"""

COUNT = """
from pathlib import Path
from pyspark import SparkFiles
from pyspark.sql import SparkSession
import here, there

spark = SparkSession.builder.getOrCreate()
words = spark.read.text("file:///opt/ml/processing/input/names/a.txt").first()[0].split("|")
words += [here.WORD, there.WORD, Path(SparkFiles.get("words.txt")).read_text()]
Path("/opt/ml/processing/output/said/a.txt").write_text("|".join(words))
"""


@pytest.fixture(scope="module")
def run(guarded: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Execution:
    """A run of steps of every kind that the flights have not, and of all that they may ask for."""
    folder = tmp_path_factory.mktemp("apps") / STACK_NAME.lower()
    scripts = {"names": NAMES, "count": COUNT, "here": "WORD = 'here'"}
    app = write_app(folder, STACK, **scripts)
    (app / "job").mkdir()
    for name, text in {
        "main.py": MAIN,
        "beside.py": "WORD = 'beside '",
        "requirements.txt": "iniconfig==2.1.0  # small, and of Python alone\n",
    }.items():
        (app / "job" / name).write_text(text)
    s3 = guarded.local.client("s3")
    s3.create_bucket(Bucket=LIBRARIES)
    s3.put_object(Bucket=LIBRARIES, Key="there.py", Body=b"WORD = 'there'")
    s3.put_object(Bucket=LIBRARIES, Key="words.txt", Body=b"words")
    return guarded.run(guarded.deploy(app), "all")


def test_the_flights_run(guarded: Cloud) -> None:
    """The example as it stands, from its raw file to its event logs."""
    run = guarded.run(guarded.deploy(ROOT, "Flights"), "guarded")

    assert run.status == "SUCCEEDED", run.cause
    assert len(guarded.objects(output_of(run.jobs[2], "spark-event-logs"))) == 2
    check_logs(guarded, run)


def test_each_kind_of_step_runs_with_all_it_may_ask_for(guarded: Cloud, run: Execution) -> None:
    """A role of the user's, keys of storage, outputs and volume, S3 URIs named and listed."""
    assert run.status == "SUCCEEDED", run.cause
    words = guarded.read(output_of(run.jobs[3], "said") + "a.txt")
    assert words == "beside iniconfig|plain|plain|here|there|words"
    check_logs(guarded, run)


def test_a_job_acts_as_its_role(run: Execution) -> None:
    """The role of the user's is that of both steps it was given to."""
    roles = [job["RoleArn"].rpartition("/")[2] for job in run.jobs]

    assert roles[1] == roles[2]
    assert len(set(roles)) == 3
    assert "Given" in roles[1]


def test_a_person_sees_the_event_logs_of_the_run(guarded: Cloud, run: Execution) -> None:
    """By the command, with a role that may open the server and nothing else; its task has its own.

    The logs are encrypted with the key of the storage.
    """
    (log,) = guarded.objects(output_of(run.jobs[3], "spark-event-logs"))
    (stack,) = guarded.local.client("cloudformation").describe_stacks(StackName=STACK_NAME)[
        "Stacks"
    ]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    person = Person.of(guarded, outputs["PersonsRole"])

    opened = history(person, "open", "--no-browser", "--app", log)
    status = json.loads(history(person, "status", "--json"))
    stopped = history(person, "stop")

    assert re.search(rf"http://127\.0\.0\.1:\d+/history/{log}/jobs/$", opened.strip())
    (task,) = status["tasks"]
    assert (task["status"], task["lastTrouble"]) == ("RUNNING", [])
    assert f"1 task of {STACK_NAME}/History {task['task'].rpartition('/')[2]}" in stopped
    assert "not authorized" not in opened + stopped


def history(person: Person, *arguments: str) -> str:
    """Run `sagemaker-processing history` in somebody's name and return what it prints."""
    done = subprocess.run(
        [*COMMAND, "history", *arguments, "--stack", STACK_NAME],
        env=person.variables | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def check_logs(guarded: Cloud, run: Execution) -> None:
    """Every job's log is in CloudWatch, and says of nothing that it was refused."""
    logs = guarded.local.client("logs")
    for job in run.jobs:
        name = job["ProcessingJobName"]
        streams = logs.describe_log_streams(
            logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=f"{name}/"
        )
        assert len(streams["logStreams"]) == 1
        assert "not authorized" not in guarded.local.log_file(name).read_text()
