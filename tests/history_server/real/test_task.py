"""The History Server's task, run for real over event logs of all sorts."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import chain
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks.event_logs import Application
from tests.history_server.real.conftest import History, RunningTask, soon
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

MANY = 500
LARGE_TASKS = 24_000
# After a minute without an answer the mirror has the server started again.
HUNG_SECONDS = 150


def log_of(application: Application, jobs: int, more: str = "") -> str:
    """The log of an application that has done some jobs and goes on."""
    return "".join(chain(application.start(), *map(application.job, range(jobs)))) + more


@pytest.fixture(scope="module")
def hung(history: History) -> Iterator[tuple[RunningTask, int]]:
    """A task whose server was stopped in its tracks, which takes a minute to be noticed."""
    source = history.source("hung")
    history.put(source, {"hung": "".join(Application("hung").lines())})
    with history.run(source) as task:
        soon(lambda: task.names() == ["hung"])
        until(lambda: "INFO the server answers" in task.lines("mirror"))
        java = task.java
        assert java
        os.kill(java, signal.SIGSTOP)
        yield task, java


@pytest.fixture(scope="module")
def source(history: History) -> str:
    """The prefix that the task below shows."""
    return history.source("shown")


@pytest.fixture(scope="module")
def task(
    history: History,
    source: str,
    hung: object,  # noqa: ARG001 # started first: it is waited for in the meantime
) -> Iterator[RunningTask]:
    """A task over a prefix that it may read and one that it may not."""
    history.local.client("s3").create_bucket(Bucket="somebody-elses")
    history.put(source, {"good": "".join(Application("good").lines())})
    with history.run(source, "s3://somebody-elses/logs/") as running:
        yield running


def test_a_prefix_that_is_denied_is_named_while_the_other_shows(task: RunningTask) -> None:
    """The log says which action on which resource the role lacks."""
    soon(lambda: "good" in task.names())

    (error,) = [line for line in task.lines("mirror") if line.startswith("ERROR")]

    assert "s3:ListBucket on arn:aws:s3:::somebody-elses (prefix logs/) is denied" in error


def test_jobs_appear_while_a_log_grows_and_it_ends_complete(
    history: History, task: RunningTask, source: str
) -> None:
    """Though SageMaker's uploads name it like a finished one, and cut it in the middle of a line.

    Of such an object the plain server answers 500, and what it lists of it never changes.
    """
    application = Application("growing", jobs=4)
    running = "".join(application.open_job(2)) + next(application.job(3))[:200]

    history.put(source, {"growing": log_of(application, 2, running)})
    soon(lambda: task.is_completed("growing") is False)
    assert task.status("/history/growing/jobs/") == 200
    assert task.jobs("growing") == {"SUCCEEDED": 2, "RUNNING": 1}

    history.put(source, {"growing": log_of(application, 3, next(application.job(3))[:50])})
    soon(lambda: task.jobs("growing") == {"SUCCEEDED": 3})
    assert task.is_completed("growing") is False

    history.put(source, {"growing": "".join(application.lines())})
    soon(lambda: task.is_completed("growing"))
    assert task.jobs("growing") == {"SUCCEEDED": 4}
    assert task.status("/history/growing/jobs/") == 200


def test_a_corrupt_log_hides_no_other(history: History, task: RunningTask, source: str) -> None:
    """The ones put with it show, it does not."""
    beside = "".join(Application("beside").lines())
    history.put(source, {"a-corrupt-one": "no event\n" * 1000 + "\0\1\2", "beside": beside})

    soon(lambda: "beside" in task.names())

    assert "good" in task.names()
    assert "a-corrupt-one" not in task.names()
    assert task.status("/history/beside/jobs/") == 200


def test_a_hundred_megabytes_open(history: History, task: RunningTask, source: str) -> None:
    """All jobs of a log of a hundred megabytes are there."""
    large = "".join(Application("large", jobs=24, tasks=LARGE_TASKS // 24).lines())
    assert len(large) > 100e6
    history.put(source, {"large": large})

    soon(lambda: task.is_completed("large"))

    assert task.status("/history/large/jobs/") == 200
    assert task.jobs("large") == {"SUCCEEDED": 24}


def test_five_hundred_logs_are_all_listed(history: History, task: RunningTask, source: str) -> None:
    """Whatever else is there, and any of them opens."""
    logs = {f"one-of-{number}": Application(f"one-of-{number}") for number in range(MANY)}
    history.put(source, {name: "".join(one.lines()) for name, one in logs.items()})

    soon(lambda: logs.keys() <= set(task.names()))

    assert task.status("/history/one-of-0/jobs/") == 200
    assert task.jobs(f"one-of-{MANY - 1}") == {"SUCCEEDED": 2}


def test_it_goes_on_when_the_credentials_of_its_role_expire(
    history: History, task: RunningTask, source: str
) -> None:
    """A session of its role that is refused by now, and a log that came after that."""
    mirror = task.process("import")
    assert mirror
    given = credentials_of(task.variables(mirror))
    session: Any = boto3.client(
        "s3",
        endpoint_url=history.local.endpoint_url,
        verify=history.local.environment["AWS_CA_BUNDLE"],
        region_name="us-east-1",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["Token"],
    )
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": 1}
    assert session.list_objects_v2(**asked)["KeyCount"] == 1

    def is_refused() -> bool:
        try:
            session.list_objects_v2(**asked)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        return False

    until(is_refused)
    history.put(source, {"afterwards": "".join(Application("afterwards").lines())})

    soon(lambda: "afterwards" in task.names())
    assert task.described["lastStatus"] == "RUNNING"


def credentials_of(variables: dict[str, str]) -> dict[str, str]:
    """What the address of a container's credentials gives now."""
    request = urllib.request.Request(
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
        headers={"Authorization": variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        given: dict[str, str] = json.load(answer)
    assert datetime.fromisoformat(given["Expiration"])
    return given


def test_a_task_that_nobody_visits_ends(history: History) -> None:
    """An idle task costs nothing; its end is no failure."""
    with history.run(history.source("empty"), HISTORY_IDLE_MINUTES="0.02") as task:
        ended = task.end()

    assert {one["name"]: one["exitCode"] for one in ended["containers"]}["mirror"] == 0
    assert task.lines("mirror")[-1].startswith("ENDED idle: nobody has used the server for")


@pytest.fixture(scope="module")
def alone(history: History) -> Iterator[RunningTask]:
    """A task over a prefix in which nothing is at first."""
    with history.run(history.source("alone")) as task:
        yield task


def test_an_empty_prefix_is_an_empty_list(alone: RunningTask) -> None:
    """Spark's own server, pointed at it on S3, would not start."""
    until(lambda: alone.status("/") == 200)

    assert alone.names() == []


def test_a_server_that_is_killed_comes_back_once(history: History, alone: RunningTask) -> None:
    """With what it had listed; the second time the task ends and says why."""
    history.put(history.source("alone"), {"killed": "".join(Application("killed").lines())})
    soon(lambda: alone.names() == ["killed"])
    first = kill(alone)
    until(lambda: alone.java not in {None, first})
    soon(lambda: alone.names() == ["killed"])
    assert alone.status("/history/killed/jobs/") == 200
    kill(alone)

    ended = alone.end()

    assert ended["stopCode"] == "EssentialContainerExited"
    reason = "Spark's History Server ended twice, the last time with exit code 137"
    assert alone.lines("mirror")[-1] == f"ENDED the server ended: {reason}"
    assert f"ERROR {reason}" in alone.lines("server")


def kill(task: RunningTask) -> int:
    """Kill a task's server and return the process's id."""
    java = task.java
    assert java
    os.kill(java, signal.SIGKILL)
    return java


def test_a_server_that_hangs_is_started_again(hung: tuple[RunningTask, int]) -> None:
    """It holds its port and answers nothing; another takes its place."""
    task, stopped = hung

    with ExitStack() as waiting:
        # Whatever becomes of it, nothing stays behind that cannot be ended.
        waiting.callback(resume, stopped)
        until(lambda: task.java not in {None, stopped}, HUNG_SECONDS)

    until(lambda: task.names() == ["hung"])
    assert task.described["lastStatus"] == "RUNNING"
    assert "WARNING the server does not answer" in task.lines("server")


def resume(process: int) -> None:
    """Let a stopped process go on, if it is still there."""
    try:
        os.kill(process, signal.SIGCONT)
    except ProcessLookupError:
        return
