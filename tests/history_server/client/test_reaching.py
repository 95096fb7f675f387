import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.reaching import check_way, reach
from cdk_sagemaker_processing.history_server.client.starting import running_task
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from cdk_sagemaker_processing.runs.clock import Clock
from tests.history_server.client.fakes import SERVER, Api, Aws, reachable, refusal, serving
from tests.history_server.client.plugin import install


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that answers."""
    with serving(Api()) as served:
        yield served


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_where_a_port_of_this_machine_leads_to_the_server_there_is_no_tunnel(api: Api) -> None:
    """As in the local cloud."""
    aws = Aws()
    aws.ecs.add(**reachable(api.port))
    way = reach(aws.opening(), running_task(aws.opening()), free_port())
    assert way.url == api.url
    assert aws.ssm.started == []


def test_a_server_that_starts_is_waited_for(api: Api) -> None:
    """What its mirror warns of meanwhile is told."""
    aws = Aws()
    arn = aws.ecs.add(**reachable(api.port))
    api.answers = False

    def warn() -> None:
        aws.logs.write("mirror", arn, "WARNING no logs yet")

    def come_up() -> None:
        api.answers = True

    aws.time.on_sleep = [warn, lambda: None, come_up]
    reach(aws.opening(), running_task(aws.opening()), free_port())
    assert aws.told == ["WARNING no logs yet"]
    assert aws.reported == ["waiting for the server to answer"] * 4


def test_a_server_that_never_answers_is_given_up(api: Api) -> None:
    """After five minutes, with the mirror's last words."""
    aws = Aws()
    arn = aws.ecs.add(**reachable(api.port))
    aws.logs.write("mirror", arn, "INFO up")
    api.answers = False
    with pytest.raises(HistoryError, match=r"did not answer within 5 minutes; [^$]*INFO up"):
        reach(aws.opening(), running_task(aws.opening()), free_port())


def test_a_task_that_ends_meanwhile_is_told(api: Api) -> None:
    """There is nothing to wait for any more."""
    aws = Aws()
    arn = aws.ecs.add(**reachable(api.port))
    api.answers = False
    aws.time.on_sleep = [lambda: aws.ecs.end(arn, "Essential container in task exited", 1)]
    with pytest.raises(TaskEndedError, match="Essential container in task exited"):
        reach(aws.opening(), running_task(aws.opening()), free_port())


def test_on_aws_a_tunnel_leads_to_the_mirror(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its agent is there and Systems Manager has heard of it; it shares its task's network."""
    installed = install(tmp_path / "plugin", api.port)
    monkeypatch.setenv("PATH", str(installed))
    aws = Aws()
    not_yet = {"name": "mirror", "lastStatus": "RUNNING", "runtimeId": "x"}
    pending = {**not_yet, "managedAgents": [{"lastStatus": "PENDING"}]}
    arn = aws.ecs.add(containers=[not_yet])
    aws.ecs.next_states[arn] = [{}, {}, {"containers": [pending]}, reachable()]
    aws.ssm.refusals = [refusal("StartSession", "TargetNotConnected", "not connected")]
    # The plugin is a process, which takes its time.
    clock = Clock(now=aws.time.clock.now, every=0.05)
    opening = Opening(aws, SERVER, clock=clock)
    port = free_port()
    way = reach(opening, running_task(opening), port)
    try:
        assert way.url == f"http://127.0.0.1:{port}"
        assert way.pages.answer()
    finally:
        way.close()
    (request,) = aws.ssm.started
    assert request["Target"] == "ecs:flights_task1_task1-0265927825"
    assert not way.pages.answer()


def test_a_task_without_ecs_exec_lets_nobody_in() -> None:
    """Such as one that somebody started by hand."""
    aws = Aws()
    aws.ecs.add()
    with pytest.raises(HistoryError, match="task task1 lets nobody in, as ECS Exec does not run"):
        reach(aws.opening(), running_task(aws.opening()), free_port())


def test_a_task_that_systems_manager_never_hears_of_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its network lets nothing out."""
    monkeypatch.setenv("PATH", str(install(tmp_path / "plugin", 1)))
    aws = Aws()
    aws.ecs.add(**reachable())
    aws.ssm.refusals = [refusal("StartSession", "TargetNotConnected", "")] * 500
    with pytest.raises(HistoryError, match="needs a way to the service"):
        reach(aws.opening(), running_task(aws.opening()), free_port())
    assert 120 <= aws.time.seconds < 125


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"]
)
def test_without_a_plugin_nothing_is_started_that_needs_one(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task costs from its start; the local cloud's needs no tunnel."""
    monkeypatch.setenv("PATH", str(tmp_path))
    aws = Aws()
    with pytest.raises(HistoryError, match="session-manager-plugin is not installed"):
        check_way(aws.opening())
    aws.ecs.meta.endpoint_url = endpoint
    check_way(aws.opening())
