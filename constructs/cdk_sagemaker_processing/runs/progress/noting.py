"""What events tell of a state beyond its course: its jobs, and the executions that it started."""

import json
from collections.abc import Mapping
from typing import Any

from cdk_sagemaker_processing.runs.progress.fold import Fold, Visit


def note(fold: Fold, visit: Visit, details: Mapping[str, Any]) -> None:
    """Note what the details of one event tell.

    Args:
        fold: What is known, to which it is added.
        visit: The visit that the event belongs to.
        details: The event's details, as boto3 returns them.
    """
    _note_job(fold, visit, details)
    _note_children(fold, visit, details)
    _note_source(fold, visit, details)


def _note_job(fold: Fold, visit: Visit, details: Mapping[str, Any]) -> None:
    name = _job_name(details) if visit.state.is_job else None
    names = fold.jobs.setdefault(visit.state.name, [])
    if name and name not in names:
        names.append(name)


def _note_children(fold: Fold, visit: Visit, details: Mapping[str, Any]) -> None:
    name = visit.state.name
    if "mapRunArn" in details:
        _note(fold.map_runs, name, details["mapRunArn"])
    for member in ("output", "cause") if visit.state.starts_workflow else ():
        told = _json(details.get(member))
        if isinstance(told, Mapping) and told.get("ExecutionArn"):
            _note(fold.executions, name, told["ExecutionArn"])


def _note_source(fold: Fold, visit: Visit, details: Mapping[str, Any]) -> None:
    """Note the run that the record of an earlier success is of."""
    if visit.state.helps is None:
        return
    told = _json(details.get("output"))
    record = _json(told.get("Body")) if isinstance(told, Mapping) else None
    # S3 may have the text of the record, or the text of that text.
    record = _json(record) if isinstance(record, str) else record
    if isinstance(record, Mapping) and record.get("Run"):
        _note(fold.sources, visit.state.name, str(record["Run"]))


def _note(noted: dict[str, list[str]], name: str, arn: str) -> None:
    arns = noted.setdefault(name, [])
    if arn not in arns:
        arns.append(arn)


def _job_name(details: Mapping[str, Any]) -> str | None:
    """Return the processing job that an event's request, answer or failure tells of."""
    for member in ("parameters", "output", "cause"):
        told = _json(details.get(member))
        if isinstance(told, Mapping):
            name = told.get("ProcessingJobName")
            arn = told.get("ProcessingJobArn")
            if name or arn:
                return str(name or str(arn).rsplit("/", 1)[-1])
    return None


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None
