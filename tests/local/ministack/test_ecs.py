"""ECS in the local AWS: its tasks are processes of this machine."""

import json
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.local.ministack.ecs_support import NETWORK, TASKS, WAITS, Ecs
from tests.local_aws import RunningCloud
from tests.waiting import until

pytestmark = pytest.mark.local_cloud


@pytest.fixture
def ecs(cloud: RunningCloud) -> Iterator[Ecs]:
    """A cluster of one's own, whose tasks are stopped at the end."""
    found = Ecs(cloud)
    yield found
    for task in found.listed():
        found.client.stop_task(cluster=found.cluster, task=task)
        found.ended(task)


def test_a_task_acts_as_its_role(ecs: Ecs) -> None:
    """With the SDK's own way to a task's credentials, in the task's region."""
    bucket = f"bucket-{uuid.uuid4()}"
    s3 = ecs.cloud.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"read it")
    ended = ecs.run(
        "import boto3\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        f"print(boto3.client('s3').get_object(Bucket='{bucket}', Key='a')['Body'].read().decode())"
    )
    name, task = ecs.task_role.rpartition("/")[2], ended["taskArn"].rpartition("/")[2]
    assert ecs.log(ended["taskArn"]) == [
        f"arn:aws:sts::000000000000:assumed-role/{name}/{task}",
        "read it",
    ]
    assert ended["stopCode"] == "EssentialContainerExited"
    assert ended["group"] == f"family:{ecs.family}"
    assert ended["createdAt"] <= ended["startedAt"] <= ended["stoppingAt"] <= ended["stoppedAt"]


def test_a_task_that_dies_is_told_and_listed_as_stopped(ecs: Ecs) -> None:
    """With its exit code and ECS's reason."""
    ended = ecs.run("raise SystemExit(3)")
    (container,) = ended["containers"]
    assert (container["exitCode"], container["lastStatus"]) == (3, "STOPPED")
    assert ended["stoppedReason"] == "Essential container in task exited"
    assert ecs.listed(family=ecs.family) == []
    assert ecs.listed(family=ecs.family, desiredStatus="STOPPED") == [ended["taskArn"]]
    assert ecs.listed(family="other", desiredStatus="STOPPED") == []


def test_a_task_that_hangs_is_stopped(ecs: Ecs) -> None:
    """Its log is read while it runs; after StopTask it ends at once or after its time."""
    ecs.register(ecs.container(f"import signal; signal.signal(15, signal.SIG_IGN); {WAITS}"))
    task = ecs.start()
    running = ecs.when(task, "RUNNING")
    assert running["containers"][0]["runtimeId"].startswith(task[-36:].replace("-", ""))
    ecs.logged(task, "up")
    assert ecs.listed(family=ecs.family) == [task]
    below = set(descendants(ecs.cloud.process.pid))
    stopped = ecs.client.stop_task(cluster=ecs.cluster, task=task, reason="seen enough")["task"]
    assert stopped["desiredStatus"] == "STOPPED"
    assert ecs.listed(family=ecs.family) == []
    ended = ecs.ended(task)
    assert (ended["stopCode"], ended["stoppedReason"]) == ("UserInitiated", "seen enough")
    assert ended["containers"][0]["exitCode"] == 137
    assert set(descendants(ecs.cloud.process.pid)) < below
    assert not (ecs.cloud.home / "tasks" / task.rpartition("/")[2]).exists()
    again = ecs.client.stop_task(cluster=ecs.cluster, task=task)["task"]
    assert again["stoppedReason"] == "seen enough"


def test_a_port_of_a_container_is_one_of_this_machine(ecs: Ecs) -> None:
    """DescribeTasks says which; nothing listens anywhere else."""
    serve = (
        "import http.server, os; "
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), "
        "http.server.BaseHTTPRequestHandler).serve_forever()"
    )
    ecs.register(
        ecs.container(
            serve,
            portMappings=[{"containerPort": 18080}],
            environment=[{"name": "PORT", "value": "18080"}],
        )
    )
    task = ecs.start()
    (container,) = ecs.when(task, "RUNNING")["containers"]
    (binding,) = container["networkBindings"]
    assert {**binding, "hostPort": 0} == {
        "bindIP": "127.0.0.1",
        "containerPort": 18080,
        "hostPort": 0,
        "protocol": "tcp",
    }
    until(lambda: f"0100007F:{binding['hostPort']:04X}" in Path("/proc/net/tcp").read_text())


def test_the_same_client_token_is_the_same_task(ecs: Ecs) -> None:
    """With another request it is a conflict, with another token another task."""
    ecs.register(ecs.container(WAITS))
    first = ecs.start(clientToken="one")
    assert ecs.start(clientToken="one") == first
    assert ecs.start(clientToken="two") != first
    with pytest.raises(ecs.client.exceptions.ConflictException, match="already in use"):
        ecs.start(clientToken="one", enableExecuteCommand=True)
    assert len(ecs.listed()) == 2


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"cluster": "none"}, "ClusterNotFoundException"),
        ({"taskDefinition": "none"}, "ClientException"),
        ({"networkConfiguration": {}}, "InvalidParameterException"),
    ],
)
def test_requests_that_ecs_refuses_are_refused(ecs: Ecs, members: Any, code: str) -> None:
    """Unknown clusters and definitions, and a task without a network."""
    ecs.register(ecs.container(WAITS))
    with pytest.raises(ClientError) as caught:
        ecs.start(**members)
    assert caught.value.response["Error"]["Code"] == code


def test_the_family_s_newest_active_revision_runs(ecs: Ecs) -> None:
    """One that is deregistered does not, not even by its name."""
    kept = ecs.register(ecs.container("print('old')"))
    gone = ecs.register(ecs.container("print('new')"))
    ecs.client.deregister_task_definition(taskDefinition=gone)
    task = ecs.start()
    assert ecs.ended(task)["taskDefinitionArn"] == kept
    assert ecs.log(task) == ["old"]
    with pytest.raises(ClientError, match="TaskDefinition is inactive"):
        ecs.start(taskDefinition=gone)


def test_a_definition_that_cannot_run_is_not_registered(ecs: Ecs) -> None:
    """The family's revisions are as before."""
    mount = [{"sourceVolume": "none", "containerPath": "/a"}]
    with pytest.raises(ClientError, match="Unknown volume 'none'"):
        ecs.register(ecs.container("", mountPoints=mount))
    assert ecs.register(ecs.container("")).endswith(":1")


def test_overrides_reach_the_container(ecs: Ecs) -> None:
    """Variables and command."""
    ecs.register(ecs.container("print('no')"))
    override = {
        "name": "main",
        "command": ["import os; print(os.environ['WORD'])"],
        "environment": [{"name": "WORD", "value": "yes"}],
    }
    task = ecs.start(overrides={"containerOverrides": [override]})
    ecs.ended(task)
    assert ecs.log(task) == ["yes"]


def test_an_image_without_a_stand_in_stops_the_task(ecs: Ecs) -> None:
    """In ECS's words."""
    ecs.register({**ecs.container(""), "image": "nginx"})
    ended = ecs.ended(ecs.start())
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"].startswith("CannotPullContainerError: the local cloud stands in")


def test_a_missing_log_group_stops_the_task(ecs: Ecs) -> None:
    """Unless the definition asks for it to be made."""
    ecs.logs.delete_log_group(logGroupName=ecs.group)
    ended = ecs.run("print('in')")
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"].startswith("ResourceInitializationError: failed to validate")
    assert "ResourceNotFoundException" in ended["stoppedReason"]
    container = ecs.container("print('in')")
    container["logConfiguration"]["options"]["awslogs-create-group"] = "true"
    ecs.register(container)
    task = ecs.start()
    ecs.ended(task)
    assert ecs.log(task) == ["in"]


@pytest.mark.parametrize(
    ("condition", "starts"),
    [
        ({"StringEquals": {"aws:SourceAccount": "000000000000"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:000000000000:*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:000000000000:*"}}, False),
    ],
)
def test_a_role_is_taken_under_its_own_conditions(ecs: Ecs, condition: Any, starts: bool) -> None:
    """Those against confused deputies."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": TASKS},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    ecs.cloud.client("iam").update_assume_role_policy(
        RoleName=ecs.task_role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    ended = ecs.run("print('in')")
    assert (ended["stopCode"] == "EssentialContainerExited") is starts
    if not starts:
        assert f"unable to assume the role '{ecs.task_role}'" in ended["stoppedReason"]


def test_a_role_for_others_is_not_taken(ecs: Ecs, new_role: Callable[[str], str]) -> None:
    """Such as one for SageMaker."""
    ended = ecs.run("", taskRoleArn=new_role("sagemaker.amazonaws.com"))
    assert ended["stopCode"] == "TaskFailedToStart"
    assert "ECS was unable to assume the role" in ended["stoppedReason"]


def test_a_service_replaces_a_task_that_ends(ecs: Ecs) -> None:
    """And ends its own when it is deleted."""
    ecs.register(ecs.container(WAITS))
    ecs.client.create_service(
        cluster=ecs.cluster,
        serviceName="always",
        taskDefinition=ecs.family,
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=NETWORK,
    )
    (first,) = until(lambda: ecs.listed(serviceName="always"))
    ecs.logged(first, "up")
    until(lambda: service(ecs)["runningCount"] == 1)
    ecs.client.stop_task(cluster=ecs.cluster, task=first)
    (second,) = until(lambda: [task for task in ecs.listed(serviceName="always") if task != first])
    ecs.logged(second, "up")
    (killed,) = {
        pid
        for pid in descendants(ecs.cloud.process.pid)
        if WAITS in Path(f"/proc/{pid}/cmdline").read_text() and is_inner(pid)
    }
    os.kill(killed, signal.SIGKILL)
    (third,) = until(lambda: [task for task in ecs.listed() if task not in (first, second)])
    assert ecs.ended(second)["containers"][0]["exitCode"] == 137
    ecs.logged(third, "up")
    ecs.client.delete_service(cluster=ecs.cluster, service="always", force=True)
    ended = ecs.ended(third)
    assert ended["stopCode"] == "ServiceSchedulerInitiated"
    assert ecs.listed() == []


def is_inner(pid: int) -> bool:
    """Whether a process runs the script itself."""
    return "python" in Path(f"/proc/{pid}/comm").read_text()


def service(ecs: Ecs) -> dict[str, Any]:
    """Describe the service."""
    (found,) = ecs.client.describe_services(cluster=ecs.cluster, services=["always"])["services"]
    return dict(found)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_cloud_s_end_is_every_task_s(
    start: Callable[..., Any], tmp_path: Path, number: signal.Signals
) -> None:
    """Its end by a signal, and its crash."""
    with start(tmp_path) as cloud:
        ecs = Ecs(cloud)
        ecs.register(ecs.container("import subprocess; subprocess.run(['setsid', 'sleep', '602'])"))
        ecs.when(ecs.start(), "RUNNING")
        below = until(lambda: [p for p in descendants(cloud.process.pid) if is_sleep(p)])
        cloud.process.send_signal(number)
        cloud.process.wait(20)
        until(lambda: not any(is_sleep(pid) for pid in below))
    if number == signal.SIGTERM:
        assert not list((tmp_path / "tasks").iterdir())


def is_sleep(pid: int) -> bool:
    """Whether a process is a running sleep."""
    try:
        return "sleep\x00602" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
