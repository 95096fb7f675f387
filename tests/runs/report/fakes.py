"""AWS with just what a report asks, and a run there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cdk_sagemaker_processing.runs.found import Run
from cdk_sagemaker_processing.runs.workflows import Workflow
from tests.runs import fakes
from tests.runs.histories import START, Event, History

REGION = "eu-west-1"
MACHINE = f"arn:aws:states:{REGION}:111122223333:stateMachine:Nightly"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"


def execution_arn(name: str) -> str:
    """The ARN of an execution of the machine."""
    return f"{MACHINE.replace('stateMachine', 'execution')}:{name}"


@dataclass(frozen=True, slots=True)
class Meta:
    """Where a client's service is."""

    endpoint_url: str


@dataclass(slots=True)
class Execution:
    """An execution, as it is listed and described."""

    name: str
    history: History
    status: str = "SUCCEEDED"
    started: datetime = START
    seconds: float | None = 600
    input: str = '{"day": "2026-01-05"}'
    extra: dict[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """What `DescribeExecution` says."""
        ended = {} if self.seconds is None else {"stopDate": self.started + self._took()}
        return {
            "executionArn": execution_arn(self.name),
            "stateMachineArn": MACHINE,
            "name": self.name,
            "status": self.status,
            "startDate": self.started,
            "input": self.input,
            **ended,
            **self.extra,
        }

    def _took(self) -> timedelta:
        return timedelta(seconds=self.seconds or 0)


class StepFunctions:
    """Executions of one machine."""

    def __init__(self, definition: str, endpoint_url: str) -> None:
        self.definition = definition
        self.meta = Meta(endpoint_url)
        self.executions: dict[str, Execution] = {}

    def describe_state_machine_for_execution(self, **request: Any) -> dict[str, Any]:
        """Return the definition."""
        assert request["executionArn"]
        return {"definition": self.definition}

    def describe_execution(self, **request: Any) -> dict[str, Any]:
        """Return what is known of one."""
        return self._of(request).described()

    def get_paginator(self, name: str) -> "Pages":
        """Page their list, or the history of one."""
        return Pages(self, name)

    def _of(self, request: Mapping[str, Any]) -> Execution:
        return self.executions[request["executionArn"].rpartition(":")[2]]


@dataclass(frozen=True, slots=True)
class Pages:
    """A paginator."""

    step_functions: StepFunctions
    name: str

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Return two pages."""
        if self.name == "get_execution_history":
            events: list[Event] = self.step_functions._of(request).history.events
            yield {"events": events[:3]}
            yield {"events": events[3:]}
            return
        assert request["stateMachineArn"] == MACHINE
        found = [one.described() for one in self.step_functions.executions.values()]
        wanted = request.get("statusFilter")
        yield {"executions": []}
        yield {"executions": [one for one in found if wanted in {None, one["status"]}]}


class Aws(fakes.Aws):
    """The services that a report asks.

    Args:
        definition: The machine's definition.
        endpoint_url: Where Step Functions is.
    """

    def __init__(
        self,
        definition: str = fakes.DEFINITION,
        endpoint_url: str = f"https://states.{REGION}.amazonaws.com",
    ) -> None:
        super().__init__(definition)
        self.executions = StepFunctions(definition, endpoint_url)

    def __call__(self, service: str) -> Any:
        """Return the fake of a service."""
        return self.executions if service == "stepfunctions" else super().__call__(service)

    def add(self, execution: Execution) -> Run:
        """Have an execution, and return it as it is found."""
        self.executions.executions[execution.name] = execution
        return Run(
            arn=execution_arn(execution.name),
            machine_arn=MACHINE,
            name=execution.name,
            status="RUNNING",
            started=execution.started,
            workflow=Workflow("Flights/Nightly", "Flights", MACHINE),
        )


def job(started: float = 120, ended: float | None = 480, **members: Any) -> dict[str, Any]:
    """What `DescribeProcessingJob` says; times in seconds from the run's start."""
    finished = {} if ended is None else {"ProcessingEndTime": START + timedelta(seconds=ended)}
    return {
        "ProcessingJobStatus": "Completed",
        "CreationTime": START + timedelta(seconds=2),
        "ProcessingStartTime": START + timedelta(seconds=started),
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge"}
        },
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "train",
                    "S3Output": {
                        "S3Uri": "s3://data/run/train/",
                        "LocalPath": "/opt/ml/processing/output/train",
                    },
                },
                {
                    "OutputName": "spark-event-logs",
                    "S3Output": {
                        "S3Uri": "s3://data/logs/",
                        "LocalPath": "/opt/ml/processing/spark-events",
                    },
                },
            ]
        },
        **finished,
        **members,
    }


def succeeded(job_name: str = "clean-1") -> History:
    """A run of one job that went well."""
    history = History()
    history.job("Clean", job_name)
    history.enter("Done", "Pass")
    history.leave("Done", "Pass")
    history.end("ExecutionSucceeded")
    return history


def failed(cause: str = '{"FailureReason": "exit code: 1"}') -> History:
    """A run whose job failed."""
    history = History()
    history.enter("Clean")
    history.schedule("clean-1")
    history.fail(cause)
    history.end("ExecutionFailed", "States.TaskFailed", cause)
    return history


NOW = datetime(2026, 1, 6, tzinfo=UTC)
INPUT = json.dumps({"day": "2026-01-05"})
