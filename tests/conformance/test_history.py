"""The events of an execution: which, in which order, and what each follows.

Step Functions API reference, GetExecutionHistory and HistoryEvent; developer guide, "Viewing
execution details in the Step Functions console", section "Event history".
"""

import uuid
from typing import Any

import pytest

from tests.conformance.asl import chain, fail, item_map, job, parallel

pytestmark = pytest.mark.local_cloud


def types(machines: Any, machine: Any, given: Any = None) -> list[str]:
    """The types of the events of a machine's execution, after the first and before the last."""
    arn = machines.start(machine, given)
    machines.end(arn)
    found = [str(event["type"]) for event in machines.events(arn)]
    assert found[0] == "ExecutionStarted"
    assert found[-1].startswith("Execution")
    return found[1:-1]


def test_of_a_job(machines: Any, job_role: str) -> None:
    """It is scheduled, started, submitted, and succeeds."""
    assert types(machines, chain(job(job_role))) == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


def test_of_a_job_that_is_not_waited_for(machines: Any, job_role: str) -> None:
    """It succeeds with its request."""
    assert types(machines, chain(job(job_role, pattern=""))) == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
    ]


def test_of_a_job_that_fails_twice(machines: Any, job_role: str) -> None:
    """Each attempt has its events; a caught one leaves the state."""
    state = job(job_role, environment={"OUTCOME": "Failed"}) | {
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    }
    attempt = ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed"]
    assert types(machines, chain(state, {"Type": "Succeed"})) == [
        "TaskStateEntered",
        *attempt,
        *attempt,
        "TaskStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
    ]


def test_of_a_request_that_is_refused(machines: Any, job_role: str) -> None:
    """It is not submitted."""
    state = job(job_role, environment={"CREATE_ERROR": "ResourceInUse"})
    assert types(machines, chain(state)) == [
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitFailed",
    ]


def test_of_an_activity(machines: Any, states: Any) -> None:
    """It is started when a worker takes it."""
    activity = states.create_activity(name=f"activity-{uuid.uuid4()}")["activityArn"]
    arn = machines.start(chain({"Type": "Task", "Resource": activity}), {"n": 1})
    token = states.get_activity_task(activityArn=activity)["taskToken"]
    states.send_task_success(taskToken=token, output="1")
    machines.end(arn)
    events = machines.events(arn)
    assert [event["type"] for event in events][2:5] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
    ]
    scheduled = events[2]["activityScheduledEventDetails"]
    assert (scheduled["resource"], scheduled["input"]) == (activity, '{"n": 1}')
    assert events[4]["activitySucceededEventDetails"]["output"] == "1"


def test_of_a_parallel_state(machines: Any) -> None:
    """Its branches' events are between its start and its end."""
    state = parallel(chain({"Type": "Pass"}))
    assert types(machines, chain(state)) == [
        "ParallelStateEntered",
        "ParallelStateStarted",
        "PassStateEntered",
        "PassStateExited",
        "ParallelStateSucceeded",
        "ParallelStateExited",
    ]


def test_of_a_map_state(machines: Any) -> None:
    """Each iteration has a start and an end."""
    iteration = [
        "MapIterationStarted",
        "PassStateEntered",
        "PassStateExited",
        "MapIterationSucceeded",
    ]
    state = item_map(chain({"Type": "Pass"}), MaxConcurrency=1)
    assert types(machines, chain(state), [1, 2]) == [
        "MapStateEntered",
        "MapStateStarted",
        *iteration,
        *iteration,
        "MapStateSucceeded",
        "MapStateExited",
    ]


def test_a_map_tells_how_many_items_it_has(machines: Any) -> None:
    """When it starts, and in each iteration which one it is."""
    arn = machines.start(chain(item_map(chain({"Type": "Pass"}), MaxConcurrency=1)), ["a", "b"])
    machines.end(arn)
    events = machines.events(arn)
    assert [event.get("mapStateStartedEventDetails") for event in events][2] == {"length": 2}
    assert [
        event["mapIterationStartedEventDetails"]
        for event in events
        if event["type"] == "MapIterationStarted"
    ] == [{"name": "S0", "index": 0}, {"name": "S0", "index": 1}]


def test_of_a_failure(machines: Any) -> None:
    """The state that fails is entered and never left."""
    assert types(machines, chain({"Type": "Pass"}, fail("A"))) == [
        "PassStateEntered",
        "PassStateExited",
        "FailStateEntered",
    ]


def test_each_event_follows_another(machines: Any) -> None:
    """By its id; the ids count from 1."""
    arn = machines.start(chain({"Type": "Pass"}, {"Type": "Wait", "Seconds": 0}))
    machines.end(arn)
    events = machines.events(arn)
    assert [event["id"] for event in events] == list(range(1, 7))
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5]


def test_states_tell_their_input_and_output(machines: Any) -> None:
    """In JSON, and whole."""
    arn = machines.start(chain({"Type": "Pass", "Result": [1]}), {"n": 1})
    machines.end(arn)
    told = [
        details
        for event in machines.events(arn)
        for key, details in event.items()
        if key.endswith("EventDetails")
    ]
    told[0].pop("roleArn")
    given = {"input": '{"n": 1}', "inputDetails": {"truncated": False}}
    came = {"output": "[1]", "outputDetails": {"truncated": False}}
    assert told == [given, {"name": "S0", **given}, {"name": "S0", **came}, came]


def test_an_end_without_a_reason_tells_none(machines: Any, states: Any) -> None:
    """Neither a stop nor a failure makes one up."""
    failed = machines.start(chain({"Type": "Fail"}))
    machines.end(failed)
    assert machines.events(failed)[-1]["executionFailedEventDetails"] == {}
    stopped = machines.start(chain({"Type": "Wait", "Seconds": 90_000}))
    states.stop_execution(executionArn=stopped)
    assert machines.events(stopped)[-1]["executionAbortedEventDetails"] == {}


def test_it_is_read_from_either_end_and_in_pages(machines: Any, states: Any) -> None:
    """Whole, whatever the page's size."""
    arn = machines.start(chain({"Type": "Pass"}, {"Type": "Pass"}))
    machines.end(arn)
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn, reverseOrder=True, PaginationConfig={"PageSize": 4}
    )
    assert [[event["id"] for event in page["events"]] for page in pages] == [[6, 5, 4, 3], [2, 1]]
