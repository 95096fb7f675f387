"""An S3 that fails while a job's input is downloaded or its output uploaded."""

import pytest

from tests.faults.conftest import BUCKET, FaultyAws, Job, Run

pytestmark = pytest.mark.local_cloud

COPY = """
import pathlib
into = pathlib.Path("/opt/ml/processing/output/out")
for file in sorted(pathlib.Path("/opt/ml/processing/input/in").rglob("*")):
    if file.is_file():
        (into / file.name).write_bytes(file.read_bytes())
"""
WRITE = """
import pathlib
into = pathlib.Path("/opt/ml/processing/output/out")
for name in {names!r}:
    (into / name).parent.mkdir(parents=True, exist_ok=True)
    (into / name).write_text("x" * {size})
{then}
"""
ALWAYS = 99
LARGE = bytes(range(256)) * 8192
# Beyond boto3's 8 MiB an object goes up in parts.
IN_PARTS = 9 << 20


def write(*names: str, size: int = 3, then: str = "") -> str:
    return WRITE.format(names=names, size=size, then=then)


JOBS = {
    "slow-in": Job(COPY, {"a": b"A", "~GET.503.2~/b": b"B"}),
    "broken-in": Job(COPY, {"a": b"A", f"~GET.500.{ALWAYS}~/b": b"B"}),
    "cut-in": Job(COPY, {"~GET.CUT.1~/b": LARGE}),
    "always-cut-in": Job(COPY, {f"~GET.CUT.{ALWAYS}~/b": LARGE}),
    "slow-out": Job(write("a", "~PUT.503.2~/b", "c")),
    "broken-out": Job(write("a", f"~PUT.500.{ALWAYS}~/b", "c")),
    "broken-part": Job(write(f"~PUT.500.{ALWAYS}~/b", size=IN_PARTS)),
    "slow-while-running": Job(
        write("a", "~PUT.503.5~/b", then="import time; time.sleep(7)"), mode="Continuous"
    ),
}


@pytest.fixture(scope="module")
def runs(aws: FaultyAws) -> dict[str, Run]:
    """A run of each job."""
    return aws.run_all(JOBS)


@pytest.mark.parametrize(
    ("name", "objects"),
    [
        ("slow-in", {"a": b"A", "b": b"B"}),
        ("cut-in", {"b": LARGE}),
        ("slow-out", dict.fromkeys(["a", "~PUT.503.2~/b", "c"], b"xxx")),
        ("slow-while-running", dict.fromkeys(["a", "~PUT.503.5~/b"], b"xxx")),
    ],
)
def test_a_passing_fault_is_waited_out(
    runs: dict[str, Run], name: str, objects: dict[str, bytes]
) -> None:
    """SlowDown, and a connection that breaks within an object: all comes whole in the end."""
    run = runs[name]

    assert run.execution["status"] == "SUCCEEDED", run.execution
    assert run.job["ProcessingJobStatus"] == "Completed"
    assert run.outputs == objects


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken-in", "GetObject operation (reached max retries: 3): We encountered an internal"),
        ("always-cut-in", "GetObject failed for s3://faults/always-cut-in/in/~GET.CUT.99~/b: "),
    ],
)
def test_an_input_that_cannot_be_read_fails_the_job_before_it_starts(
    runs: dict[str, Run], name: str, said: str
) -> None:
    """With SageMaker's words for it; the script never runs on half an input."""
    run = runs[name]

    assert run.reason.startswith("ClientError: Failed to download data.")
    assert said in run.reason
    assert "ProcessingStartTime" not in run.job
    assert run.outputs == {}


def test_an_output_that_cannot_be_written_fails_the_job(runs: dict[str, Run]) -> None:
    """What went up before it may stay, as on AWS, but of a job that is Failed."""
    run = runs["broken-out"]

    assert run.reason.startswith("ClientError: Failed to upload data.")
    assert "We encountered an internal error" in run.reason
    assert f"~PUT.500.{ALWAYS}~/b" not in run.outputs


def test_of_an_object_that_goes_up_in_parts_nothing_is_left(
    runs: dict[str, Run], aws: FaultyAws
) -> None:
    """Neither a part of it that reads as a whole, nor an upload that never ends."""
    run = runs["broken-part"]

    assert run.reason.startswith("ClientError: Failed to upload data.")
    assert run.outputs == {}
    assert aws.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


def test_an_upload_that_fails_while_the_job_runs_is_told_in_its_log(runs: dict[str, Run]) -> None:
    """It is made up for later."""
    (told,) = [line for line in runs["slow-while-running"].log if "is not uploaded yet" in line]

    assert "Please reduce your request rate." in told
