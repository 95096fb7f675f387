"""A run as a JSON document."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cdk_sagemaker_processing.runs.cached import as_written
from cdk_sagemaker_processing.runs.follower import RunFollower
from cdk_sagemaker_processing.runs.found import Run
from cdk_sagemaker_processing.runs.progress import StateProgress, Status

__all__ = ["describe_course", "describe_run", "describe_state", "iso", "summarize"]


def summarize(run: Run) -> dict[str, Any]:
    """Return what is known of a run without looking at it.

    Args:
        run: The run.
    """
    return {
        "run": run.name,
        "workflow": run.workflow.path if run.workflow else None,
        "stack": (run.workflow.stack or None) if run.workflow else None,
        "executionArn": run.arn,
        "stateMachineArn": run.machine_arn,
        "status": run.status,
        "started": iso(run.started),
        "ended": iso(run.ended),
    }


def describe_run(run: Run, said: Mapping[str, Any], follower: RunFollower) -> dict[str, Any]:
    """Return all that is known of a run.

    Args:
        run: The run.
        said: What `DescribeExecution` said of it.
        follower: The run, looked at.
    """
    return {
        **summarize(run),
        "status": said["status"],
        "ended": iso(said.get("stopDate")),
        "error": said.get("error"),
        "cause": said.get("cause"),
        "input": _read(said.get("input")),
        "output": _read(said.get("output")),
        "redriveCount": said.get("redriveCount", 0),
        "states": [
            describe_state(state, follower) for state in as_written(follower.progress.states)
        ],
    }


def describe_course(progress: StateProgress) -> dict[str, Any]:
    """Return which state it is, where it is and since when.

    Args:
        progress: The state's progress.
    """
    return {
        "state": progress.state.name,
        "kind": progress.state.kind,
        "in": list(progress.state.parents),
        "status": str(progress.status),
        "entered": iso(progress.entered),
        "exited": iso(progress.exited),
    }


def describe_state(progress: StateProgress, follower: RunFollower) -> dict[str, Any]:
    """Return how far a state of a run is.

    Args:
        progress: The state's progress.
        follower: The run.
    """
    jobs = (follower.jobs.get(name) for name in progress.job_names)
    return {
        **describe_course(progress),
        "visits": progress.visits,
        "attempts": progress.attempts,
        "jobs": [{"job": job.name, "status": job.status or None} for job in jobs if job],
        **_children(progress),
        **_cached(progress),
        "error": progress.error,
        "cause": progress.cause,
    }


def _children(progress: StateProgress) -> dict[str, Any]:
    if not progress.state.starts_workflow and progress.items is None:
        return {}
    return {
        "items": asdict(progress.items) if progress.items else None,
        "mapRunArns": list(progress.map_runs),
        "executionArns": list(progress.executions),
    }


def _cached(progress: StateProgress) -> dict[str, Any]:
    return {"cachedFrom": list(progress.cached_from)} if progress.status is Status.CACHED else {}


def iso(time: datetime | None) -> str | None:
    """Return a time as ISO 8601 writes it, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds") if time else None


def _read(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
