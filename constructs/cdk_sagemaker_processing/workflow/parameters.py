"""The states that check what an execution is given, and keep it for all others."""

from collections.abc import Sequence

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.parameters.in_definition import CHECK_STATE, described
from cdk_sagemaker_processing.parameters.input_check import problems_in, value_of
from cdk_sagemaker_processing.parameters.parameter import WorkflowParameter

__all__ = ["checked", "wrong_parameters"]

_ERROR = "Workflow.InvalidParameters"
_PROBLEMS = "workflow_problems"


def wrong_parameters(parameters: object) -> list[Problem]:
    """What is wrong with a workflow's parameters beside each by itself."""
    if not isinstance(parameters, list | tuple):
        return [
            Problem(
                f"parameters must be a list of WorkflowParameters, got {parameters!r}: write [...]"
            )
        ]
    others = [one for one in parameters if not isinstance(one, WorkflowParameter)]
    if others:
        return [Problem(f"parameters must be WorkflowParameters, got {one!r}") for one in others]
    names = [one.name for one in parameters]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [Problem(f"parameters: {name!r} is named twice: give each its own") for name in twice]


def checked(
    scope: Construct, parameters: Sequence[WorkflowParameter], following: sfn.IChainable
) -> sfn.IChainable:
    """Put before states those that check an execution's input and assign its parameters.

    Args:
        scope: Whose the states are.
        parameters: The parameters; without any nothing is put before.
        following: The states that come after.
    """
    if not parameters:
        return following
    check = sfn.Pass.jsonata(
        scope,
        "CheckParameters",
        state_name=CHECK_STATE,
        comment=described(parameters),
        assign={
            _PROBLEMS: problems_in(parameters),
            **{one.name: value_of(one) for one in parameters},
        },
    )
    wrong = sfn.Fail.jsonata(
        scope,
        "WrongParameters",
        state_name="Parameters are wrong",
        error=_ERROR,
        cause=f"{{% ${_PROBLEMS} %}}",
    )
    right = sfn.Choice.jsonata(scope, "RightParameters", state_name="Parameters are right?")
    right.when(sfn.Condition.jsonata(f"{{% ${_PROBLEMS} = '' %}}"), following).otherwise(wrong)
    return check.next(right)
