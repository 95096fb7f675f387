"""What a step hands on to the states after it, and how the other pattern of its state ends."""

import json
import time

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

STACK = """
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

# A whole URI of the run names no bucket that a permission could be made of.
any_reader = iam.Role(stack, "Reader",
                      assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
bucket = s3.Bucket(stack, "Signals")
cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
jsonata = sfn.QueryLanguage.JSONATA

def say(name, result_name, *words):
    return processing.SKLearnStep(
        stack, name, code="say.py", arguments=words or ("",), result_name=result_name,
        outputs=[processing.ProcessingOutput("first"), processing.ProcessingOutput("second-one")])

reader = processing.SKLearnStep(
    stack, "Read", code="read.py", result_name="read", role=any_reader,
    inputs=[processing.ProcessingInput(
        sfn.JsonPath.string_at("$.said.Outputs.second-one"), input_name="said")],
    arguments=[sfn.JsonPath.string_at("$.said.Job.ExitMessage")])
processing.ProcessingWorkflow(stack, "Paths", definition=(
    say("Say", "said", "it's {said}").next(say("Hush", "hushed-up")).next(reader).next(
        sfn.Pass(stack, "Gather", parameters={
            "said": sfn.JsonPath.string_at("$.said.Job.ExitMessage"),
            "hushed": sfn.JsonPath.string_at("$['hushed-up'].Job.ExitMessage"),
            "read": sfn.JsonPath.string_at("$.read.Job.ExitMessage"),
            "outputs": sfn.JsonPath.object_at("$.said.Outputs"),
            "job": sfn.JsonPath.string_at("$.said.Job.ProcessingJobName"),
            "given": sfn.JsonPath.string_at("$.given")}))))

processing.ProcessingWorkflow(stack, "Expressions", query_language=jsonata, definition=(
    say("Say in JSONata", "said", "it's {said}").next(say("Hush in JSONata", "hushed-up")).next(
        processing.SKLearnStep(
            stack, "Read in JSONata", code="read.py", result_name="read", role=any_reader,
            inputs=[processing.ProcessingInput(
                "{% $states.input.said.Outputs.`second-one` %}", input_name="said")],
            arguments=["{% $states.input.said.Job.ExitMessage %}"])
    ).next(
        sfn.Pass.jsonata(stack, "Gather in JSONata", outputs={
            "said": "{% $states.input.said.Job.ExitMessage %}",
            "hushed": "{% $states.input.`hushed-up`.Job.ExitMessage %}",
            "read": "{% $states.input.read.Job.ExitMessage %}",
            "outputs": "{% $states.input.said.Outputs %}",
            "job": "{% $states.input.said.Job.ProcessingJobName %}",
            "given": "{% $states.input.given %}"}))))

def start(name, **more):
    return processing.SKLearnStep(
        stack, name, code="wait.py", result_name="started", arguments=[bucket.bucket_name],
        outputs=[processing.ProcessingOutput("waited")],
        integration_pattern=sfn.IntegrationPattern.REQUEST_RESPONSE, **more)

processing.ProcessingWorkflow(stack, "StartPaths", definition=start("Start"))
processing.ProcessingWorkflow(stack, "StartExpressions", query_language=jsonata,
                              definition=start("Start in JSONata"))
"""

SAY = """
import sys
from pathlib import Path
if sys.argv[1]:
    Path("/opt/ml/output/message").write_text(sys.argv[1])
Path("/opt/ml/processing/output/second-one/words.txt").write_text("words")
"""

READ = """
import sys
from pathlib import Path
words = Path("/opt/ml/processing/input/said/words.txt").read_text()
Path("/opt/ml/output/message").write_text(f"{sys.argv[1]}, {words}")
"""

WAIT = """
import sys, time
import boto3
s3 = boto3.client("s3")
while not s3.list_objects_v2(Bucket=sys.argv[1]).get("KeyCount"):
    time.sleep(0.1)
open("/opt/ml/processing/output/waited/words.txt", "w").write("waited")
"""

LANGUAGES = ("Paths", "Expressions")


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The deployed stack's outputs."""
    folder = tmp_path_factory.mktemp("app") / "results"
    return cloud.deploy_all(write_app(folder, STACK, say=SAY, read=READ, wait=WAIT))


@pytest.fixture(scope="module")
def ended(cloud: Cloud, outputs: dict[str, str]) -> dict[str, Execution]:
    """One execution of each language's chain."""
    given = {"given": "what was given"}
    return cloud.run_all({f"ran-{one}": (outputs[one], given) for one in LANGUAGES})


@pytest.mark.parametrize("language", LANGUAGES)
def test_results_are_read_by_the_states_after(ended: dict[str, Execution], language: str) -> None:
    """The job's exit message, never missing, and each output's URI; the input goes on too."""
    run = ended[f"ran-{language}"]
    assert run.status == "SUCCEEDED", run.cause
    said, _, _ = run.jobs

    assert json.loads(run.description["output"]) == {
        "said": "it's {said}",
        "hushed": "",
        "read": "it's {said}, words",
        "outputs": {one: output_of(said, one) for one in ("first", "second-one")},
        "job": said["ProcessingJobName"],
        "given": "what was given",
    }


def test_a_started_job_outlasts_its_state(cloud: Cloud, outputs: dict[str, str]) -> None:
    """REQUEST_RESPONSE: the result is the job's ARN at once; the job completes by itself."""
    runs = cloud.run_all(
        {f"start-{one}": (outputs[f"Start{one}"], {"given": 1}) for one in LANGUAGES}
    )
    for run in runs.values():
        assert run.status == "SUCCEEDED", run.cause
        (job,) = run.jobs
        assert json.loads(run.description["output"]) == {
            "given": 1,
            "started": {"Job": {"ProcessingJobArn": job["ProcessingJobArn"]}},
        }
        assert job["ProcessingJobStatus"] == "InProgress"

    cloud.local.client("s3").put_object(Bucket=outputs["Bucket"], Key="go", Body=b"")

    for run in runs.values():
        assert _ended(cloud, run.jobs[0]["ProcessingJobName"]) == "Completed"
        assert cloud.read(output_of(run.jobs[0], "waited") + "words.txt") == "waited"


def _ended(cloud: Cloud, job_name: str) -> str:
    """A job's status, once it has ended."""
    sagemaker, end = cloud.local.client("sagemaker"), time.monotonic() + 60
    while True:
        job = sagemaker.describe_processing_job(ProcessingJobName=job_name)
        if job["ProcessingJobStatus"] != "InProgress":
            return str(job["ProcessingJobStatus"])
        assert time.monotonic() < end, f"{job_name} is still running"
        time.sleep(0.1)
