"""Services with just what a run's follower asks them."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.runs.histories import Event

DEFINITION = json.dumps(
    {
        "StartAt": "Clean",
        "States": {
            "Clean": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
                "Parameters": {
                    "AppSpecification": {"ImageUri": "x/sagemaker-scikit-learn:1.2-1-cpu-py3"},
                },
                "Next": "Done",
            },
            "Done": {"Type": "Pass", "End": True},
        },
    },
)


class StepFunctions:
    """One execution, whose history the test writes."""

    def __init__(self, definition: str = DEFINITION) -> None:
        self.definition = definition
        self.events: list[Event] = []
        self.pages: list[int] = []

    def describe_state_machine_for_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return the definition."""
        assert executionArn
        return {"definition": self.definition}

    def get_paginator(self, name: str) -> "StepFunctions":
        """Page the history."""
        assert name == "get_execution_history"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Return pages of events as large as is asked for."""
        events = self.events[::-1] if request.get("reverseOrder") else self.events
        size = request["PaginationConfig"]["PageSize"]
        for at in range(0, len(events), size) or [0]:
            page = events[at : at + size]
            self.pages.append(len(page))
            yield {"events": page}


class SageMaker:
    """Processing jobs, whose descriptions the test writes."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []

    def describe_processing_job(self, *, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """Return what the test wrote, or that there is none."""
        self.asked.append(ProcessingJobName)
        if ProcessingJobName not in self.jobs:
            raise ClientError(
                {"Error": {"Code": "ValidationException", "Message": "Could not find the job"}},
                "DescribeProcessingJob",
            )
        return self.jobs[ProcessingJobName]


class Logs:
    """Streams of log lines, two events a page."""

    class exceptions:  # noqa: N801 - boto3's name
        """Where boto3 keeps a client's errors."""

        class ResourceNotFoundException(Exception):  # noqa: N818 - boto3's name
            """The log group is not there."""

    def __init__(self) -> None:
        self.streams: dict[str, list[str]] = {}
        self.is_made = True

    def describe_log_streams(
        self,
        *,
        logGroupName: str,  # noqa: N803 - boto3's name
        logStreamNamePrefix: str,  # noqa: N803 - boto3's name
    ) -> dict[str, Any]:
        """Return the streams of a prefix."""
        assert logGroupName == "/aws/sagemaker/ProcessingJobs"
        if not self.is_made:
            raise self.exceptions.ResourceNotFoundException
        names = [name for name in self.streams if name.startswith(logStreamNamePrefix)]
        return {"logStreams": [{"logStreamName": name} for name in names]}

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        """Return the page at a token."""
        lines = self.streams[request["logStreamName"]]
        if not request["startFromHead"]:
            return {"events": [{"message": line} for line in lines[-request["limit"] :]]}
        start = int(request.get("nextToken", "0"))
        page = lines[start : start + 2]
        return {
            "events": [{"message": line} for line in page],
            "nextForwardToken": str(start + len(page)),
        }


class Aws:
    """The three services that a follower asks."""

    def __init__(self, definition: str = DEFINITION) -> None:
        self.step_functions = StepFunctions(definition)
        self.sagemaker = SageMaker()
        self.logs = Logs()

    def __call__(self, service: str) -> Any:
        """Return the fake of a service."""
        services = {
            "stepfunctions": self.step_functions,
            "sagemaker": self.sagemaker,
            "logs": self.logs,
        }
        return services[service]
