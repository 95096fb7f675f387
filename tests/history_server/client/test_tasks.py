import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.tasks import Task, Tasks
from tests.history_server.client.fakes import DENIED, NOW, SERVER, Ecs, refusal


def tasks(ecs: Ecs) -> Tasks:
    return Tasks(ecs, SERVER)


def running(ecs: Ecs) -> list[str]:
    return [arn for arn, task in ecs.tasks.items() if task["desiredStatus"] == "RUNNING"]


def test_running_tasks_come_oldest_first() -> None:
    """What is about to stop is not among them; it is the newest that stopped."""
    ecs = Ecs()
    young = ecs.add(createdAt=NOW + timedelta(hours=1))
    old, ending = ecs.add(), ecs.add(desiredStatus="STOPPED")
    assert [task.arn for task in tasks(ecs).running()] == [old, young]
    assert getattr(tasks(ecs).newest_stopped(), "arn", None) == ending


def test_a_task_is_started_as_the_output_says() -> None:
    """The family's newest revision, on Fargate, in the server's network, with ECS Exec."""
    ecs = Ecs()
    started = tasks(ecs).start()
    assert running(ecs) == [started.arn]
    (request,) = ecs.requests
    assert len(request.pop("clientToken")) == 64
    assert request == {
        "cluster": "flights",
        "taskDefinition": "Flights-History",
        "count": 1,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "enableExecuteCommand": True,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-1"],
                "securityGroups": ["sg-1"],
                "assignPublicIp": "ENABLED",
            }
        },
    }


def start_at_once(ecs: Ecs, people: int) -> list[Task]:
    """Let so many people find no task, and then all start one."""
    barrier = threading.Barrier(people)
    ecs.before_run = barrier.wait
    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(lambda _: tasks(ecs).start(), range(people)))


@settings(deadline=None)  # threads wait for each other
@given(st.integers(2, 6), st.integers(0, 3))
def test_all_who_open_at_once_share_one_task(people: int, stopped_before: int) -> None:
    """However many they are, and whatever ran before."""
    ecs = Ecs()
    for _ in range(stopped_before):
        ecs.end(ecs.add())
    found = start_at_once(ecs, people)
    assert {task.arn for task in found} == set(running(ecs))
    assert len(running(ecs)) == 1


def test_who_looked_at_another_moment_still_ends_with_the_older_task() -> None:
    """One saw a task stop, one did not: their tokens differ, and the younger task goes."""
    ecs = Ecs()
    ecs.end(ecs.add())

    def other_starts() -> None:
        ecs.before_run = lambda: None
        ecs.hidden = set(ecs.tasks)
        tasks(ecs).start()
        ecs.hidden = set()

    ecs.before_run = other_starts
    kept = tasks(ecs).start()
    assert len(ecs.requests) == 2
    assert running(ecs) == [kept.arn]


def test_a_token_whose_task_has_ended_is_not_the_last_word() -> None:
    """ECS remembers a token for an hour after its task, longer than it lists the task at times."""
    ecs = Ecs()
    first = tasks(ecs).start()
    ecs.end(first.arn)
    ecs.hidden = {first.arn}
    second = tasks(ecs).start()
    assert running(ecs) == [second.arn]
    assert len({request["clientToken"] for request in ecs.requests}) == 2


def test_tasks_that_end_one_after_the_other_are_not_started_for_ever() -> None:
    """Ten in a row within the hour are a fault to look at."""
    ecs = Ecs()
    for _ in range(10):
        ecs.end(tasks(ecs).start().arn)
        ecs.hidden = set(ecs.tasks)
    with pytest.raises(HistoryError, match=r"the last 10 tasks of Flights-History stopped within"):
        tasks(ecs).start()


def test_a_task_that_ecs_cannot_place_is_told() -> None:
    """With its reason."""
    ecs = Ecs()
    ecs.failures = [{"reason": "RESOURCE:MEMORY"}]
    with pytest.raises(HistoryError, match=r"^ECS started no task: RESOURCE:MEMORY$"):
        tasks(ecs).start()


def test_a_denied_start_is_told() -> None:
    """As AWS words it, with the way out."""
    ecs = Ecs()
    ecs.refused = refusal("RunTask", "AccessDeniedException", DENIED.format("iam:PassRole"))
    with pytest.raises(HistoryError, match=r"perform: iam:PassRole: .* grant_open"):
        tasks(ecs).start()


def test_a_task_that_ecs_does_not_know_is_none() -> None:
    """As right after its start, or an hour after its end."""
    ecs = Ecs()
    task = tasks(ecs).start()
    assert tasks(ecs).look(task) == task
    ecs.tasks.clear()
    assert tasks(ecs).look(task) is None
