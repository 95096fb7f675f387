"""A run, found by what a person calls it: an execution's name or ARN, or its workflow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.deployed.stacks import place_of
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.workflows import (
    Workflow,
    choose_workflow,
    find_workflows,
    is_named,
)

__all__ = ["RUNNING", "NoRunError", "Run", "find_run", "list_runs", "look", "look_again"]

RUNNING = "RUNNING"

_EXECUTION = ":execution:"
_BEFORE = re.compile(r"(?P<workflow>.+)~(?P<before>\d+)")
# API reference, ListExecutions.
_PAGE = 1000
# The service lists by time and does not say which: of runs that overlap it may be their end.
_OVERLAPPING = 20


class NoRunError(DeployedError):
    """There is no such run."""


@dataclass(frozen=True, slots=True)
class Run:
    """An execution of a state machine.

    Attributes:
        arn: Its ARN.
        machine_arn: The ARN of its state machine.
        name: Its name.
        status: Its status as Step Functions says it, such as `RUNNING` or `FAILED`.
        started: When it started.
        ended: When it ended; None while it runs.
        workflow: The workflow, where the run was found by it.
    """

    arn: str
    machine_arn: str
    name: str
    status: str
    started: datetime
    ended: datetime | None = None
    workflow: Workflow | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status != RUNNING


def find_run(client_of: ClientOf, wanted: str, stack: str | None = None) -> Run:
    """Return the run that a person means.

    Args:
        client_of: Makes boto3 clients.
        wanted: An execution's ARN; a workflow, for its newest run, or with `~1` behind it for the
            one before; or an execution's name, looked for in all workflows. What names a workflow
            is taken for that.
        stack: The stack's name; all stacks by default.

    Raises:
        NoRunError: If there is none.
        DeployedError: If several are meant, or AWS refuses.
    """
    with explained():
        if _EXECUTION in wanted:
            return _by_arn(client_of, wanted)
        workflows = find_workflows(client_of, stack)
        name, before = _apart(wanted)
        if before or any(is_named(workflow, name) for workflow in workflows):
            return _by_age(client_of, choose_workflow(workflows, name, stack), before)
        return _by_name(client_of, workflows, wanted, stack)


def list_runs(
    client_of: ClientOf, machine_arn: str, status: str | None = None, limit: int = 10
) -> tuple[Run, ...]:
    """Return the runs of a state machine, newest first.

    Args:
        client_of: Makes boto3 clients.
        machine_arn: The machine's ARN.
        status: Only those of this status; all by default.
        limit: At most how many.

    Raises:
        DeployedError: If AWS refuses.
    """
    wanted = {"statusFilter": status} if status else {}
    asked = limit + _OVERLAPPING
    with explained():
        pages = (
            client_of("stepfunctions")
            .get_paginator("list_executions")
            .paginate(
                stateMachineArn=machine_arn,
                PaginationConfig={"MaxItems": asked, "PageSize": min(asked, _PAGE)},
                **wanted,
            )
        )
        found = [_run(one) for page in pages for one in page["executions"]]
    return tuple(sorted(found, key=lambda run: run.started, reverse=True)[:limit])


def look(client_of: ClientOf, run: Run) -> Mapping[str, Any]:
    """Return what `DescribeExecution` says of a run.

    Args:
        client_of: Makes boto3 clients.
        run: The run.

    Raises:
        DeployedError: If AWS refuses.
    """
    with explained():
        said: Mapping[str, Any] = client_of("stepfunctions").describe_execution(
            executionArn=run.arn
        )
    return said


def look_again(client_of: ClientOf, run: Run) -> Run:
    """Return a run as it is now.

    Args:
        client_of: Makes boto3 clients.
        run: The run as it was.

    Raises:
        DeployedError: If AWS refuses.
    """
    return replace(_run(look(client_of, run)), workflow=run.workflow)


def _apart(wanted: str) -> tuple[str, int]:
    match = _BEFORE.fullmatch(wanted)
    return (match["workflow"], int(match["before"])) if match else (wanted, 0)


def _by_arn(client_of: ClientOf, arn: str) -> Run:
    run = _described(client_of, arn)
    if run is None:
        raise NoRunError(f"no execution {arn} in this account and region")
    return run


def _by_age(client_of: ClientOf, workflow: Workflow, before: int) -> Run:
    found = list_runs(client_of, workflow.machine_arn, limit=before + 1)
    if len(found) <= before:
        there = f"{len(found)} in all" if found else "none yet"
        raise NoRunError(f"{workflow.path} has no run ~{before}: it has {there}")
    return replace(found[before], workflow=workflow)


def _by_name(
    client_of: ClientOf, workflows: Sequence[Workflow], name: str, stack: str | None
) -> Run:
    found = list(_named(client_of, workflows, name))
    if len(found) == 1:
        return found[0]
    if found:
        arns = ", ".join(run.arn for run in found)
        raise DeployedError(f"several workflows have a run {name}, choose one by its ARN: {arns}")
    there = ", ".join(workflow.path for workflow in workflows) or "none"
    raise NoRunError(
        f"no run and no workflow is named {name} in {place_of(stack)}; the workflows are: {there}"
    )


def _named(client_of: ClientOf, workflows: Sequence[Workflow], name: str) -> Iterator[Run]:
    for workflow in workflows:
        run = _described(client_of, workflow.execution_arn(name))
        if run:
            yield replace(run, workflow=workflow)


def _described(client_of: ClientOf, arn: str) -> Run | None:
    try:
        return _run(client_of("stepfunctions").describe_execution(executionArn=arn))
    except ClientError as error:
        # A name that no execution can have makes an ARN that is none.
        if error.response["Error"]["Code"] in {"ExecutionDoesNotExist", "InvalidArn"}:
            return None
        raise


def _run(said: Mapping[str, Any]) -> Run:
    return Run(
        arn=said["executionArn"],
        machine_arn=said["stateMachineArn"],
        name=said["name"],
        status=said["status"],
        started=said["startDate"],
        ended=said.get("stopDate"),
    )
