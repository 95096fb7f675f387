"""A disk that is full, at every stage of a job."""

import uuid
from collections.abc import Iterator

import pytest

from tests.faults.conftest import FaultyAws, Job, Run, faulty
from tests.faults.small_disk import SIZE_MIB

pytestmark = pytest.mark.local_cloud

COUNT = """
import pathlib
total = sum(file.stat().st_size for file in pathlib.Path("/opt/ml/processing/input/in").iterdir())
pathlib.Path("/opt/ml/processing/output/out/total").write_text(str(total))
"""
FILL = """
import os, pathlib
out = pathlib.Path("/opt/ml/processing/output/out")
(out / "first").write_text("whole")
pathlib.Path("/opt/ml/output/message").write_text("as far as it came")
print("filling", flush=True)
try:
    with open("/opt/ml/processing/{place}", "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
except OSError as error:
    print("filled:", os.strerror(error.errno), flush=True)
    {then}
"""
BEYOND = bytes((SIZE_MIB + 1) << 20)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    """A local AWS on a small disk."""
    with faulty(tmp_path_factory.mktemp("small"), "small_disk.py") as made:
        yield made


def room(aws: FaultyAws) -> Run:
    """A job after another one, which needs a little room."""
    return aws.run(f"after-{uuid.uuid4().hex[:8]}", Job(COUNT, {"a": b"abc"}))


def test_an_input_that_does_not_fit_fails_the_job(aws: FaultyAws) -> None:
    """Its object and the reason are told; the next job has room again."""
    run = aws.run("large-in", Job(COUNT, {"a": b"A", "b": BEYOND}))

    assert run.reason == (
        "ClientError: Failed to download data. s3://faults/large-in/in/b cannot be kept as a file: "
        "No space left on device"
    )
    assert run.outputs == {}
    assert room(aws).outputs == {"total": b"3"}


def test_a_script_that_fills_the_disk_fails_by_its_own_error(aws: FaultyAws) -> None:
    """Its log is whole in CloudWatch Logs, though its file is not; the next job has room again."""
    run = aws.run("large-work", Job(FILL.format(place="work", then="raise")))

    assert run.reason.startswith("AlgorithmError: See job logs for more information, exit code: 1.")
    assert run.reason.endswith("OSError: [Errno 28] No space left on device")
    assert run.job["ExitMessage"] == "as far as it came"
    assert [line for line in run.log if line.startswith("fill")] == [
        "filling",
        "filled: No space left on device",
    ]
    assert run.outputs == {}
    assert room(aws).outputs == {"total": b"3"}


def test_an_output_that_fills_the_disk_is_not_shown_as_whole(aws: FaultyAws) -> None:
    """The script fails while it writes: neither that file nor one before is uploaded."""
    run = aws.run("large-out", Job(FILL.format(place="output/out/second", then="raise")))

    assert run.reason.endswith("OSError: [Errno 28] No space left on device")
    assert run.outputs == {}
    assert room(aws).outputs == {"total": b"3"}


def test_a_job_that_ends_well_on_a_full_disk_loses_no_output(aws: FaultyAws) -> None:
    """Nothing of what comes after the script needs the disk."""
    run = aws.run("full", Job(FILL.format(place="work", then="pass")))

    assert run.execution["status"] == "SUCCEEDED", run.execution
    assert run.job["ExitMessage"] == "as far as it came"
    assert run.outputs == {"first": b"whole"}
    assert room(aws).outputs == {"total": b"3"}
