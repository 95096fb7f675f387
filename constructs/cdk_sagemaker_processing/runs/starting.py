"""Runs started, and started again from where they failed."""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.deployed.errors import DeployedError, explained
from cdk_sagemaker_processing.runs.follower import ClientOf
from cdk_sagemaker_processing.runs.found import Run, look
from cdk_sagemaker_processing.runs.workflows import Workflow

__all__ = ["definition_of", "redrive", "start"]


def definition_of(client_of: ClientOf, workflow: Workflow) -> str:
    """Return the definition of a workflow's machine.

    Args:
        client_of: Makes boto3 clients.
        workflow: The workflow.

    Raises:
        DeployedError: If AWS refuses.
    """
    with explained():
        said = client_of("stepfunctions").describe_state_machine(
            stateMachineArn=workflow.machine_arn
        )
    definition: str = said["definition"]
    return definition


def start(
    client_of: ClientOf, workflow: Workflow, given: Mapping[str, Any], name: str | None = None
) -> Run:
    """Start a run.

    Args:
        client_of: Makes boto3 clients.
        workflow: The workflow.
        given: The execution's input.
        name: The execution's name; one that begins with the time, in UTC, by default.

    Raises:
        DeployedError: If there is a run of that name, or AWS refuses.
    """
    named = name or f"{datetime.now(tz=UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    with explained():
        try:
            started = client_of("stepfunctions").start_execution(
                stateMachineArn=workflow.machine_arn,
                name=named,
                input=json.dumps(given),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            raise DeployedError(
                f"{workflow.path} has a run {named} already: choose another --name"
            ) from error
    return Run(
        arn=started["executionArn"],
        machine_arn=workflow.machine_arn,
        name=named,
        status="RUNNING",
        started=started["startDate"],
        workflow=workflow,
    )


def redrive(client_of: ClientOf, run: Run) -> None:
    """Start a run again from the states in which it failed, with their input as it was.

    It goes by the definition with which it was started: what was deployed since does not count.

    Args:
        client_of: Makes boto3 clients.
        run: The run.

    Raises:
        DeployedError: If it runs, or succeeded, or can no longer be redriven.
    """
    said = look(client_of, run)
    if said["status"] == "RUNNING":
        raise DeployedError(f"run {run.name} still runs: stop it first, or wait")
    if said["status"] == "SUCCEEDED":
        raise DeployedError(
            f"run {run.name} succeeded, there is nothing to retry: start another by "
            "`sagemaker-processing run`"
        )
    if said.get("redriveStatus", "REDRIVABLE") != "REDRIVABLE":
        raise DeployedError(_not_redrivable(run, said.get("redriveStatusReason", "")))
    with explained():
        try:
            client_of("stepfunctions").redrive_execution(executionArn=run.arn)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionNotRedrivable":
                raise
            reason = error.response["Error"].get("Message", "")
            raise DeployedError(_not_redrivable(run, reason)) from error


def _not_redrivable(run: Run, reason: str) -> str:
    # Developer guide, "Redrive eligibility for unsuccessful executions".
    return (
        f"run {run.name} cannot be redriven: {reason or 'Step Functions gives no reason'} (it must "
        "be of a standard workflow and have ended within the last 14 days): start another by "
        "`sagemaker-processing run`"
    )
