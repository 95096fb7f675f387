"""Histories in the shape in which Step Functions answers GetExecutionHistory."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 5, 12, tzinfo=UTC)

Event = dict[str, Any]


class History:
    """A history written event by event, one second apart."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.add("ExecutionStarted", None, executionStartedEventDetails={"input": "{}"})

    def add(self, kind: str, after: Event | None, **details: Any) -> Event:
        """Add an event that follows another one."""
        number = len(self.events) + 1
        event: Event = {
            "id": number,
            "previousEventId": after["id"] if after else 0,
            "type": kind,
            "timestamp": START + timedelta(seconds=number - 1),
            **details,
        }
        self.events.append(event)
        return event

    @property
    def last(self) -> Event:
        """The event added last."""
        return self.events[-1]

    def enter(self, name: str, kind: str = "Task", after: Event | None = None) -> Event:
        """Come to a state."""
        details = {"name": name, "input": "{}"}
        return self.add(f"{kind}StateEntered", after or self.last, stateEnteredEventDetails=details)

    def leave(self, name: str, kind: str = "Task", after: Event | None = None) -> Event:
        """Leave a state."""
        details = {"name": name, "output": "{}"}
        return self.add(f"{kind}StateExited", after or self.last, stateExitedEventDetails=details)

    def schedule(self, job_name: str, after: Event | None = None) -> Event:
        """Ask for a job."""
        details = {
            "resourceType": "sagemaker",
            "resource": "createProcessingJob.sync",
            "region": "us-east-1",
            "parameters": json.dumps({"ProcessingJobName": job_name}),
        }
        return self.add("TaskScheduled", after or self.last, taskScheduledEventDetails=details)

    def submit(self, job_name: str, after: Event | None = None) -> Event:
        """Have a job made."""
        arn = f"arn:aws:sagemaker:us-east-1:000000000000:processing-job/{job_name}"
        details = {
            "resourceType": "sagemaker",
            "resource": "createProcessingJob.sync",
            "output": json.dumps({"ProcessingJobArn": arn}),
        }
        return self.add("TaskSubmitted", after or self.last, taskSubmittedEventDetails=details)

    def succeed(self, after: Event | None = None) -> Event:
        """Have a job complete."""
        details = {
            "resourceType": "sagemaker",
            "resource": "createProcessingJob.sync",
            "output": "{}",
        }
        return self.add("TaskSucceeded", after or self.last, taskSucceededEventDetails=details)

    def fail(self, cause: str = "it broke", after: Event | None = None) -> Event:
        """Have a job fail."""
        details = {
            "resourceType": "sagemaker",
            "resource": "createProcessingJob.sync",
            "error": "States.TaskFailed",
            "cause": cause,
        }
        return self.add("TaskFailed", after or self.last, taskFailedEventDetails=details)

    def end(self, kind: str, error: str | None = None, cause: str | None = None) -> Event:
        """End the run."""
        name = f"{kind[0].lower()}{kind[1:]}EventDetails"
        said = {"error": error, "cause": cause}
        details = {key: value for key, value in said.items() if value}
        return self.add(kind, self.last, **{name: details})

    def job(self, name: str, job_name: str, after: Event | None = None) -> Event:
        """A job's state from its entry to its exit."""
        entered = self.enter(name, after=after)
        scheduled = self.schedule(job_name, entered)
        return self.leave(name, after=self.succeed(self.submit(job_name, scheduled)))


def without_links(events: list[Event]) -> list[Event]:
    """The same events, as an emulator writes them that does not link them."""
    return [{k: v for k, v in event.items() if k != "previousEventId"} for event in events]
