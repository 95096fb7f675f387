from dataclasses import replace

import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.starting import running_task
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from tests.history_server.client.fakes import SERVER, Aws, ended, reachable


def test_a_task_that_runs_is_shared() -> None:
    """Nothing is started, and nothing told."""
    aws = Aws()
    arn = aws.ecs.add()
    assert running_task(aws.opening()).task.arn == arn
    assert (aws.ecs.requests, aws.told) == ([], [])


def test_a_task_of_an_older_deployment_is_shared_with_a_note() -> None:
    """Somebody may be looking at it; how to get the new one is told."""
    aws = Aws()
    aws.ecs.add(taskDefinitionArn="arn:aws:ecs:x:1:task-definition/Flights-History:2")
    running_task(aws.opening())
    (note,) = aws.told
    assert note.startswith("The task that runs is of Flights-History:2, deployed before Flights-Hi")
    aws.told.clear()
    running_task(aws.opening(replace(SERVER, newest=None)))
    assert aws.told == []


def test_a_start_is_followed_until_the_task_runs() -> None:
    """What takes the time is told."""
    aws = Aws()
    aws.ecs.first_states = [
        {"lastStatus": "PROVISIONING"},
        {"lastStatus": "PENDING"},
        {"pullStartedAt": 1},
        {"lastStatus": "ACTIVATING", "pullStoppedAt": 2},
        reachable(),
    ]
    assert running_task(aws.opening()).task.health == "HEALTHY"
    assert [told.partition(": ")[2] or told for told in aws.reported] == [
        "starting a task",
        "waiting for a machine",
        "pulling its images",
        "starting its containers",
    ]


def test_a_task_that_ends_before_it_runs_is_told() -> None:
    """It is not started over and over."""
    aws = Aws()
    aws.ecs.first_states = [{}, {}, ended("CannotPullContainerError: no route", 0)]
    with pytest.raises(TaskEndedError, match="task ended: CannotPullContainerError: no route"):
        running_task(aws.opening())
    assert len(aws.ecs.requests) == 1


def test_a_task_that_was_about_to_end_is_followed_by_a_new_one() -> None:
    """Who comes at the end of the idle time need not try again."""
    aws = Aws()
    arn = aws.ecs.add(lastStatus="ACTIVATING")
    aws.logs.write("mirror", arn, "ENDED idle for 30 minutes")
    aws.ecs.next_states[arn] = [{}, ended("Essential container in task exited", 0)]
    aws.ecs.first_states = [reachable()]
    found = running_task(aws.opening())
    assert found.task.arn != arn
    assert aws.told == []


def test_a_task_that_does_not_come_to_run_is_given_up() -> None:
    """After ten minutes, with what it was doing."""
    aws = Aws()
    aws.ecs.first_states = [{"lastStatus": "PENDING", "pullStartedAt": 1}]
    with pytest.raises(HistoryError, match=r"does not run after 10 minutes \(pulling its images\)"):
        running_task(aws.opening())
    assert 600 <= aws.time.seconds < 605


def test_a_service_s_task_is_waited_for() -> None:
    """It starts its tasks itself."""
    aws = Aws()
    always_on = replace(SERVER, service="history-service")

    def start() -> None:
        aws.ecs.add()

    aws.time.on_sleep = [lambda: None, lambda: None, start]
    assert running_task(aws.opening(always_on)).task.identity == "task1"
    assert aws.ecs.requests == []
    assert "waiting for service history-service to start a task" in aws.reported


def test_a_service_that_starts_no_task_is_told() -> None:
    """Its events say why."""
    aws = Aws()
    with pytest.raises(HistoryError, match="service history-service started no task within 10 min"):
        running_task(aws.opening(replace(SERVER, service="history-service")))
