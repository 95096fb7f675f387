"""A processing job as its report tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cdk_sagemaker_processing.runs.follower import Job
from cdk_sagemaker_processing.runs.outputs import event_log_uris
from cdk_sagemaker_processing.runs.report.prices import PriceTable

__all__ = ["JobOutput", "JobReport", "read_job"]

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class JobOutput:
    """Where a job writes one of its outputs.

    Attributes:
        name: Its `OutputName`.
        uri: Its S3 URI.
    """

    name: str
    uri: str


@dataclass(frozen=True, slots=True)
class JobReport:
    """A processing job.

    Attributes:
        name: Its name.
        status: Its `ProcessingJobStatus`; empty if SageMaker knows of none, as of a refused one.
        instance_type: Its instances' type.
        instances: How many there are.
        created: When it was asked for.
        started: When its instances stood and it began; None before.
        ended: When it ended; None before.
        outputs: Its outputs in S3, event logs left out.
        has_event_logs: Whether it keeps event logs for the Spark History Server.
    """

    name: str
    status: str = ""
    instance_type: str = ""
    instances: int = 0
    created: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    outputs: tuple[JobOutput, ...] = ()
    has_event_logs: bool = False

    def instance_hours(self, now: datetime) -> float:
        """Return how long its instances ran for it, one's hours added to the other's.

        Args:
            now: Until when an unfinished job counts.
        """
        if self.started is None:
            return 0.0
        seconds = ((self.ended or now) - self.started).total_seconds()
        return max(seconds, 0.0) * self.instances / _HOUR

    def cost(self, prices: PriceTable, now: datetime) -> float | None:
        """Return what that costs by a price table; None if it lacks the instance type.

        Args:
            prices: The table.
            now: Until when an unfinished job counts.
        """
        price = prices.per_instance_hour.get(self.instance_type)
        return None if price is None else price * self.instance_hours(now)


def read_job(job: Job) -> JobReport:
    """Return what a report tells of a job.

    Args:
        job: The job, which was asked for its description.
    """
    said = job.description
    if not said:
        return JobReport(job.name)
    cluster = said.get("ProcessingResources", {}).get("ClusterConfig", {})
    event_logs = event_log_uris(said)
    return JobReport(
        name=job.name,
        status=job.status,
        # A job that may have several types tells which of them it got.
        instance_type=cluster.get("SelectedInstanceType") or cluster.get("InstanceType", ""),
        instances=cluster.get("SelectedInstanceCount") or cluster.get("InstanceCount", 0),
        created=said.get("CreationTime"),
        started=said.get("ProcessingStartTime"),
        ended=said.get("ProcessingEndTime"),
        outputs=tuple(one for one in _outputs(said) if one.uri not in event_logs),
        has_event_logs=bool(event_logs),
    )


def _outputs(said: Mapping[str, Any]) -> list[JobOutput]:
    outputs = said.get("ProcessingOutputConfig", {}).get("Outputs", ())
    return [
        JobOutput(output["OutputName"], output["S3Output"]["S3Uri"])
        for output in outputs
        if "S3Output" in output
    ]
