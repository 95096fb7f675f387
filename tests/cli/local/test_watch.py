"""`local watch` as a person runs it: an editor saves, and the step runs with what was saved."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local import LocalCloud
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

COMMAND = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
APP = """
from pathlib import Path
import aws_cdk as cdk
import cdk_sagemaker_processing as processing

with Path("synths").open("a") as synths:
    synths.write("once more\\n")
app = cdk.App()
stack = cdk.Stack(app, "Edited")
clean = processing.SKLearnStep(
    stack, "Clean", framework_version="1.2-1", code="clean.py",
    outputs=[processing.ProcessingOutput("rows")])
count = processing.SKLearnStep(
    stack, "Count", framework_version="1.2-1", code="count.py", source_dir="counting",
    inputs=[processing.ProcessingInput(clean.output("rows"))],
    outputs=[processing.ProcessingOutput("counts")])
processing.ProcessingWorkflow(stack, "Workflow", definition=clean.next(count))
app.synth()
"""
CLEAN = """
from pathlib import Path
print("cleaning", flush=True)
for name in ("a", "b"):
    Path(f"/opt/ml/processing/output/rows/{name}.csv").write_text("n\\n1\\n")
"""
COUNT = """
from pathlib import Path
import helper
found = sorted(path.name for path in Path("/opt/ml/processing/input/rows").iterdir())
Path("/opt/ml/processing/output/counts/counts.txt").write_text(helper.WORD + " ".join(found))
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app of two steps, one of which reads what the other writes."""
    folder = tmp_path / "app"
    (folder / "counting").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    (folder / "clean.py").write_text(CLEAN)
    (folder / "counting" / "count.py").write_text(COUNT)
    (folder / "counting" / "helper.py").write_text("WORD = 'files: '\n")
    return folder


class Watch:
    """A watch that runs, and what it printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._seen = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, text: str, seconds: float = 180) -> list[str]:
        """Wait for a line that holds a text, and return what was printed since the last such."""

        def found() -> int | None:
            new = enumerate(self.lines[self._seen :], start=self._seen + 1)
            ended = next((at for at, line in new if text in line), None)
            assert ended or self.process.poll() is None, "".join(self.lines)
            return ended

        before, self._seen = self._seen, until(found, seconds)
        return self.lines[before : self._seen]

    def end(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)


@contextmanager
def watching(app: Path, *options: str, variables: Mapping[str, str]) -> Iterator[Watch]:
    """Start `local watch` for an app."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    places = {"TMPDIR": str(app.parent)}
    with subprocess.Popen(
        [*COMMAND, "local", "watch", str(app), *options],
        env={**around, **variables, **places},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Watch(process)
        finally:
            process.kill()


def outputs(cloud: LocalCloud) -> dict[str, str]:
    """What the steps have left, by their files' names."""
    s3 = cloud.client("s3")
    buckets = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    (bucket,) = (name for name in buckets if "storageoutputs" in name)
    return {
        one["Key"].rpartition("/")[2]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"]
        .read()
        .decode()
        for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())
    }


def jobs(cloud: LocalCloud) -> list[dict[str, Any]]:
    """The processing jobs, newest first."""
    listed: list[dict[str, Any]] = cloud.client("sagemaker").list_processing_jobs()[
        "ProcessingJobSummaries"
    ]
    return listed


def synths(app: Path) -> int:
    """How often the app was synthesized."""
    return len((app / "synths").read_text().splitlines())


def test_an_edit_runs_its_step_and_what_reads_it_without_a_synth(app: Path) -> None:
    """In a cloud that goes on, where roles read no code but their own; nothing is left there."""
    with LocalCloud.start(enforce_iam=True) as cloud:
        with watching(app, "--downstream", variables=cloud.environment) as watch:
            watch.until("Watching the app and 3 files")
            assert outputs(cloud)["counts.txt"] == "files: a.csv b.csv"

            (app / "clean.py").write_text(CLEAN.replace('"b"', '"c"'))
            told = watch.until("Watching the app")
            assert any(" Clean  clean.py changed  clean-" in line for line in told)
            assert "Clean │ cleaning\n" in told
            assert any(line.startswith("Clean → rows  2 files") for line in told)
            assert any(" Count  Clean ran again  count-" in line for line in told)
            assert outputs(cloud)["counts.txt"] == "files: a.csv c.csv"
            assert "b.csv" not in outputs(cloud)

            helper = app / "counting" / "helper.py"
            (app / "counting" / "helper.tmp").write_text("WORD = 'they are '\n")
            (app / "counting" / "helper.tmp").replace(helper)
            told = watch.until("Watching the app")
            assert not any(" Clean " in line for line in told)
            assert outputs(cloud)["counts.txt"] == "they are a.csv c.csv"

            (app / "clean.py").write_text("def (:\n")
            told = watch.until("Watching the app")
            assert "Clean │ SyntaxError: invalid syntax\n" in told
            assert any(line.startswith("✗ Clean failed after ") for line in told)
            assert not any(" Count " in line for line in told)

            (app / "clean.py").write_text(f"{CLEAN}import time\ntime.sleep(600)\n")
            watch.until("Clean │ cleaning")
            (app / "clean.py").write_text(f"{CLEAN}print('and again', flush=True)\ninput()\n")
            told = watch.until("▸ Clean ")
            assert any(line.startswith("■ Clean stopped after ") for line in told)
            assert watch.end() == 0
        assert synths(app) == 1
        assert [one["ProcessingJobStatus"] for one in jobs(cloud)].count("InProgress") == 0
        keys = cloud.client("s3").list_objects_v2(Bucket=assets(cloud))["Contents"]
        assert not [one["Key"] for one in keys if "/edited/" in one["Key"]]
    assert [path.name for path in app.parent.iterdir()] == ["app"]


def assets(cloud: LocalCloud) -> str:
    """The bucket of deployed code."""
    buckets = [one["Name"] for one in cloud.client("s3").list_buckets()["Buckets"]]
    (found,) = (name for name in buckets if name.startswith("cdk-"))
    return str(found)


def test_a_failed_run_goes_on_when_its_step_succeeds(app: Path) -> None:
    """And an app that is saved is deployed, once it can be; the cloud ends with the command."""
    (app / "clean.py").write_text("raise ValueError('not yet')\n")
    with watching(app, "--downstream", variables={}) as watch:
        told = watch.until("Watching the app")
        assert any("ValueError: not yet" in line for line in told)

        (app / "clean.py").write_text(CLEAN)
        told = watch.until("Watching the app")
        assert any(line.startswith("✓ Clean completed after ") for line in told)
        assert "Changed: the code of Clean\n" in told
        assert any(line.startswith("✓ Succeeded after ") for line in told)

        (app / "app.py").write_text(f"{APP}\nraise ValueError('no app')\n")
        told = watch.until("Watching the app")
        assert "Changed: app.py\n" in told
        assert any("ValueError: no app" in line for line in told)

        (app / "app.py").write_text(f"{APP}\n")
        told = watch.until("Watching the app")
        assert any("nothing that is deployed has changed" in line for line in told)
        assert watch.end() == 0
    assert watch.lines[-1] == "Nothing is left running.\n"
    assert synths(app) == 4
    assert [path.name for path in app.parent.iterdir()] == ["app"]


def test_what_has_not_run_is_told_and_the_cloud_s_end_ends_the_watch(app: Path) -> None:
    """Without --downstream a step that succeeds at last leaves it at that."""
    (app / "clean.py").write_text("raise ValueError('not yet')\n")
    with LocalCloud.start() as cloud, watching(app, variables=cloud.environment) as watch:
        watch.until("Watching the app")
        (app / "clean.py").write_text(CLEAN)
        told = watch.until("Watching the app")
        assert (
            "What follows it has not run: with --downstream the workflow would run anew now.\n"
            in told
        )
        assert not any(" Count " in line for line in told)
        cloud.stop()
        assert watch.process.wait(60) == 1
        until(lambda: any(line.startswith("error: the local cloud") for line in watch.lines), 10)
    assert [path.name for path in app.parent.iterdir()] == ["app"]
