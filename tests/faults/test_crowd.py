"""Many executions at once, each of two jobs with data in S3."""

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.faults.conftest import BUCKET, FaultyAws, Job
from tests.local_aws import CREATE, OVER, Machines
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

COUNT = 50
AT_ONCE = 10
PARTS = ["part-0", "part-1", "part-2"]
# Adds one to each number that comes in, or makes three of one.
STEP = f"""
import pathlib
given = sorted(pathlib.Path("/opt/ml/processing/input/in").iterdir())
numbers = [int(file.read_text()) for file in given]
for name, number in zip({PARTS}, numbers if numbers[1:] else numbers * 3, strict=True):
    (pathlib.Path("/opt/ml/processing/output/out") / name).write_text(str(number + 1))
"""


def step(aws: FaultyAws, name: str, source: str, after: dict[str, Any]) -> dict[str, Any]:
    """A state whose job reads one folder of the execution's and writes another."""
    request = json.loads(
        json.dumps(aws.request("crowd", Job(STEP, {"in": b""})))
        .replace(f"s3://{BUCKET}/crowd/in/", f"{source}/")
        .replace(f"s3://{BUCKET}/crowd/out", name)
    )
    for one in (request["ProcessingInputs"][1]["S3Input"], upload(request)):
        folder = one.pop("S3Uri")
        one["S3Uri.$"] = f"States.Format('s3://{BUCKET}/crowd/{{}}/{folder}', $.number)"
    request["ProcessingJobName.$"] = f"States.Format('crowd-{name}-{{}}', $.number)"
    return {
        "Type": "Task",
        "Resource": f"{CREATE}.sync",
        "Parameters": request,
        "ResultPath": None,
        **after,
    }


def upload(request: dict[str, Any]) -> dict[str, Any]:
    """The place of a job's only output."""
    place: dict[str, Any] = request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    return place


def test_fifty_executions_at_once(aws: FaultyAws) -> None:
    """All succeed, one step after the other, with whole outputs."""
    aws.s3.put_object(Bucket=BUCKET, Key="crowd/code/job.py", Body=STEP.encode())
    for number in range(COUNT):
        aws.s3.put_object(Bucket=BUCKET, Key=f"crowd/{number}/in/one", Body=str(number).encode())
    states = aws.cloud.client("stepfunctions")
    machines = Machines(states)
    machine = machines.create(
        {
            "StartAt": "First",
            "States": {
                "First": step(aws, "mid", "in", {"Next": "Second"}),
                "Second": step(aws, "out", "mid", {"End": True}),
            },
        }
    )

    arns = [machines.start_again(machine, {"number": number}) for number in range(COUNT)]
    until(lambda: not running(states, machine), 300)
    ends = [states.describe_execution(executionArn=arn) for arn in arns]

    assert [end["status"] for end in ends] == ["SUCCEEDED"] * COUNT
    for number, arn in enumerate(arns):
        for folder, value in (("mid", number + 1), ("out", number + 2)):
            assert aws.objects(f"crowd/{number}/{folder}/") == dict.fromkeys(
                PARTS, str(value).encode()
            )
        assert steps_of(machines.events(arn)) == [
            *("TaskStateEntered First", "TaskScheduled", "TaskStarted", "TaskSubmitted"),
            *("TaskSucceeded", "TaskStateExited First"),
            *("TaskStateEntered Second", "TaskScheduled", "TaskStarted", "TaskSubmitted"),
            *("TaskSucceeded", "TaskStateExited Second"),
        ]
    jobs = {job["ProcessingJobName"]: job for job in aws.jobs("crowd")}
    assert len(jobs) == 2 * COUNT
    assert {job["ProcessingJobStatus"] for job in jobs.values()} == {"Completed"}
    for number in range(COUNT):
        first, second = (jobs[f"crowd-{name}-{number}"] for name in ("mid", "out"))
        assert_in_order([*times(first), *times(second)])
    assert most_at_once([times(job)[1:] for job in jobs.values()]) <= AT_ONCE


def running(states: Any, machine: str) -> bool:
    """Whether any execution of a machine is not over."""
    listed = states.list_executions(stateMachineArn=machine, maxResults=COUNT)["executions"]
    return any(one["status"] not in OVER for one in listed)


def steps_of(events: list[dict[str, Any]]) -> list[str]:
    """The events between an execution's first and its last, those of states with their names."""
    assert (events[0]["type"], events[-1]["type"]) == ("ExecutionStarted", "ExecutionSucceeded")
    told = []
    for event in events[1:-1]:
        details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails")
        told.append(f"{event['type']} {details['name']}" if details else event["type"])
    return told


def times(job: dict[str, Any]) -> list[datetime]:
    """When a job was made, started and ended."""
    return [job["CreationTime"], job["ProcessingStartTime"], job["ProcessingEndTime"]]


def assert_in_order(moments: list[datetime]) -> None:
    """No moment is before the one that stands before it."""
    assert all(before <= after for before, after in pairwise(moments)), moments


def most_at_once(spans: list[list[datetime]]) -> int:
    """How many of the spans share a moment at most."""
    return max(sum(begun <= moment < end for begun, end in spans) for moment, _ in spans)
