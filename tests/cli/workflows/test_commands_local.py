"""The commands as a person types them, against a local cloud with deployed workflows."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local import LocalCloud

pytestmark = pytest.mark.local_cloud

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
APP = f"""
import sys
from pathlib import Path

sys.path.insert(0, {str(ROOT)!r})
import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn
import cdk_sagemaker_processing as processing
from stacks.flights.data import flights_file
from stacks.flights.stack import JOBS

app = cdk.App()
shop = cdk.Stack(app, "Shop")


def step(name, code, *arguments, **more):
    return processing.SKLearnStep(
        shop, name, framework_version="1.2-1", code=code, arguments=list(arguments), **more)


split = step("Split", str(JOBS / "split.py"), "--train-test-split-ratio", "0.2",
    inputs=[processing.ProcessingInput(str(flights_file()), "/opt/ml/processing/input/flights")],
    outputs=[processing.ProcessingOutput("train"), processing.ProcessingOutput("test")])
features = processing.PySparkStep(
    shop, "Features", framework_version="3.5", submit_app="features.py",
    inputs=[processing.ProcessingInput(split.output("train"))])
processing.ProcessingWorkflow(shop, "Flights", definition=split.next(features))

day = processing.WorkflowParameter("day", pattern=r"\\d{{8}}")
good = step("Clean", "good.py", day.value, outputs=[processing.ProcessingOutput("rows")])
processing.ProcessingWorkflow(shop, "Daily", definition=good, parameters=[day])

both = sfn.Parallel(shop, "Both").branch(step("Left", "slow.py")).branch(step("Right", "slow.py"))
processing.ProcessingWorkflow(shop, "Slow", definition=both)

flaky = step("Flaky", "flaky.py", sfn.JsonPath.format(
    "{{}}", sfn.JsonPath.string_at("$$.Execution.RedriveCount")))
retried = processing.ProcessingWorkflow(
    shop, "Retried", definition=step("First", "good.py", "x").next(flaky))

kept = step("Kept", "good.py", "20130101", outputs=[processing.ProcessingOutput("rows")],
    cache=cdk.Duration.days(1))
processing.ProcessingWorkflow(shop, "Cached", definition=kept)

from aws_cdk import aws_stepfunctions_tasks as tasks

item = step("Item", "item.py", sfn.JsonPath.string_at("$.name"))
each = sfn.DistributedMap(shop, "Each", items_path="$.items", max_concurrency=1)
processing.ProcessingWorkflow(shop, "Fanned", definition=each.item_processor(item))

start = tasks.StepFunctionsStartExecution(
    shop, "Start", state_machine=retried.state_machine,
    integration_pattern=sfn.IntegrationPattern.RUN_JOB)
processing.ProcessingWorkflow(shop, "Outer", definition=start)
app.synth()
"""
FEATURES = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
train = spark.read.csv("/opt/ml/processing/input/train", header=True)
print("rows", train.count())
raise ValueError(f"no column tailnumber in the {len(train.columns)} columns of train")
"""
GOOD = """
import sys
from pathlib import Path

print("\\033[31mcleaning\\033[0m", sys.argv[1])
folder = Path("/opt/ml/processing/output/rows")
folder.mkdir(parents=True, exist_ok=True)
(folder / "day=1").mkdir()
(folder / "day=1" / "rows.csv").write_text(f"day,n\\n{sys.argv[1]},1\\n")
"""
SLOW = """
import time

print("waiting", flush=True)
time.sleep(600)
"""
FLAKY = """
import sys

if sys.argv[1] == "0":
    raise ValueError("not yet")
print("now it does")
"""

ITEM = """
import sys

print("item", sys.argv[1])
if sys.argv[1] == "b":
    raise ValueError("b is no item")
"""


class Shell:
    """A shell that AWS_ENDPOINT_URL points to a local cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": cloud.endpoint_url,
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    @contextmanager
    def starts(
        self, *arguments: str, errors: int = subprocess.STDOUT
    ) -> Iterator[subprocess.Popen[str]]:
        """Start `sagemaker-processing`."""
        with subprocess.Popen(
            [*COMMAND, *arguments],
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run `sagemaker-processing` and return its exit code and all it printed."""
        with self.starts(*arguments) as process:
            told, _ = process.communicate(timeout=300)
        assert not CONTROL.search(told), told
        return process.returncode, told

    def json(self, *arguments: str) -> Any:
        """Run a command that succeeds, and return the JSON that it printed."""
        with self.starts(*arguments, "--json", errors=subprocess.PIPE) as process:
            told, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return json.loads(told)

    def job(self, name: str) -> dict[str, Any]:
        """Describe a processing job."""
        described: dict[str, Any] = self.cloud.client("sagemaker").describe_processing_job(
            ProcessingJobName=name
        )
        return described


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell beside a local cloud with seven workflows."""
    app = tmp_path_factory.mktemp("app")
    scripts = {"app": APP, "features": FEATURES, "good": GOOD, "slow": SLOW, "flaky": FLAKY}
    scripts["item"] = ITEM
    for name, text in scripts.items():
        (app / f"{name}.py").write_text(text)
    with LocalCloud.start() as cloud:
        cloud.deploy(app)
        yield Shell(cloud)


def jobs_of(shown: dict[str, Any]) -> dict[str, str]:
    """The statuses of a run's jobs by their names."""
    return {job["job"]: job["status"] for state in shown["states"] for job in state["jobs"]}


def until(process: subprocess.Popen[str], text: str) -> list[str]:
    """Read what a process prints up to a line with a text."""
    assert process.stdout is not None
    told: list[str] = []
    for line in process.stdout:
        told.append(line)
        if text in line:
            return told
    raise AssertionError("".join(told))


def test_a_failing_pipeline_shows_the_script_s_own_error_soon(shell: Shell) -> None:
    """Within two seconds of the job's end, and the exit code tells that it failed."""
    with shell.starts("run", "Flights", "--name", "broken", "--follow") as process:
        told = until(process, "ValueError: no column tailnumber in the")
        seen = time.time()
        rest, _ = process.communicate(timeout=60)
    (_, job) = jobs_of(shown := shell.json("show", "broken"))
    assert seen - shell.job(job)["ProcessingEndTime"].timestamp() < 2
    assert process.returncode == 1
    assert not CONTROL.search("".join(told) + rest)
    assert any(re.match(r"✓ Split \(SKLearn\) succeeded after .* s: split-", one) for one in told)
    assert "✗ Features (PySpark) failed: States.TaskFailed\n" in told
    assert (shown["status"], [one["status"] for one in shown["states"]]) == (
        "FAILED",
        ["succeeded", "failed"],
    )
    assert "ValueError: no column tailnumber" in "\n".join(shown["failures"][0]["log"])


def test_a_parameter_s_value_reaches_the_job_and_its_output_this_machine(
    shell: Shell, tmp_path: Path
) -> None:
    """As the text that it is, though it looks like a number."""
    code, told = shell.run(
        "run", "Daily", "--input", "day=20130101", "--name", "new-year", "--follow", "--logs"
    )
    assert code == 0, told
    assert "\nClean │ cleaning 20130101\n" in told
    (left,) = shell.json("outputs", "new-year", "--download", str(tmp_path))
    assert (left["state"], left["output"], left["files"]) == ("Clean", "rows", 1)
    file = tmp_path / "Clean" / "rows" / "day=1" / "rows.csv"
    assert file.read_text() == "day,n\n20130101,1\n"
    assert "\n    20130101  1" in shell.run("outputs", "Daily")[1]


def test_a_value_that_is_not_allowed_starts_nothing(shell: Shell) -> None:
    """It is told at once, by the parameter's name."""
    code, told = shell.run("run", "Daily", "--input", "day=yesterday")
    assert (code, told.startswith("error: the input would be refused: day must be ")) == (1, True)


def test_a_followed_run_as_json_is_lines(shell: Shell) -> None:
    """The last of which says all."""
    code, told = shell.run("run", "Daily", "--input", "day=20130102", "--follow", "--json")
    first, *states, end = (json.loads(line) for line in told.splitlines())
    assert (code, first["type"], first["workflow"]) == (0, "run", "Shop/Daily")
    assert ("Clean", "succeeded") in [(one["state"], one["status"]) for one in states]
    assert (end["type"], end["status"], end["input"]) == ("end", "SUCCEEDED", {"day": "20130102"})


def test_ctrl_c_leaves_the_run_going_and_stop_ends_its_jobs(shell: Shell) -> None:
    """However many run side by side."""
    with shell.starts("run", "Slow", "--name", "slow", "--follow", "--logs") as process:
        lines = until(process, " │ waiting")
        # Whichever comes first.
        until(process, "Left │ waiting" if "Right │" in lines[-1] else "Right │ waiting")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "The run goes on. To stop it: sagemaker-processing stop slow\n" in rest
    assert set(jobs_of(shell.json("show", "slow")).values()) == {"InProgress"}

    stopped = shell.json("stop", "slow", "--cause", "enough")
    assert stopped["status"] == "ABORTED"
    assert [one["status"] for one in stopped["jobs"]] == ["Stopped", "Stopped"]
    for one in stopped["jobs"]:
        assert shell.job(one["job"])["ProcessingJobStatus"] == "Stopped"
    code, told = shell.run("show", "Slow")
    assert (code, told.splitlines()[-2:]) == (0, ["✗ The run was stopped: Stopped", "  enough"])
    assert (
        shell.run("stop", "slow")[1].splitlines()[-1] == "error: run slow is over already: ABORTED"
    )


def test_a_run_that_failed_goes_on_where_it_failed(shell: Shell) -> None:
    """What succeeded is not run again."""
    code, told = shell.run("run", "Retried", "--name", "flaky", "--follow")
    assert (code, "ValueError: not yet" in told) == (1, True)
    code, told = shell.run("retry", "flaky", "--follow", "--logs")
    assert (code, "\nFlaky │ now it does\n" in told) == (0, True)
    shown = shell.json("show", "flaky")
    assert (shown["status"], shown["redriveCount"]) == ("SUCCEEDED", 1)
    assert [len(state["jobs"]) for state in shown["states"]] == [1, 2]
    code, told = shell.run("retry", "flaky")
    assert (code, told.startswith("error: run flaky succeeded, there is nothing")) == (1, True)


def test_logs_of_a_state_and_of_a_job(shell: Shell) -> None:
    """The same lines, by either name."""
    shell.run("run", "Daily", "--input", "day=20130103", "--name", "logged", "--follow")
    (job,) = jobs_of(shell.json("show", "logged"))
    code, of_state = shell.run("logs", "logged", "--state", "Clean")
    assert (code, "Clean │ cleaning 20130103\n" in of_state) == (0, True)
    assert shell.run("logs", job)[1] == of_state.replace("Clean │ ", "")
    code, lines = shell.run("logs", job, "--follow", "--json")
    assert (code, [json.loads(line)["line"] for line in lines.splitlines()]) == (
        0,
        of_state.replace("Clean │ ", "").splitlines(),
    )


def test_runs_are_listed_newest_first(shell: Shell) -> None:
    """Of one workflow, by its status too."""
    for day in ("20130104", "20130105"):
        shell.run("run", "Daily", "--input", f"day={day}", "--name", day, "--follow")
    assert [one["run"] for one in shell.json("runs", "Daily", "--limit", "2")] == [
        "20130105",
        "20130104",
    ]
    assert shell.json("runs", "Daily", "--status", "failed") == []
    code, told = shell.run("runs", "Shop/Daily", "--limit", "1")
    assert (code, told.splitlines()[1].startswith("✓ 20130105  succeeded  20")) == (0, True)


def test_outputs_of_a_cached_step_are_those_of_the_run_it_stands_for(
    shell: Shell, tmp_path: Path
) -> None:
    """Which is named."""
    for name in ("first", "second"):
        assert shell.run("run", "Cached", "--name", f"kept-{name}", "--follow")[0] == 0
    (first,) = shell.json("outputs", "kept-first")
    (state,) = shell.json("show", "kept-second")["states"]
    (source,) = state["cachedFrom"]
    (output,) = shell.json("outputs", "kept-second", "--download", str(tmp_path))

    assert (state["status"], source.rpartition(":")[2]) == ("cached", "kept-first")
    assert output == {**first, "cachedFrom": source, "folder": str(tmp_path / "Kept" / "rows")}
    assert (tmp_path / "Kept/rows/day=1/rows.csv").read_text() == "day,n\n20130101,1\n"
    told = shell.run("outputs", "kept-second")[1]
    assert told.startswith("Kept (cached, of run kept-first) → rows  1 file")


ITEMS = json.dumps([{"name": name} for name in "abc"])


def test_a_distributed_map_tells_its_items(shell: Shell) -> None:
    """The first that failed by its script's own error, and each by the ARN of its execution."""
    arguments = ("--name", "fanned", "--input", f"items={ITEMS}", "--follow")
    code, told = shell.run("run", "Fanned", *arguments)
    assert code == 1
    assert "✗ Item (SKLearn) failed: States.TaskFailed\n" in told
    assert "ValueError: b is no item\n" in told.partition("The end of its log")[2]

    shown = shell.json("show", "fanned")
    ((state,), (failure,)) = shown["states"], shown["failures"]
    assert (state["state"], state["items"]) == (
        "Each",
        {"total": 3, "succeeded": 1, "failed": 1, "running": 0, "aborted": 1, "executions": 3},
    )
    (item,) = shell.json("show", failure["executionArn"])["states"]
    assert (item["state"], item["status"]) == ("Item", "failed")
    code, written = shell.run("logs", "fanned")
    assert code == 0
    assert [line for line in written.splitlines() if line.startswith("Item │ item")] == [
        "Item │ item b",
        "Item │ item a",
    ]


def test_a_workflow_in_a_workflow_tells_its_own_failure(shell: Shell) -> None:
    """The script's error, and the execution that it was in."""
    code, told = shell.run("run", "Outer", "--name", "outer", "--follow")
    assert (code, "ValueError: not yet\n" in told) == (1, True)
    shown = shell.json("show", "outer")
    (start,), (failure,) = shown["states"], shown["failures"]
    assert start["executionArns"] == [failure["executionArn"]]
    assert failure["state"] == "Flaky"
    assert "Flaky │ ValueError: not yet\n" in shell.run("logs", "outer")[1]


def test_what_is_deployed_is_drawn(shell: Shell) -> None:
    """As the deployed definition has it."""
    code, told = shell.run("graph", "Fanned", "--deployed")
    assert (code, told.splitlines()[0]) == (0, "flowchart TD")
    assert "Each (Map" in told
    assert "Item<br>SKLearn" in told
