"""Jobs that outlive the process that ran them, as records."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs.container import discard_temporary
from cdk_sagemaker_processing.local.jobs.job import Job, Outcome

REQUEST = {
    "ProcessingJobName": "clean",
    "Environment": {"A": "b"},
    "Tags": [{"Key": "team", "Value": "data"}],
}
ARN = "arn:aws:sagemaker:us-east-1:000000000000:processing-job/clean"


def written_and_read(job: Job) -> Mapping[str, Any]:
    """A record as a file of JSON gives it back."""
    found: Mapping[str, Any] = json.loads(json.dumps(job.record()))
    return found


def test_a_job_that_was_over_is_what_it_was() -> None:
    """Its description, its tags and its times are the same to the microsecond."""
    job = Job(REQUEST, ARN)
    job.started()
    job.tags["later"] = "yes"
    job.finish(Outcome("Failed", "AlgorithmError: no", "said"))
    restored = Job.restored(written_and_read(job))
    assert restored.description() == job.description()
    assert restored.summary() == job.summary()
    assert restored.tags == {"team": "data", "later": "yes"}
    assert restored.is_over


def test_a_job_that_ran_failed_with_its_cloud() -> None:
    """Nobody waits for it for ever: it says what became of it, and when that was noticed."""
    job = Job(REQUEST, ARN)
    job.started()
    before = datetime.now(UTC)
    described = Job.restored(written_and_read(job)).description()
    assert described["ProcessingJobStatus"] == "Failed"
    assert described["FailureReason"] == (
        "InternalServerError: the local cloud ended while the job ran"
    )
    assert described["CreationTime"] == job.created
    assert described["ProcessingStartTime"] == job.description()["ProcessingStartTime"]
    assert described["ProcessingEndTime"] >= before
    assert not Job.restored(written_and_read(job)).request_stop()


def test_what_jobs_of_a_killed_cloud_had_beside_opt_ml_is_removed(tmp_path: Path) -> None:
    """Of one instance and of several; their logs and /opt/ml stay, as of any job that failed."""
    for folder in ("one", "two/algo-1", "two/algo-2"):
        (tmp_path / folder / "tmp" / "home").mkdir(parents=True)
        (tmp_path / folder / "opt-ml").mkdir()
    (tmp_path / "one" / "log.txt").touch()

    discard_temporary(tmp_path)

    left = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.glob("**/*"))
    assert left == [
        *("one", "one/log.txt", "one/opt-ml"),
        *("two", "two/algo-1", "two/algo-1/opt-ml", "two/algo-2", "two/algo-2/opt-ml"),
    ]
