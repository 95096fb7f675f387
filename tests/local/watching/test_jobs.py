import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.watching.jobs import (
    StepJob,
    check_step,
    followers_of,
    name_again,
    request_again,
)
from cdk_sagemaker_processing.runs.definition import State

UUID = "0bfbc171-61ab-40e1-8cfe-fe49ca079870"


def job(step: str, reads: list[str], writes: list[str]) -> StepJob:
    """A job of a step."""
    return StepJob(
        step,
        {
            "ProcessingJobName": f"{step}-{UUID}-0",
            "ProcessingInputs": [
                {"InputName": f"in-{at}", "S3Input": {"S3Uri": uri}} for at, uri in enumerate(reads)
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {"OutputName": f"out-{at}", "S3Output": {"S3Uri": uri}}
                    for at, uri in enumerate(writes)
                ]
            },
        },
    )


def test_a_job_runs_the_bundles_that_it_reads() -> None:
    """Whole or a file of them, in whatever bucket and below whatever prefix."""
    one = job("a", [f"s3://assets/pre/{'0' * 32}.d/code/", "s3://data/rows"], [])
    assert one.runs("0" * 32)
    assert not one.runs("1" * 32)


def test_followers_are_those_that_read_what_is_written() -> None:
    """Directly or over others; not what ran before, nor what reads a namesake's."""
    jobs = [
        job("zero", ["s3://b/split/rows/"], []),
        job("split", ["s3://raw/x"], ["s3://b/split/rows"]),
        job("train", ["s3://b/split/rows/part-0.csv"], ["s3://b/train/model"]),
        job("other", ["s3://b/split/rows-of-others/"], ["s3://b/other/"]),
        job("report", ["s3://b/train/"], []),
    ]
    assert [one.step for one in followers_of(jobs[1], jobs)] == ["train", "report"]
    assert followers_of(jobs[4], jobs) == []


def test_a_request_is_made_again_of_what_created_the_job() -> None:
    """Without what the service says of the job, and under another name."""
    description: Mapping[str, Any] = {
        **job("split", ["s3://raw/x"], []).description,
        "AppSpecification": {"ImageUri": "image"},
        "Environment": {},
        "RoleArn": "role",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "ProcessingJobStatus": "Completed",
        "ProcessingJobArn": "arn",
        "ExitMessage": "done",
    }
    request = request_again(StepJob("split", description))
    assert request.pop("ProcessingJobName") != description["ProcessingJobName"]
    assert request == {
        "AppSpecification": {"ImageUri": "image"},
        "ProcessingInputs": description["ProcessingInputs"],
        "ProcessingOutputConfig": {"Outputs": []},
        "RoleArn": "role",
    }


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        (f"clean-5ec65b14-{UUID}-0", "clean-5ec65b14-"),
        ("nightly", "nightly-"),
        ("x" * 63, "x" * 54),
    ],
)
def test_a_name_begins_as_the_job_s_did(name: str, begins: str) -> None:
    """For which its role may be meant alone; it fits, and is new each time."""
    first, second = name_again(name), name_again(name)
    assert len({name, first, second}) == 3
    assert first.startswith(begins)
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", first)


def test_a_step_that_is_none_is_told() -> None:
    """With those that there are; of a workflow that starts others nobody knows."""
    states = [State("Clean", "SKLearn"), State("Wait", "Wait")]
    check_step(states, "Clean")
    check_step(states, None)
    with pytest.raises(LocalCloudError, match="no step 'Wait'; its steps are: Clean"):
        check_step(states, "Wait")
    check_step([*states, State("Start", "states:startExecution")], "Theirs")
