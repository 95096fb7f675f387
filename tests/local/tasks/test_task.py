"""The life of tasks, with shell containers."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.ministack.processes import descendants
from tests.local.tasks.fakes import ROLE, SLOW, Here, container, shell
from tests.waiting import until


def say(here: Here, word: str, name: str = "main") -> bool:
    """Whether a container has written a word."""
    return name in here.logs.of and any(word in line for line in here.logs[name])


def is_alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_task_goes_through_the_states_of_ecs(here: Here) -> None:
    """It ends when its container does, with its exit code, and ECS's words for it."""
    ended = here.run(shell("echo out; echo err >&2; exit 3"))
    assert here.statuses == ["PENDING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED"]
    assert ended["desiredStatus"] == "STOPPED"
    assert ended["stopCode"] == "EssentialContainerExited"
    assert ended["stoppedReason"] == "Essential container in task exited"
    assert container(ended)["exitCode"] == 3
    assert container(ended)["lastStatus"] == "STOPPED"
    assert here.logs["main"] == ["out", "err"]
    moments = ["pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "stoppedAt"]
    assert [ended[name] for name in moments] == sorted(ended[name] for name in moments)


def test_a_container_sees_ecs_s_variables_and_none_of_the_host(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Image, definition, overrides and ECS give its environment; overrides win."""
    monkeypatch.setenv("OF_THE_HOST", "1")
    monkeypatch.setenv("AWS_PROFILE", "mine")
    given = [{"name": "A", "value": "definition"}, {"name": "B", "value": "definition"}]
    override = {"name": "main", "environment": [{"name": "B", "value": "override"}]}
    here.run(
        shell("env", environment=given),
        overrides={"containerOverrides": [override]},
        taskRoleArn=ROLE,
    )
    seen = dict(line.split("=", 1) for line in here.logs["main"])
    address = seen.pop("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    assert address.startswith("http://127.0.0.1:")
    assert seen.pop("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    own = {name: seen.pop(name) for name in ("HOME", "TMPDIR", "PATH", "PWD")}
    assert own["PATH"].endswith("/bin:/usr/bin:/bin")
    assert all(str(here.home) in value for value in own.values())
    assert seen == {
        "A": "definition",
        "B": "override",
        "AWS_CA_BUNDLE": "/certificate.pem",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": "eu-west-1",
    }


def test_an_override_gives_another_command(here: Here) -> None:
    """The entry point stays the definition's."""
    here.run(
        shell("echo no"),
        overrides={"containerOverrides": [{"name": "main", "command": ["echo yes"]}]},
    )
    assert here.logs["main"] == ["yes"]


def test_the_image_s_commands_are_there(here: Here) -> None:
    """A command of an image that is elsewhere on this machine is found on the PATH."""
    here.run(shell("greet here"))
    assert here.logs["main"] == ["hello from here"]


def test_containers_share_volumes_and_ports(here: Here) -> None:
    """A mounted path is the volume's folder, and a port a free one of 127.0.0.1."""
    mounted = {"mountPoints": [{"sourceVolume": "data", "containerPath": "/shared/"}]}
    settings = [{"name": "FOLDER", "value": "/shared/a"}, {"name": "PORT", "value": "8080"}]
    ended = here.run(
        shell(
            "mkdir $FOLDER; echo $PORT > /shared/a/port",
            "first",
            essential=False,
            environment=settings,
            **mounted,
        ),
        shell(
            "until [ -s /shared/a/port ]; do sleep 0.02; done; cat /shared/a/port; echo $PORT",
            "second",
            environment=settings,
            portMappings=[{"containerPort": 8080, "protocol": "tcp"}],
            dependsOn=[{"containerName": "first", "condition": "START"}],
            **mounted,
        ),
        volumes=[{"name": "data"}, {"name": "other"}],
    )
    (binding,) = container(ended, "second")["networkBindings"]
    assert binding["bindIP"] == "127.0.0.1"
    assert (binding["containerPort"], binding["protocol"]) == (8080, "tcp")
    assert container(ended, "first")["networkBindings"] == []
    assert binding["hostPort"] != 8080
    assert here.logs["second"] == [str(binding["hostPort"])] * 2


def test_the_end_of_an_essential_container_ends_the_others(here: Here) -> None:
    """They get SIGTERM, and tell their own exit codes."""
    ended = here.run(
        shell("trap 'echo told; exit 7' TERM; echo up; while :; do sleep 0.02; done", "long"),
        shell("sleep 0.5", "short"),
    )
    assert container(ended, "short")["exitCode"] == 0
    assert container(ended, "long")["exitCode"] == 7
    assert here.logs["long"] == ["up", "told"]


def test_a_container_that_is_not_essential_may_end(here: Here) -> None:
    """The task goes on without it."""
    task = here.start(
        shell("exit 5", "helper", essential=False),
        shell("while :; do sleep 0.02; done"),
    )
    until(lambda: container(task.record.members(), "helper")["exitCode"] == 5)
    assert task.record.last_status == "RUNNING"
    task.stop("enough", "UserInitiated")
    ended = here.ended(task)
    assert (ended["stoppedReason"], ended["stopCode"]) == ("enough", "UserInitiated")


def test_a_container_that_ignores_sigterm_is_killed_after_its_time(here: Here) -> None:
    """With all that it started, in a session of its own or not."""
    task = here.start(shell("trap '' TERM; setsid sleep 600 & echo up; sleep 600", stopTimeout=1))
    until(lambda: say(here, "up"))
    held = running_below(os.getpid(), "sleep")
    assert held
    task.stop("enough", "UserInitiated")
    assert task.record.desired_status == "STOPPED"
    ended = here.ended(task)
    assert container(ended)["exitCode"] == 137
    assert not [pid for pid in held if is_alive(pid)]


def running_below(parent: int, name: str) -> list[int]:
    """The processes of a name that descend from a process."""
    return [pid for pid in descendants(parent) if is_named(pid, name)]


def is_named(pid: int, name: str) -> bool:
    """Whether a process is of a name."""
    try:
        return Path(f"/proc/{pid}/comm").read_text() == f"{name}\n"
    except FileNotFoundError:
        return False


def test_containers_stop_in_the_reverse_order_of_their_dependencies(here: Here) -> None:
    """What another depends on is told last."""
    note = "trap 'date +%s%N; exit 0' TERM; echo up; while :; do sleep 0.02; done"
    later = [{"containerName": "base", "condition": "START"}]
    task = here.start(shell(note, "base"), shell(note, "top", dependsOn=later))
    until(lambda: say(here, "up", "base") and say(here, "up", "top"))
    task.stop("enough", "UserInitiated")
    here.ended(task)
    assert int(here.logs["top"][1]) < int(here.logs["base"][1])


@pytest.mark.parametrize(
    ("condition", "first"),
    [
        ("COMPLETE", "sleep 0.2; date +%s%N; exit 1"),
        ("SUCCESS", "sleep 0.2; date +%s%N"),
    ],
)
def test_a_container_waits_for_another_s_end(here: Here, condition: str, first: str) -> None:
    """With COMPLETE for any end, with SUCCESS for a good one; the task runs when all do."""
    here.run(
        shell(first, "first", essential=False),
        shell("date +%s%N", dependsOn=[{"containerName": "first", "condition": condition}]),
    )
    assert int(here.logs["first"][0]) < int(here.logs["main"][0])


@pytest.mark.parametrize("condition", ["SUCCESS", "HEALTHY"])
def test_a_task_fails_when_what_a_container_waits_for_cannot_come(
    here: Here, condition: str
) -> None:
    """The container that waits says for what."""
    ended = here.run(
        shell("exit 1", "first", essential=False),
        shell("echo no", dependsOn=[{"containerName": "first", "condition": condition}]),
    )
    assert ended["stopCode"] == "TaskFailedToStart"
    assert container(ended)["reason"] == (
        f"CannotStartContainerError: the container first did not come to {condition}"
    )
    assert container(ended)["exitCode"] is None


def test_health_is_what_the_check_says(here: Here) -> None:
    """It runs in the container's place, until it succeeds; then a container that waits starts."""
    check = {"command": ["CMD-SHELL", 'test -e "$HOME/well"'], "interval": 0.1, "startPeriod": 60}
    task = here.start(
        shell(
            'sleep 0.5; touch "$HOME/well"; while :; do sleep 0.02; done',
            "checked",
            healthCheck=check,
        ),
        shell(
            "echo started; while :; do sleep 0.02; done",
            dependsOn=[{"containerName": "checked", "condition": "HEALTHY"}],
        ),
    )
    until(lambda: container(task.record.members(), "checked")["lastStatus"] == "RUNNING")
    assert task.record.members()["healthStatus"] == "UNKNOWN"
    assert container(task.record.members())["lastStatus"] == "PENDING"
    until(lambda: task.record.last_status == "RUNNING")
    assert task.record.members()["healthStatus"] == "HEALTHY"
    assert container(task.record.members())["healthStatus"] == "UNKNOWN"


def test_a_container_is_unhealthy_after_failures_in_a_row(here: Here) -> None:
    """A check that hangs fails as well, and is ended; the task goes on."""
    check = {"command": ["CMD", "sleep", "600"], "interval": 0.1, "timeout": 0.1, "retries": 2}
    task = here.start(shell("while :; do sleep 0.02; done", healthCheck=check))
    until(lambda: task.record.members()["healthStatus"] == "UNHEALTHY")
    assert task.record.last_status == "RUNNING"
    task.stop("enough", "UserInitiated")
    here.ended(task)
    assert running_below(os.getpid(), "sleep") == []


def test_an_image_that_nothing_stands_in_for_stops_the_task(here: Here) -> None:
    """In ECS's words."""
    ended = here.run({**shell("echo no"), "image": "nginx:latest"})
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"] == "CannotPullContainerError: no nginx:latest"
    assert here.logs["main"] == []


def test_an_image_that_the_execution_role_may_not_pull_stops_the_task(here: Here) -> None:
    """In ECS's words, with IAM's."""
    here.forbidden_images["shell"] = "User is not authorized"
    ended = here.run(shell("echo no"), executionRoleArn=ROLE)
    assert ended["stoppedReason"] == (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve ecr registry auth: User is not authorized"
    )


def test_a_log_that_cannot_be_made_stops_the_task(here: Here) -> None:
    """In ECS's words; it is the execution role that makes it."""
    here.logs.refused = "The specified log group does not exist."
    ended = here.run(shell("echo no"), executionRoleArn=ROLE)
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"] == (
        "ResourceInitializationError: failed to validate logger args: The specified log group "
        "does not exist."
    )


@pytest.mark.parametrize("member", ["taskRoleArn", "executionRoleArn"])
def test_a_role_that_cannot_be_assumed_stops_the_task(here: Here, member: str) -> None:
    """It is named."""
    ended = here.run(shell("echo no"), **{member: "arn:aws:iam::1:role/none"})
    assert ended["stopCode"] == "TaskFailedToStart"
    assert ended["stoppedReason"].startswith(
        "ECS was unable to assume the role 'arn:aws:iam::1:role/none' that was provided for this"
    )


def test_a_program_that_is_missing_stops_the_task(here: Here) -> None:
    """The container says which; the others end."""
    ended = here.run(
        shell("while :; do sleep 0.02; done", "other"),
        {"name": "main", "image": "shell", "entryPoint": ["nothing-of-the-kind"]},
    )
    assert ended["stoppedReason"] == "Task failed to start"
    assert container(ended)["reason"] == (
        'CannotStartContainerError: exec: "nothing-of-the-kind": executable file not found in $PATH'
    )
    assert container(ended, "other")["exitCode"] == 143


def test_a_container_without_a_command_stops_the_task(here: Here) -> None:
    """What an image would run by itself is not known here."""
    ended = here.run({"name": "main", "image": "shell"})
    assert container(ended)["reason"].startswith("CannotStartContainerError: the local cloud does")


def test_a_task_can_be_stopped_while_its_image_is_made(here: Here) -> None:
    """Its containers never start."""
    task = here.start({**shell("echo no"), "image": SLOW})
    until(lambda: here.statuses == ["PENDING"])
    task.stop("enough", "UserInitiated")
    assert here.ended(task)["stoppedReason"] == "enough"
    assert container(task.record.members())["runtimeId"] is None


def test_several_tasks_run_side_by_side(here: Here) -> None:
    """Each with its own folder and port."""
    waits = "echo $PORT; while :; do sleep 0.02; done"
    settings = [{"name": "PORT", "value": "80"}]
    mapped = shell(waits, environment=settings, portMappings=[{"containerPort": 80}])
    tasks = [here.start(mapped) for _ in range(3)]
    until(lambda: all(task.record.last_status == "RUNNING" for task in tasks))
    ports = {container(one.record.members())["networkBindings"][0]["hostPort"] for one in tasks}
    assert len(ports) == 3
    assert len(list(here.home.iterdir())) == 3
    tasks[0].stop("enough", "UserInitiated")
    here.ended(tasks[0])
    assert [task.record.last_status for task in tasks] == ["STOPPED", "RUNNING", "RUNNING"]


def test_the_end_of_the_runner_ends_every_task_soon(here: Here) -> None:
    """Even a container that has long to end; nothing starts afterwards."""
    task = here.start(shell("trap '' TERM; echo up; sleep 600", stopTimeout=120))
    until(lambda: say(here, "up"))
    here.runner.close()
    assert task.record.last_status == "STOPPED"
    assert running_below(os.getpid(), "sleep") == []
    late = here.start(shell("echo late", "late"))
    assert here.ended(late)["stoppedReason"] == "The local cloud is shutting down"
    assert here.logs["late"] == []


def test_a_killed_runner_leaves_no_process(tmp_path: Path) -> None:
    """Not even those in sessions of their own."""
    script = (
        "import sys, pathlib; from tests.local.tasks.fakes import Here, shell, until\n"
        "here = Here(pathlib.Path(sys.argv[1]))\n"
        "here.start(shell('setsid sleep 601 & sleep 601 & echo up; wait'))\n"
        "until(lambda: here.logs.of.get('main') and here.logs['main'])\n"
        "print('up', flush=True); import time; time.sleep(600)\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "tasks")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        held = running_below(process.pid, "sleep")
        assert len(held) == 2
        process.send_signal(signal.SIGKILL)
    until(lambda: not [pid for pid in held if is_alive(pid)])


def test_what_the_end_of_a_task_gives_back(here: Here) -> None:
    """Its folder is gone, and nothing listens at its credentials' address."""
    task = here.start(
        shell("echo $AWS_CONTAINER_CREDENTIALS_FULL_URI; while :; do sleep 0.02; done"),
        taskRoleArn=ROLE,
    )
    until(lambda: here.logs.of.get("main") and here.logs["main"])
    port = int(here.logs["main"][0].split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)):
        assert list(here.home.iterdir())
    task.stop("enough", "UserInitiated")
    here.ended(task)
    assert list(here.home.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_the_log_is_written_in_the_execution_role_s_name(here: Here) -> None:
    """Not with the task's credentials."""
    here.run(shell("echo out"), executionRoleArn=ROLE)
    (credentials,) = here.logs.written_with
    assert credentials
    assert credentials.access_key_id == "KEY1"
