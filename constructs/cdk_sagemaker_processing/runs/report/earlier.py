"""How long the runs before a run took, in whole and state by state."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cdk_sagemaker_processing.deployed.errors import explained
from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.found import Run, list_runs
from cdk_sagemaker_processing.runs.progress import RunProgress, Status, read_progress

__all__ = ["EARLIER_RUNS", "EarlierRun", "median", "read_earlier"]

EARLIER_RUNS = 10
"""With how many earlier runs a run is compared."""

# A run that is looked at later has newer ones before it in the list.
_LISTED = 100


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that succeeded, before the one that is told of.

    Attributes:
        name: Its name.
        started: When it started.
        seconds: How long it took.
        state_seconds: How long each of its states took.
    """

    name: str
    started: datetime
    seconds: float
    state_seconds: Mapping[str, float]


def read_earlier(client_of: ClientOf, run: Run, states: Sequence[State]) -> tuple[EarlierRun, ...]:
    """Return the last runs of the same state machine that succeeded before a run, oldest first.

    Args:
        client_of: Makes boto3 clients.
        run: The run.
        states: The states of its definition; an earlier definition's others are left out.

    Raises:
        DeployedError: If AWS refuses.
    """
    listed = list_runs(client_of, run.machine_arn, "SUCCEEDED", _LISTED)
    before = [one for one in listed if one.started < run.started and one.arn != run.arn]
    with explained():
        return tuple(_earlier(client_of, one, states) for one in reversed(before[:EARLIER_RUNS]))


def median(seconds: Sequence[float]) -> float | None:
    """Return the median of some durations; None of none."""
    return statistics.median(seconds) if seconds else None


def _earlier(client_of: ClientOf, run: Run, states: Sequence[State]) -> EarlierRun:
    pages = (
        client_of("stepfunctions")
        .get_paginator("get_execution_history")
        .paginate(executionArn=run.arn, PaginationConfig={"PageSize": 1000})
    )
    progress = read_progress(states, (event for page in pages for event in page["events"]))
    ended = run.ended or run.started
    return EarlierRun(
        name=run.name,
        started=run.started,
        seconds=(ended - run.started).total_seconds(),
        state_seconds=_state_seconds(progress),
    )


def _state_seconds(progress: RunProgress) -> dict[str, float]:
    return {
        one.state.name: (one.exited - one.entered).total_seconds()
        for one in progress.states
        if one.status is Status.SUCCEEDED and one.entered and one.exited
    }
