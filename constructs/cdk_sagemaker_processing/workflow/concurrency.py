"""The states that let only so many executions of a workflow go on at a time.

Each execution counts those that run and began before it, and goes on once
they are fewer than the limit. An execution that waits runs, too, so they go on
in the order they began, and nothing is kept anywhere that could be left behind
by an execution that was stopped.
"""

from typing import Literal

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.cdk.pseudo import PARTITION
from cdk_sagemaker_processing.errors import Problem

__all__ = ["WhenBusy", "allow_counting", "limited", "wrong_limit"]

WhenBusy = Literal["wait", "skip"]

_ANSWERS = ("wait", "skip")
# A state's result may have 256 KiB, and each execution is told in up to about 800 bytes.
_PAGE = 200
_FIRST_WAIT_SECONDS = 5
_LONGEST_WAIT_SECONDS = 300
_EARLIER, _PAGE_TOKEN, _WAITS = "workflow_earlier", "workflow_page", "workflow_waits"
_COUNTED = (
    "$count($filter($states.result.Executions, function($one) { "
    "$one.ExecutionArn != $states.context.Execution.Id and "
    "($toMillis($one.StartDate) < $toMillis($states.context.Execution.StartTime) or "
    "($toMillis($one.StartDate) = $toMillis($states.context.Execution.StartTime) and "
    "$one.ExecutionArn < $states.context.Execution.Id)) }))"
)


def wrong_limit(limit: object, when_busy: object) -> list[Problem]:
    """What is wrong with a limit of executions and what is done at it."""
    if limit is None:
        if when_busy is None:
            return []
        return [Problem("when_busy goes with max_concurrent_executions: give it, too")]
    found = []
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        found.append(
            Problem(f"max_concurrent_executions must be a whole number from 1, got {limit!r}")
        )
    if when_busy not in {None, *_ANSWERS}:
        found.append(Problem(f"when_busy must be 'wait' or 'skip', got {when_busy!r}"))
    return found


def limited(
    scope: Construct, limit: int | None, when_busy: WhenBusy | None, following: sfn.IChainable
) -> sfn.IChainable:
    """Put before states those that let only so many executions through at a time.

    Args:
        scope: Whose the states are.
        limit: How many; any number if None.
        when_busy: What the others do.
        following: The states that come after.
    """
    if limit is None:
        return following
    listed = _list(scope, "List running executions", {}, _COUNTED)
    more = _list(
        scope,
        "List more running executions",
        {"NextToken": f"{{% ${_PAGE_TOKEN} %}}"},
        f"${_EARLIER} + {_COUNTED}",
    )
    turn = sfn.Choice.jsonata(scope, "Turn", state_name="Its turn?")
    skips = when_busy == "skip"
    busy = _skip(scope) if skips else _wait(scope).next(listed)
    turn.when(sfn.Condition.jsonata(f"{{% ${_EARLIER} >= {limit} %}}"), busy)
    turn.when(sfn.Condition.jsonata(f"{{% ${_PAGE_TOKEN} != '' %}}"), more.next(turn))
    turn.otherwise(following)
    counted = listed.next(turn)
    return counted if skips else _begin(scope).next(counted)


def allow_counting(scope: Construct, machine: sfn.StateMachine) -> None:
    """Let a machine list its executions.

    The policy is one of its own, as that of the machine's role comes before
    the machine, which this one names.
    """
    iam.Policy(
        scope,
        "ListRunningPolicy",
        roles=[machine.role],
        statements=[
            iam.PolicyStatement(
                actions=["states:ListExecutions"], resources=[machine.state_machine_arn]
            )
        ],
    )


def _list(scope: Construct, name: str, page: dict[str, str], earlier: str) -> sfn.CustomState:
    """A state that counts the earlier executions on a page of those that run."""
    return sfn.CustomState(
        scope,
        name,
        state_json={
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": f"arn:{PARTITION}:states:::aws-sdk:sfn:listExecutions",
            "Arguments": {
                "StateMachineArn": "{% $states.context.StateMachine.Id %}",
                "StatusFilter": "RUNNING",
                "MaxResults": _PAGE,
                **page,
            },
            "Assign": {
                _EARLIER: f"{{% {earlier} %}}",
                _PAGE_TOKEN: "{% $exists($states.result.NextToken) "
                "? $states.result.NextToken : '' %}",
            },
            "Output": "{% $states.input %}",
            # Throttling, and a policy that is not yet known everywhere.
            "Retry": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "IntervalSeconds": 5,
                    "MaxAttempts": 6,
                    "BackoffRate": 2,
                    "MaxDelaySeconds": 60,
                    "JitterStrategy": "FULL",
                }
            ],
        },
    )


def _begin(scope: Construct) -> sfn.Pass:
    return sfn.Pass.jsonata(scope, "BeginToWait", state_name="Queue up", assign={_WAITS: "{% 0 %}"})


def _wait(scope: Construct) -> sfn.Wait:
    """Longer each time: an execution's history may have 25,000 events, and a turn takes ten."""
    seconds = f"$min([{_LONGEST_WAIT_SECONDS}, {_FIRST_WAIT_SECONDS} * $power(2, ${_WAITS})])"
    return sfn.Wait.jsonata(
        scope,
        "WaitForTurn",
        state_name="Wait for its turn",
        time=sfn.WaitTime.seconds(f"{{% {seconds} %}}"),
        assign={_WAITS: f"{{% $min([10, ${_WAITS} + 1]) %}}"},
    )


def _skip(scope: Construct) -> sfn.Succeed:
    why = f"'as many executions run that began before: ' & ${_EARLIER}"
    return sfn.Succeed.jsonata(
        scope, "Skip", state_name="Skip this time", outputs={"Skipped": f"{{% {why} %}}"}
    )
