"""A workflow's parameters in its definition, for those who see only the deployed machine.

They lie as JSON in the comment of the state that checks them. Nothing here
loads the CDK.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter

__all__ = ["CHECK_STATE", "STARTED_BY", "described", "read_parameters"]

CHECK_STATE = "Check parameters"
# What an execution that starts another one puts into its input, for the console:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
_MEMBER = "parameters"


def described(parameters: Sequence[WorkflowParameter]) -> str:
    """The parameters as the comment of the state that checks them."""
    found = [
        {name: value for name, value in asdict(one).items() if value is not None}
        for one in parameters
    ]
    return json.dumps({_MEMBER: found}, ensure_ascii=False)


def read_parameters(definition: str) -> dict[str, WorkflowParameter]:
    """The parameters of a deployed workflow by their names; none where it declares none.

    Args:
        definition: The ``definition`` that DescribeStateMachine gives.
    """
    state = json.loads(definition).get("States", {}).get(CHECK_STATE, {})
    try:
        comment: Any = json.loads(state.get("Comment", ""))
        found = [WorkflowParameter(**one) for one in comment[_MEMBER]]
    except (ValueError, TypeError, KeyError):
        # A state of that name that is a user's own.
        return {}
    return {one.name: one for one in found}
