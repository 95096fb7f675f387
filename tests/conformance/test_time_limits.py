"""Time limits of tasks and of machines, and heartbeats of tasks that wait for someone's word.

States Language specification, "Timeouts"; Step Functions developer guide, "Task workflow state",
"Discover service integration patterns", section "Wait for a Callback with Task Token".
"""

import json
import time
import uuid
from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, job, jsonata, parallel
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

CAUGHT = {"Type": "Pass", "Parameters": {"error.$": "$.Error"}}


def catching(error: str, state: State) -> State:
    return {**state, "Catch": [{"ErrorEquals": [error], "Next": "S1"}]}


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param({"TimeoutSeconds": 1}, id="fixed"),
        pytest.param({"TimeoutSecondsPath": "$.limit"}, id="by path"),
    ],
)
def test_a_task_ends_with_its_time(machines: Any, job_role: str, limit: State) -> None:
    """By an error that can be caught."""
    task = {**job(job_role, environment={"SECONDS": "600"}), **limit}
    machine = chain(catching("States.Timeout", task), CAUGHT)
    assert machines.output(machine, {"limit": 1}) == {"error": "States.Timeout"}


def test_a_jsonata_limit_is_an_expression(machines: Any, job_role: str) -> None:
    """A number of seconds."""
    task = job(job_role, environment={"SECONDS": "600"})
    arguments = {**task.pop("Parameters"), "ProcessingJobName": "{% $uuid() %}"}
    del arguments["ProcessingJobName.$"]
    limited = {**task, "Arguments": arguments, "TimeoutSeconds": "{% $states.input.limit %}"}
    assert machines.error(jsonata(limited), {"limit": 1}) == "States.Timeout"


@pytest.mark.parametrize("limit", [0, -1, "1", None, 1.5])
def test_a_limit_is_a_whole_number_of_seconds(machines: Any, job_role: str, limit: Any) -> None:
    """One that is none fails the execution before the task."""
    machine = chain({**job(job_role), "TimeoutSecondsPath": "$.limit"})
    assert machines.error(machine, {"limit": limit}) == "States.Runtime"


def test_a_machine_ends_with_its_time(machines: Any) -> None:
    """Timed out, not failed, whoever catches what."""
    state = parallel(
        chain({"Type": "Wait", "Seconds": 90_000}),
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    )
    arn = machines.start(chain(state, {"Type": "Pass"}, TimeoutSeconds=1))
    ended = machines.end(arn)
    assert (ended["status"], ended["error"]) == ("TIMED_OUT", "States.Timeout")
    assert machines.events(arn)[-1]["type"] == "ExecutionTimedOut"


class Receiver:
    """Who is told of a task that waits, and gives its token."""

    def __init__(self, cloud: Any) -> None:
        self._sqs = cloud.client("sqs")
        self._url = self._sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]

    def task(self, **fields: Any) -> State:
        """A task that sends its token here, and waits."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
                "QueueUrl": self._url,
                "MessageBody": {"token.$": "$$.Task.Token", "given.$": "$"},
            },
            **fields,
        }

    def received(self) -> dict[str, Any]:
        """What the next task sent."""
        (message,) = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=20)["Messages"]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return dict(json.loads(message["Body"]))


@pytest.fixture(scope="module")
def receiver(cloud: Any) -> Receiver:
    return Receiver(cloud)


def test_a_task_waits_for_its_word(machines: Any, states: Any, receiver: Receiver) -> None:
    """Which is its result."""
    arn = machines.start(chain(receiver.task(ResultPath="$.word")), {"n": 1})
    received = receiver.received()
    states.send_task_success(taskToken=received["token"], output='{"said": "yes"}')
    assert received["given"] == {"n": 1}
    assert json.loads(machines.end(arn)["output"]) == {"n": 1, "word": {"said": "yes"}}


def test_a_word_may_be_that_it_failed(machines: Any, states: Any, receiver: Receiver) -> None:
    """With an error that can be retried, with another token, and caught by its name."""
    retry = {"ErrorEquals": ["My.Error"], "MaxAttempts": 1}
    task = catching("My.Error", receiver.task(Retry=[retry]))
    arn = machines.start(chain(task, {"Type": "Pass"}))
    tokens = []
    for _ in range(2):
        tokens.append(receiver.received()["token"])
        states.send_task_failure(taskToken=tokens[-1], error="My.Error", cause="no")
    assert json.loads(machines.end(arn)["output"]) == {"Error": "My.Error", "Cause": "no"}
    assert len(set(tokens)) == 2


def test_a_task_that_hears_nothing_ends_with_its_time(machines: Any, receiver: Receiver) -> None:
    """As any other task."""
    machine = chain(catching("States.Timeout", receiver.task(TimeoutSeconds=1)), CAUGHT)
    arn = machines.start(machine)
    receiver.received()
    assert json.loads(machines.end(arn)["output"]) == {"error": "States.Timeout"}


@pytest.mark.parametrize("caught", ["States.HeartbeatTimeout", "States.Timeout"])
def test_a_task_without_heartbeats_ends(machines: Any, receiver: Receiver, caught: str) -> None:
    """By an error of its own, which is a kind of timeout."""
    task = receiver.task(HeartbeatSecondsPath="$.beat", TimeoutSeconds=600)
    arn = machines.start(chain(catching(caught, task), CAUGHT), {"beat": 1})
    receiver.received()
    assert json.loads(machines.end(arn)["output"]) == {"error": "States.HeartbeatTimeout"}


def test_heartbeats_keep_a_task_waiting(machines: Any, states: Any, receiver: Receiver) -> None:
    """For longer than HeartbeatSeconds."""
    arn = machines.start(chain(receiver.task(HeartbeatSeconds=2)))
    token, begun = receiver.received()["token"], time.monotonic()
    while time.monotonic() - begun < 3:
        states.send_task_heartbeat(taskToken=token)
        time.sleep(0.1)
    states.send_task_success(taskToken=token, output="1")
    assert machines.end(arn)["output"] == "1"


def test_a_failed_branch_ends_a_task_that_waits(machines: Any, receiver: Receiver) -> None:
    """Nobody is waited for any more."""
    first = chain({"Type": "Wait", "Seconds": 50}, fail("A"))
    arn = machines.start(chain(parallel(first, chain(receiver.task()))))
    receiver.received()
    assert machines.end(arn)["error"] == "A"


def test_a_stopped_execution_takes_no_word(machines: Any, states: Any, receiver: Receiver) -> None:
    """Its task is over."""
    arn = machines.start(chain(receiver.task()))
    token = receiver.received()["token"]
    states.stop_execution(executionArn=arn)

    def refused() -> bool:
        try:
            states.send_task_heartbeat(taskToken=token)
        except states.exceptions.TaskTimedOut:
            return True
        return False

    assert until(refused)


def test_word_of_a_task_that_is_over_comes_too_late(
    machines: Any, states: Any, receiver: Receiver
) -> None:
    """Which its sender is told."""
    arn = machines.start(chain(receiver.task()))
    token = receiver.received()["token"]
    states.send_task_success(taskToken=token, output="1")
    machines.end(arn)
    with pytest.raises(states.exceptions.TaskTimedOut):
        states.send_task_success(taskToken=token, output="2")


def test_an_activity_waits_for_its_worker(machines: Any, states: Any) -> None:
    """Who is given the input, and gives the result."""
    activity = states.create_activity(name=f"activity-{uuid.uuid4()}")["activityArn"]
    task = {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 600}
    arn = machines.start(chain(task), {"n": 1})
    given = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=given["taskToken"], output='{"m": 2}')
    assert json.loads(given["input"]) == {"n": 1}
    assert json.loads(machines.end(arn)["output"]) == {"m": 2}


def test_an_activitys_time_counts_from_when_it_is_taken(machines: Any, states: Any) -> None:
    """By a worker; then it is as that of any task."""
    activity = states.create_activity(name=f"activity-{uuid.uuid4()}")["activityArn"]
    task = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 1}
    first = {"Type": "Wait", "Seconds": 150}
    arn = machines.start(chain(parallel(chain(first), chain(task))))
    machines.until(arn, "WaitStateExited")
    assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    states.get_activity_task(activityArn=activity)
    assert machines.end(arn)["error"] == "States.Timeout"
