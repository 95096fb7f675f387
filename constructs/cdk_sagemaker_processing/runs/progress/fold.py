"""What is known of a run after some of its events, before it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.progress.values import Status


@dataclass(slots=True)
class Visit:
    """One time that a run came to a state.

    Attributes:
        state: The state.
        entered: When it came there.
        exited: When it left; None as long as it has not.
        failed: Whether its last attempt failed.
        interrupted: Whether it was open when the run was redriven.
        attempts: How many attempts it has made, for a task.
        error: The name of its last error.
        cause: What is said of that error.
    """

    state: State
    entered: datetime
    exited: datetime | None = None
    failed: bool = False
    interrupted: bool = False
    attempts: int = 0
    error: str | None = None
    cause: str | None = None


@dataclass(slots=True)
class Fold:
    """What is known after some of the events.

    Attributes:
        states: The definition's states by name.
        visits: Each state's visits, oldest first.
        owners: The visit that each event belongs to, by the event's id.
        jobs: The processing jobs of each state.
        map_runs: The Map Runs of each distributed Map.
        executions: The executions of other workflows that each state started.
        sources: The runs whose success stands for each state's.
        last: The visit that the last event belongs to.
        status: Where the run is.
        started: When it started.
        ended: When it ended.
        error: Its error.
        cause: What is said of that error.
    """

    states: Mapping[str, State]
    visits: dict[str, list[Visit]] = field(default_factory=dict)
    owners: dict[int, Visit] = field(default_factory=dict)
    jobs: dict[str, list[str]] = field(default_factory=dict)
    map_runs: dict[str, list[str]] = field(default_factory=dict)
    executions: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    last: Visit | None = None
    status: Status = Status.RUNNING
    started: datetime | None = None
    ended: datetime | None = None
    error: str | None = None
    cause: str | None = None
