"""A report of a run: all that its page tells, as values."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cdk_sagemaker_processing.deployed.errors import explained
from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.follower import Blamed, ClientOf, RunFollower
from cdk_sagemaker_processing.runs.found import Run, look
from cdk_sagemaker_processing.runs.progress import StateProgress
from cdk_sagemaker_processing.runs.report.earlier import EarlierRun, read_earlier
from cdk_sagemaker_processing.runs.report.jobs import JobReport, read_job
from cdk_sagemaker_processing.runs.report.links import AwsConsole, console_of
from cdk_sagemaker_processing.runs.report.prices import PriceTable

__all__ = ["LOG_LINES", "Failure", "RunReport", "StateReport", "read_report"]

LOG_LINES = 40
"""How many of the last lines of each instance of a failed job are told."""

# Each is asked for by a few calls, of which an account has some a second.
_MOST_CHILDREN = 50


@dataclass(frozen=True, slots=True)
class StateReport:
    """A state of the run.

    Attributes:
        progress: What came of it.
        jobs: The processing jobs of its attempts, oldest first; of a state that starts executions,
            such as a distributed Map, those of the newest 50 of them.
        untold: How many executions it started besides, whose jobs are not in the report.
        earlier_seconds: How long it took in the earlier runs, oldest first.
    """

    progress: StateProgress
    jobs: tuple[JobReport, ...] = ()
    untold: int = 0
    earlier_seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the run failed, or one reason of several.

    Attributes:
        state: The state that failed by itself; None if the run failed by none.
        job: Its last processing job; None if it had none.
        error: The error's name; None if none is told.
        cause: What is said of it; None if nothing is.
        execution: The ARN of the execution that the state is in, where the run started it.
        log: The last lines of the job's log.
    """

    state: str | None
    job: str | None
    error: str | None
    cause: str | None
    log: tuple[str, ...] = ()
    execution: str | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run, as far as it was when the report was made.

    Attributes:
        made: When the report was made.
        run: The run.
        input: Its input, in JSON.
        redrives: How often it was redriven.
        states: Every state of its definition, in its order, without those that keep a step's cache.
        failures: Why it failed; empty if it did not.
        earlier: The last runs of the workflow that succeeded before it, oldest first.
        prices: The table by which its cost is estimated.
        console: Where the AWS console shows it; None where there is no console.
    """

    made: datetime
    run: Run
    input: str
    redrives: int
    states: tuple[StateReport, ...]
    failures: tuple[Failure, ...]
    earlier: tuple[EarlierRun, ...]
    prices: PriceTable
    console: AwsConsole | None = None

    @property
    def workflow(self) -> str:
        """The workflow's construct path; its state machine's name where that is not known."""
        known = self.run.workflow
        return known.path if known else self.run.machine_arn.rpartition(":")[2]

    @property
    def seconds(self) -> float:
        """How long the run took, or takes so far."""
        return ((self.run.ended or self.made) - self.run.started).total_seconds()

    @property
    def jobs(self) -> tuple[JobReport, ...]:
        """The processing jobs of all states."""
        return tuple(job for state in self.states for job in state.jobs)

    @property
    def untold(self) -> int:
        """How many executions that the run started are not in the report."""
        return sum(state.untold for state in self.states)

    @property
    def instance_hours(self) -> float:
        """How long the jobs' instances ran, added up."""
        return sum(job.instance_hours(self.made) for job in self.jobs)

    @property
    def cost(self) -> float:
        """What the jobs cost by the price table, without those whose type it lacks."""
        return sum(job.cost(self.prices, self.made) or 0.0 for job in self.jobs)

    @property
    def unpriced_types(self) -> tuple[str, ...]:
        """The instance types that ran and that the price table lacks."""
        ran = [job for job in self.jobs if job.started]
        lacking = [job for job in ran if job.cost(self.prices, self.made) is None]
        return tuple(sorted({job.instance_type for job in lacking}))


def read_report(client_of: ClientOf, run: Run, prices: PriceTable) -> RunReport:
    """Gather what a report tells of a run.

    Args:
        client_of: Makes boto3 clients.
        run: The run.
        prices: By which table its cost is estimated.

    Raises:
        DeployedError: If AWS refuses.
    """
    with explained():
        follower = RunFollower(client_of, run.arn, read_logs=False)
        follower.poll()
        failures = tuple(_failures(follower))
    said = look(client_of, run)
    earlier = read_earlier(client_of, run, follower.states)
    with explained():
        states = tuple(
            _state(follower, one, earlier) for one in as_written(follower.progress.states)
        )
    return RunReport(
        made=datetime.now(tz=UTC),
        run=replace(run, status=said["status"], ended=said.get("stopDate")),
        input=said.get("input", ""),
        redrives=said.get("redriveCount", 0),
        states=states,
        failures=failures,
        earlier=earlier,
        prices=prices,
        console=console_of(client_of, run.arn),
    )


def _state(
    follower: RunFollower, progress: StateProgress, earlier: tuple[EarlierRun, ...]
) -> StateReport:
    name = progress.state.name
    own = [follower.jobs[job] for job in progress.job_names]
    children = follower.started_by(progress, _MOST_CHILDREN)
    executions = progress.items.executions if progress.items else 0
    return StateReport(
        progress=progress,
        jobs=tuple(map(read_job, (*own, *(job for one in children for job in one.jobs.values())))),
        untold=max(executions - len(children), 0) if len(children) == _MOST_CHILDREN else 0,
        earlier_seconds=tuple(
            one.state_seconds[name] for one in earlier if name in one.state_seconds
        ),
    )


def _failures(follower: RunFollower) -> list[Failure]:
    progress = follower.progress
    blamed = [_failure(follower, one) for one in follower.blamed]
    if blamed or not (progress.error or progress.cause):
        return blamed
    return [Failure(None, None, progress.error, progress.cause)]


def _failure(follower: RunFollower, blamed: Blamed) -> Failure:
    job = blamed.job
    return Failure(
        state=blamed.state.state.name,
        job=job.name if job else None,
        error=blamed.error,
        cause=blamed.cause,
        log=tuple(job.log.tail(LOG_LINES)) if job else (),
        execution=None if blamed.run is follower else blamed.run.execution_arn,
    )
