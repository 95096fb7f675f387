"""The states that let only so many executions go on at a time."""

import json
from typing import Any

import aws_cdk as cdk
import jsonata  # type: ignore[import-untyped] # it ships no type information
import pytest
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.workflow.concurrency import _COUNTED
from tests.support import definition, statements_of, template_of

_RETRY = [
    {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 5,
        "MaxAttempts": 6,
        "BackoffRate": 2,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }
]


def listing(earlier: str, **page: str) -> dict[str, Any]:
    """A state that counts the earlier executions on a page."""
    return {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": "arn:<AWS::Partition>:states:::aws-sdk:sfn:listExecutions",
        "Arguments": {
            "StateMachineArn": "{% $states.context.StateMachine.Id %}",
            "StatusFilter": "RUNNING",
            "MaxResults": 200,
            **page,
        },
        "Assign": {
            "workflow_earlier": f"{{% {earlier} %}}",
            "workflow_page": "{% $exists($states.result.NextToken) "
            "? $states.result.NextToken : '' %}",
        },
        "Output": "{% $states.input %}",
        "Retry": _RETRY,
        "Next": "Its turn?",
    }


def limited(stack: cdk.Stack, **options: Any) -> dict[str, Any]:
    """The definition of a workflow of one state that is limited."""
    workflow = processing.ProcessingWorkflow(
        stack, "Nightly", definition=sfn.Pass(stack, "Pass"), **options
    )
    return definition(workflow.state_machine)


def turn(limit: int, busy: str) -> dict[str, Any]:
    """The state that says whether an execution goes on."""
    return {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [
            {"Condition": f"{{% $workflow_earlier >= {limit} %}}", "Next": busy},
            {"Condition": "{% $workflow_page != '' %}", "Next": "List more running executions"},
        ],
        "Default": "Pass",
    }


def test_an_execution_waits_until_fewer_run_that_began_before_it(stack: cdk.Stack) -> None:
    """Asking again, later each time; pages of executions are counted one after the other."""
    seconds = "$min([300, 5 * $power(2, $workflow_waits)])"

    assert limited(stack, max_concurrent_executions=2) == {
        "StartAt": "Queue up",
        "States": {
            "Queue up": {
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Assign": {"workflow_waits": "{% 0 %}"},
                "Next": "List running executions",
            },
            "List running executions": listing(_COUNTED),
            "Its turn?": turn(2, "Wait for its turn"),
            "Wait for its turn": {
                "Type": "Wait",
                "QueryLanguage": "JSONata",
                "Seconds": f"{{% {seconds} %}}",
                "Assign": {"workflow_waits": "{% $min([10, $workflow_waits + 1]) %}"},
                "Next": "List running executions",
            },
            "List more running executions": listing(
                f"$workflow_earlier + {_COUNTED}", NextToken="{% $workflow_page %}"
            ),
            "Pass": {"Type": "Pass", "End": True},
        },
    }


def test_an_execution_may_be_skipped_instead(stack: cdk.Stack) -> None:
    """It succeeds at once, and says why it did nothing."""
    assert limited(stack, max_concurrent_executions=1, when_busy="skip") == {
        "StartAt": "List running executions",
        "States": {
            "List running executions": listing(_COUNTED),
            "Its turn?": turn(1, "Skip this time"),
            "Skip this time": {
                "Type": "Succeed",
                "QueryLanguage": "JSONata",
                "Output": {
                    "Skipped": "{% 'as many executions run that began before: ' "
                    "& $workflow_earlier %}"
                },
            },
            "List more running executions": listing(
                f"$workflow_earlier + {_COUNTED}", NextToken="{% $workflow_page %}"
            ),
            "Pass": {"Type": "Pass", "End": True},
        },
    }


def test_parameters_are_checked_before_an_execution_queues_up(stack: cdk.Stack) -> None:
    """One that is wrong should not wait to be told so."""
    day = processing.WorkflowParameter("day")

    machine = limited(stack, max_concurrent_executions=1, parameters=[day])

    assert machine["StartAt"] == "Check parameters"
    assert machine["States"]["Parameters are right?"]["Choices"][0]["Next"] == "Queue up"


def test_the_machine_may_list_its_own_executions_and_no_others(stack: cdk.Stack) -> None:
    """In a policy that comes after the machine, which it names."""
    limited(stack, max_concurrent_executions=1)

    assert statements_of(stack, "ListRunningPolicy") == [
        {
            "Effect": "Allow",
            "Action": "states:ListExecutions",
            "Resource": "<NightlyStateMachineF28BA435>",
        }
    ]
    machine = template_of(stack)["Resources"]["NightlyStateMachineF28BA435"]
    assert not any("ListRunning" in one for one in machine["DependsOn"])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_concurrent_executions": 0}, "must be a whole number from 1, got 0"),
        ({"max_concurrent_executions": True}, "must be a whole number from 1, got True"),
        (
            {"max_concurrent_executions": 1, "when_busy": "queue"},
            "when_busy must be 'wait' or 'skip', got 'queue'",
        ),
        ({"when_busy": "skip"}, "when_busy goes with max_concurrent_executions"),
    ],
    ids=str,
)
def test_a_limit_that_is_none_is_refused(
    stack: cdk.Stack, options: dict[str, Any], problem: str
) -> None:
    """Where the workflow is made."""
    with pytest.raises(processing.ValidationError, match=problem):
        limited(stack, **options)


def counted(running: list[tuple[str, str]], mine: tuple[str, str]) -> int:
    """How many of the executions that run an execution counts before itself."""
    whole = jsonata.Jsonata(_COUNTED)
    began, arn = mine
    executions = [{"ExecutionArn": one, "StartDate": when} for when, one in running]
    context = {"Execution": {"Id": arn, "StartTime": began}}
    whole.assign("states", {"result": {"Executions": executions}, "context": context})
    found: int = whole.evaluate(None)
    return found


BEGUN = st.builds("2026-01-31T03:00:00.{:03}Z".format, st.integers(0, 3))
EXECUTIONS = st.lists(
    st.tuples(BEGUN, st.uuids().map(str)), min_size=1, max_size=8, unique_by=lambda one: one[1]
)


@given(EXECUTIONS, st.randoms(use_true_random=False))
def test_executions_go_on_in_the_order_they_began(
    running: list[tuple[str, str]], order: Any
) -> None:
    """Each has a place of its own, those of the same millisecond by their ARNs."""
    shuffled = order.sample(running, len(running))

    places = [counted(shuffled, one) for one in sorted(running)]

    assert places == list(range(len(running)))


def test_an_execution_that_is_not_listed_yet_counts_those_that_are() -> None:
    """AWS lists a new one after a moment."""
    earlier = ("2026-01-31T03:00:00.000Z", "a")

    assert counted([earlier], ("2026-01-31T03:00:01.000Z", "b")) == 1
    assert counted([], ("2026-01-31T03:00:01.000Z", "b")) == 0


def test_a_page_of_the_longest_executions_is_no_more_than_a_state_may_give() -> None:
    """Which is 256 KiB."""
    machine = f"arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:{'m' * 80}"
    one = {
        "ExecutionArn": machine.replace("stateMachine", "execution") + ":" + "n" * 80,
        "StateMachineArn": machine,
        "Name": "n" * 80,
        "Status": "RUNNING",
        "StartDate": "2026-01-31T03:00:00.000Z",
        "StateMachineVersionArn": f"{machine}:1234567",
        "StateMachineAliasArn": f"{machine}:{'a' * 80}",
        "RedriveCount": 1000,
        "RedriveDate": "2026-01-31T03:00:00.000Z",
    }

    assert len(json.dumps({"Executions": [one] * 200, "NextToken": "t" * 1024})) < 256 * 1024
