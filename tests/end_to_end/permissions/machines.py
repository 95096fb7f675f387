"""State machines as deployed, changed and run again."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.end_to_end.conftest import Cloud

Definition = dict[str, Any]


def definition_of(cloud: Cloud, machine: str) -> Definition:
    """A machine's definition, whose tasks fail at once where they would be tried again."""
    described = cloud.local.client("stepfunctions").describe_state_machine(stateMachineArn=machine)
    definition: Definition = json.loads(described["definition"])
    for state in definition["States"].values():
        state.pop("Retry", None)
    return definition


def role_of(cloud: Cloud, machine: str) -> str:
    """The ARN of a machine's role."""
    states = cloud.local.client("stepfunctions")
    return str(states.describe_state_machine(stateMachineArn=machine)["roleArn"])


def copy_of(cloud: Cloud, machine: str, role_arn: str, definition: Definition) -> str:
    """Make a machine that logs and traces as another does; return its ARN."""
    states = cloud.local.client("stepfunctions")
    original = states.describe_state_machine(stateMachineArn=machine)
    made = states.create_state_machine(
        name=f"copy-{uuid.uuid4()}",
        roleArn=role_arn,
        definition=json.dumps(definition),
        loggingConfiguration=original["loggingConfiguration"],
    )
    return str(made["stateMachineArn"])


def refusal(
    cloud: Cloud,
    machine: str,
    role_arn: str,
    change: Callable[[Definition], None] | None = None,
    **given: str,
) -> str | None:
    """What a copy of a machine fails with, be it as it is made or as it runs; None if it succeeds.

    Args:
        cloud: The local cloud.
        machine: The machine.
        role_arn: The copy's role.
        change: Changes the copy's definition.
        given: The execution's input.
    """
    definition = definition_of(cloud, machine)
    if change:
        change(definition)
    try:
        copy = copy_of(cloud, machine, role_arn, definition)
    except ClientError as error:
        return str(error)
    run = cloud.run(copy, "copied", **given)
    return None if run.status == "SUCCEEDED" else f"{run.description.get('error')}: {run.cause}"
