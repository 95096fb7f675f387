"""An app made in the test, deployed and run there."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.local import LocalCloudError
from cdk_sagemaker_processing.testing import CloudUnderTest, DeployedApp, RunFailedError

pytestmark = pytest.mark.local_cloud

COPY = """
import pathlib, sys
print("copying", *sys.argv[1:])
for file in sorted(pathlib.Path("/opt/ml/processing/input/words").rglob("*.txt")):
    (pathlib.Path("/opt/ml/processing/output/copies") / file.name).write_text(file.read_text())
if "bad" in sys.argv:
    raise ValueError("no such words")
"""


class Shop(cdk.Stack):
    """A bucket of words, and two workflows: one copies them, one a name at a time."""

    def __init__(self, scope: cdk.App, construct_id: str, script: str, **kwargs: Any) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.raw = s3.Bucket(self, "Raw")
        copy = self.step("Copy", script, "$.kind")
        self.copies = processing.ProcessingWorkflow(self, "Copies", definition=copy)
        each = sfn.Map(self, "Each", items_path="$.kinds", result_path=sfn.JsonPath.DISCARD)
        self.each = processing.ProcessingWorkflow(
            self, "Kinds", definition=each.item_processor(self.step("One", script, "$"))
        )

    def step(self, name: str, script: str, kind: str) -> processing.SKLearnStep:
        """A step that copies the words."""
        return processing.SKLearnStep(
            self,
            name,
            framework_version="1.2-1",
            code=script,
            arguments=[sfn.JsonPath.string_at(kind)],
            inputs=[
                processing.ProcessingInput(
                    self.raw.s3_url_for_object("words/"), "/opt/ml/processing/input/words"
                )
            ],
            outputs=[processing.ProcessingOutput("copies")],
        )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A stack, made in this process."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "copy_words.py").write_text(COPY)
    return Shop(cdk.App(outdir=str(folder / "cdk.out")), "Shop", str(folder / "copy_words.py"))


@pytest.fixture(scope="module")
def deployed(local_cloud: CloudUnderTest, shop: Shop) -> DeployedApp:
    """The stack, deployed, with words in its bucket."""
    app = local_cloud.deploy(shop)
    words: dict[str, str | bytes | Path] = {"a.txt": "ant", "more/b.txt": b"bee"}
    local_cloud.put(f"s3://{app.physical_name(shop.raw)}/words", words)
    return app


def test_a_run_gives_its_output_and_its_jobs_outputs_as_paths(
    deployed: DeployedApp, shop: Shop
) -> None:
    """A workflow is named by its construct; each output is a folder on this machine."""
    result = deployed.start(shop.copies, {"kind": "good"}).wait(check=True)

    assert (result.status, result.error, result.cause) == ("SUCCEEDED", None, None)
    assert result.failed_state is None
    assert list(result.outputs) == ["Copy"]
    assert list(result.outputs["Copy"]) == ["copies"]
    copies = result.outputs["Copy"]["copies"]
    assert {one.name: one.read_text() for one in copies.iterdir()} == {
        "a.txt": "ant",
        "b.txt": "bee",
    }
    (job,) = result.jobs
    assert result.output == {"kind": "good"}
    assert (job.state, job.status, job.failure_reason) == ("Copy", "Completed", None)
    assert "copying good" in result.logs("Copy").splitlines()
    with pytest.raises(KeyError, match="'Other' made no job; there are jobs of Copy"):
        result.logs("Other")
    assert repr(result) == str(result) == f"<RunResult {result.name} SUCCEEDED>"


def test_a_failed_run_says_where_and_why(deployed: DeployedApp) -> None:
    """In its fields, in one line, and with the end of the log; a failed job has no output."""
    result = deployed.start("Shop/Copies", {"kind": "bad"}).wait()

    assert (result.status, result.failed_state) == ("FAILED", "Copy")
    assert result.error == "States.TaskFailed"
    assert "ValueError: no such words" in str(result.cause)
    assert result.output is None
    assert dict(result.outputs) == {}
    (job,) = result.jobs
    assert job.status == "Failed"
    assert "ValueError: no such words" in str(job.failure_reason)
    assert list(job.outputs["copies"].iterdir()) == []
    assert "ValueError: no such words" in result.logs("Copy")
    assert repr(result) == (
        f"<RunResult {result.name} FAILED in Copy: States.TaskFailed: ValueError: no such words>"
    )
    with pytest.raises(KeyError, match=r"no job completed in a state 'Copy': there are none"):
        _ = result.outputs["Copy"]


def test_a_run_that_must_succeed_raises_with_the_logs_end(deployed: DeployedApp) -> None:
    """The error is an assertion's, and its text is what the command line shows."""
    run = deployed.start("Copies", {"kind": "bad"})

    with pytest.raises(RunFailedError) as failed:
        run.wait(check=True)

    assert failed.value.result.failed_state == "Copy"
    told = str(failed.value).splitlines()
    assert told[0] == f"The run {run.run.name} is FAILED"
    assert told[1].endswith("Copy (SKLearn) failed: States.TaskFailed")
    assert "  copying bad" in told
    assert "  ValueError: no such words" in told


def test_a_state_of_several_jobs_has_them_one_by_one(deployed: DeployedApp) -> None:
    """A Map's outputs are taken from the jobs."""
    result = deployed.start("Kinds", {"kinds": ["x", "y"]}).wait(check=True)

    assert [job.state for job in result.jobs] == ["One", "One"]
    assert {(job.outputs["copies"] / "a.txt").read_text() for job in result.jobs} == {"ant"}
    with pytest.raises(ValueError, match="One completed 2 jobs: take each one's outputs"):
        _ = result.outputs["One"]


def test_a_run_that_takes_too_long_says_where_it_is(
    local_cloud: CloudUnderTest, tmp_path: Path
) -> None:
    """It runs on: whoever waited may wait again."""
    (tmp_path / "app.py").write_text(
        "import aws_cdk as cdk\n"
        "from aws_cdk import aws_stepfunctions as sfn\n"
        "app = cdk.App()\n"
        "stack = cdk.Stack(app, 'Slow')\n"
        "nap = sfn.Wait(stack, 'Nap', time=sfn.WaitTime.duration(cdk.Duration.seconds(5)))\n"
        "sfn.StateMachine(stack, 'Machine', definition_body="
        "sfn.DefinitionBody.from_chainable(nap))\n"
        "app.synth()\n"
    )
    run = local_cloud.deploy(tmp_path).start()

    with pytest.raises(TimeoutError, match=r"is not over after 0 s: Nap is running"):
        run.wait(timeout=0)
    assert run.wait().succeeded


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (None, "the app has 2 workflows: choose one by start"),
        ("Nightly", "the app has no workflow 'Nightly': choose one by start"),
    ],
)
def test_a_workflow_that_is_not_meant_is_refused(
    deployed: DeployedApp, wanted: str | None, told: str
) -> None:
    """The error lists those there are."""
    with pytest.raises(LocalCloudError, match=told):
        deployed.start(wanted)


def test_a_resource_that_is_not_meant_is_refused(deployed: DeployedApp) -> None:
    """By none, or by several."""
    with pytest.raises(LocalCloudError, match="the app has no resource 'Cooked'"):
        deployed.physical_name("Cooked")
    with pytest.raises(
        LocalCloudError, match=r"'Shop/Copies' means more than one resource: .*Role"
    ):
        deployed.physical_name("Shop/Copies")


def test_an_app_that_is_made_takes_no_context(local_cloud: CloudUnderTest, shop: Shop) -> None:
    """It has read its context already."""
    with pytest.raises(ValueError, match=r"Shop is made already, .* give it to App\(context=...\)"):
        local_cloud.deploy(shop, context={"size": "small"})
