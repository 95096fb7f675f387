"""One processing job: its request, its status and its times."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

Status = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
_TERMINAL = ("Completed", "Failed", "Stopped")
# "A string, up to one KB in size": API reference, DescribeProcessingJob.
FAILURE_REASON_LIMIT = 1024
# What DescribeProcessingJob shows of a request that leaves it out: the default is 24 hours.
_SHOWN = {"StoppingCondition": {"MaxRuntimeInSeconds": 86_400}}
ENDED_WITH_THE_CLOUD = "InternalServerError: the local cloud ended while the job ran"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    Attributes:
        status: Its terminal status.
        failure_reason: Why it did not complete.
        exit_message: What the job wrote to /opt/ml/output/message.
    """

    status: Status
    failure_reason: str | None = None
    exit_message: str | None = None


def silent(_description: Mapping[str, Any]) -> None:
    """Be told of a job, and tell nobody."""


class Job:
    """The record of one processing job; safe to use from several threads.

    Args:
        request: CreateProcessingJob's parameters.
        arn: The job's ARN.
        announce: Is told the description, tags included, at each change of the status, in order;
            must return at once.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        arn: str,
        announce: Callable[[Mapping[str, Any]], None] = silent,
    ) -> None:
        self.request = request
        self.arn = arn
        self.name: str = request["ProcessingJobName"]
        self.tags: dict[str, str] = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
        self.created = datetime.now(UTC)
        self.stop_requested = threading.Event()
        self.wake = threading.Event()
        self._status: Status = "InProgress"
        self._outcome: Outcome | None = None
        self._modified = self.created
        self._started: datetime | None = None
        self._ended: datetime | None = None
        self._changed = threading.Condition()
        self._announce = announce

    @property
    def status(self) -> Status:
        """The job's status."""
        return self._status

    @property
    def is_over(self) -> bool:
        """Whether the status is terminal."""
        return self._status in _TERMINAL

    @property
    def modified(self) -> datetime:
        """When the status last changed."""
        return self._modified

    def announce(self) -> None:
        """Tell its description, with its tags, to whoever is told of each change."""
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        self._announce(self.description() | {"Tags": tags})

    def started(self) -> None:
        """Note that the container runs."""
        with self._changed:
            self._started = self._modified = datetime.now(UTC)

    def request_stop(self) -> bool:
        """Ask the job to stop.

        Returns:
            False when it was over already.
        """
        with self._changed:
            if self.is_over:
                return False
            if self._status != "Stopping":
                self._status = "Stopping"
                self._modified = datetime.now(UTC)
                self.announce()
        self.stop_requested.set()
        self.wake.set()
        return True

    def finish(self, outcome: Outcome) -> None:
        """Set the terminal status and wake whoever waits for it."""
        with self._changed:
            self._status = outcome.status
            self._outcome = outcome
            self._ended = self._modified = datetime.now(UTC)
            self.announce()
            self._changed.notify_all()

    def wait(self, timeout: float | None) -> bool:
        """Block until the job is over; False when the time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_over, timeout)

    def description(self) -> dict[str, Any]:
        """The response of DescribeProcessingJob."""
        described = {name: value for name, value in self.request.items() if name != "Tags"}
        return _SHOWN | described | self._state() | {"ProcessingJobArn": self.arn}

    def summary(self) -> dict[str, Any]:
        """The job's entry in the response of ListProcessingJobs."""
        state = self._state()
        state.pop("ProcessingStartTime", None)
        return {"ProcessingJobName": self.name, "ProcessingJobArn": self.arn} | state

    def record(self) -> dict[str, Any]:
        """What `restored` needs to know of it, as JSON holds it."""
        with self._changed:
            times = (self.created, self._modified, self._started, self._ended)
            return {
                "request": dict(self.request),
                "arn": self.arn,
                "tags": dict(self.tags),
                "status": self._status,
                "times": [when and when.isoformat() for when in times],
                "outcome": self._outcome and asdict(self._outcome),
            }

    @classmethod
    def restored(cls, record: Mapping[str, Any]) -> Self:
        """Return a job of an earlier process; one that was not over then failed with it.

        Args:
            record: What `record` returned.
        """
        job = cls(record["request"], record["arn"])
        job.tags = dict(record["tags"])
        created, modified, job._started, job._ended = map(_time, record["times"])
        job.created = created or job.created
        job._modified = modified or job.created
        if record["outcome"]:
            job._outcome = Outcome(**record["outcome"])
            job._status = job._outcome.status
        else:
            job.finish(Outcome("Failed", ENDED_WITH_THE_CLOUD))
        return job

    def _state(self) -> dict[str, Any]:
        with self._changed:
            outcome = self._outcome
            state = {
                "ProcessingJobStatus": self._status,
                "CreationTime": self.created,
                "LastModifiedTime": self._modified,
                "ProcessingStartTime": self._started,
                "ProcessingEndTime": self._ended,
                "FailureReason": outcome
                and outcome.failure_reason
                and outcome.failure_reason[:FAILURE_REASON_LIMIT],
                "ExitMessage": outcome and outcome.exit_message,
            }
        return {name: value for name, value in state.items() if value is not None}


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
