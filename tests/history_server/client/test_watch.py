import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.tasks import Tasks
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError, Watch, doing
from tests.history_server.client.fakes import SERVER, Aws, ended, refusal


def watch(aws: Aws, arn: str) -> Watch:
    tasks = Tasks(aws.ecs, SERVER)
    (task,) = [task for task in tasks.running() if task.arn == arn]
    return Watch(tasks, aws.logs, SERVER, task, tell=aws.told.append, clock=aws.time.clock)


def test_what_the_mirror_warns_of_is_told_as_it_comes() -> None:
    """What it says besides is not."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    aws.logs.write("mirror", arn, "INFO up", "WARNING s3 is slow")
    watched.look()
    watched.look()
    aws.logs.write("mirror", arn, "ERROR not allowed: s3:ListBucket on logs")
    watched.look()
    assert aws.told == ["WARNING s3 is slow", "ERROR not allowed: s3:ListBucket on logs"]


def test_a_trouble_that_lasts_is_told_once() -> None:
    """The mirror repeats it for its alarm; a person reads it anew once it has come back."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    line = "ERROR s3:ListBucket on arn:aws:s3:::logs is denied"
    over = "INFO s3://logs/: nothing is wrong any more"
    for said in (line, line, over, line):
        aws.logs.write("mirror", arn, said)
        watched.look()
    assert aws.told == [line, line]


def test_a_task_that_ended_as_planned_says_why_in_one_line() -> None:
    """The mirror's own words: they are the reason."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    aws.logs.write("mirror", arn, "INFO up", "ENDED idle for 30 minutes")
    aws.ecs.end(arn, "Essential container in task exited")
    with pytest.raises(TaskEndedError) as raised:
        watched.look()
    assert raised.value.is_planned
    assert str(raised.value) == "the History Server's task ended: idle for 30 minutes"


def test_a_task_that_failed_tells_all_there_is() -> None:
    """ECS's reason, each container's exit code, and the last lines of both logs."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    aws.logs.write("mirror", arn, "INFO up", "ENDED the server does not come back")
    aws.logs.write("server", arn, "java.lang.OutOfMemoryError")
    aws.ecs.end(arn, "Essential container in task exited", mirror=1)
    with pytest.raises(TaskEndedError) as raised:
        watched.look()
    assert not raised.value.is_planned
    assert str(raised.value).splitlines() == [
        "the History Server's task ended: the server does not come back",
        "ECS: Essential container in task exited",
        "mirror: exit code 1",
        "server: exit code 143",
        "its logs: /flights/history history/mirror/task1 and /flights/history history/server/task1",
        "INFO up",
        "ENDED the server does not come back",
        "java.lang.OutOfMemoryError",
    ]


def test_a_task_that_never_came_to_run_tells_why_its_container_did_not() -> None:
    """Such as an image that cannot be pulled; there is no log then."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    reason = "CannotPullContainerError: pull image manifest has been retried 5 time(s)"
    never = {"name": "server", "lastStatus": "STOPPED", "reason": reason}
    aws.ecs.tasks[arn] |= ended("Task failed to start", 0) | {"containers": [never]}
    with pytest.raises(TaskEndedError) as raised:
        watched.look()
    lines = str(raised.value).splitlines()
    assert lines[:2] == [
        "the History Server's task ended: Task failed to start",
        f"server: {reason}",
    ]


def test_a_task_that_ecs_does_not_know_yet_is_waited_for() -> None:
    """ECS answers from copies that lag; after a minute it is taken at its word."""
    aws = Aws()
    arn = aws.ecs.add()
    watched = watch(aws, arn)
    known = aws.ecs.tasks.pop(arn)
    assert watched.look().arn == arn
    aws.time.sleep(59)
    assert watched.look().arn == arn
    aws.ecs.tasks[arn] = known
    watched.look()
    aws.ecs.tasks.clear()
    aws.time.sleep(61)
    with pytest.raises(TaskEndedError, match=r"ECS knows no task task1 \(any more\)"):
        watched.look()


def test_a_fault_of_aws_s_is_explained() -> None:
    """As everywhere."""
    aws = Aws()
    watched = watch(aws, aws.ecs.add())

    def fail(**_: object) -> None:
        raise refusal("GetLogEvents", "ExpiredTokenException", "")

    aws.logs.get_log_events = fail  # type: ignore[method-assign, assignment]  # a fake's fault
    with pytest.raises(HistoryError, match="the AWS credentials have expired"):
        watched.look()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"lastStatus": "PROVISIONING"}, "getting a network interface"),
        ({"lastStatus": "PENDING"}, "waiting for a machine"),
        ({"lastStatus": "PENDING", "pullStartedAt": 1}, "pulling its images"),
        ({"lastStatus": "PENDING", "pullStartedAt": 1, "pullStoppedAt": 2}, "waiting for"),
        ({"lastStatus": "ACTIVATING"}, "starting its containers"),
        ({"lastStatus": "RUNNING"}, "running"),
        ({"lastStatus": "SOMETHING_NEW"}, "something_new"),
    ],
)
def test_what_a_task_is_doing_is_said_in_words(state: dict[str, object], told: str) -> None:
    """The longest wait is for the images."""
    aws = Aws()
    watched = watch(aws, aws.ecs.add(**state))
    assert doing(watched.task).startswith(told)
