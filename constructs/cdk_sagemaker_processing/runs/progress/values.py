"""How far a run and its states are, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cdk_sagemaker_processing.runs.definition import State


class Status(StrEnum):
    """Where a state, or a whole run, is."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    """The last attempt failed; another may follow."""
    SUCCEEDED = "succeeded"
    CAUGHT = "caught"
    """It failed, and the workflow went on by one of its catches."""
    FAILED = "failed"
    STOPPED = "stopped"
    """It was running when the run ended for another reason."""
    CACHED = "cached"
    """It was not run: what an earlier run made of the same still stands."""
    SKIPPED = "skipped"
    """The run ended and never came to it."""


@dataclass(frozen=True, slots=True)
class Items:
    """How far the items of a distributed Map are.

    Attributes:
        total: How many there are.
        succeeded: How many of them succeeded.
        failed: How many failed or timed out.
        running: How many run.
        aborted: How many were stopped, or never begun.
        executions: How many executions they are in: fewer, where these take several each.
    """

    total: int
    succeeded: int = 0
    failed: int = 0
    running: int = 0
    aborted: int = 0
    executions: int = 0

    @property
    def done(self) -> int:
        """How many are over."""
        return self.succeeded + self.failed + self.aborted


@dataclass(frozen=True, slots=True)
class StateProgress:
    """How far one state is.

    Attributes:
        state: The state.
        status: Where it is; of several visits, in a Map or a loop, what matters most.
        entered: When a run first came to it.
        exited: When its last visit ended; None as long as one goes on.
        visits: How often a run came to it.
        done: How many of these visits are over.
        attempts: How many attempts its last visit has made, for a task.
        job_names: The processing jobs of all its attempts, oldest first.
        error: The name of its last error.
        cause: What the service said of that error.
        map_runs: The ARNs of a distributed Map's Map Runs, oldest first.
        executions: The ARNs of the executions of other workflows that it started, oldest first.
        cached_from: The ARNs of the runs whose success stands for this state's, of one that is
            `CACHED`.
        items: How far a distributed Map's items are, where the service was asked.
    """

    state: State
    status: Status = Status.WAITING
    entered: datetime | None = None
    exited: datetime | None = None
    visits: int = 0
    done: int = 0
    attempts: int = 0
    job_names: tuple[str, ...] = ()
    error: str | None = None
    cause: str | None = None
    map_runs: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    cached_from: tuple[str, ...] = ()
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is.

    Attributes:
        status: `RUNNING`, `SUCCEEDED`, `FAILED`, or `STOPPED` for an aborted run.
        states: Every state of the definition, in its order.
        started: When the run started.
        ended: When it ended.
        error: The run's error.
        cause: What is said of that error.
    """

    status: Status
    states: tuple[StateProgress, ...]
    started: datetime | None = None
    ended: datetime | None = None
    error: str | None = None
    cause: str | None = None

    @property
    def failed_states(self) -> tuple[StateProgress, ...]:
        """The states that made the run fail, innermost first."""
        failed = [state for state in self.states if state.status is Status.FAILED]
        return tuple(sorted(failed, key=lambda each: -len(each.state.parents)))

    @property
    def blamed_states(self) -> tuple[StateProgress, ...]:
        """The states that failed by themselves, not for a state in them."""
        failed = self.failed_states
        outer = {name for state in failed for name in state.state.parents}
        return tuple(state for state in failed if state.state.name not in outer)
