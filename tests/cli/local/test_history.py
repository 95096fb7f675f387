from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from cdk_sagemaker_processing.cli.local import history as local_history
from cdk_sagemaker_processing.cli.local.history import show_run
from cdk_sagemaker_processing.history_server.client.found import Server
from tests.history_server.client.fakes import NOW, SERVER, Api, Aws, output, reachable, serving
from tests.local.test_history import job

JOBS = [job("split", None), job("features", SERVER.sources[0]), job("delays", SERVER.sources[0])]


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that lists a run's applications, and one of an earlier run."""
    with serving(Api()) as served:
        served.add("app-0", NOW - timedelta(hours=1))
        served.add("app-1", NOW + timedelta(minutes=1))
        served.add("app-2", NOW + timedelta(minutes=2))
        yield served


@pytest.fixture
def aws(api: Api) -> Aws:
    """A local cloud in which the server's task runs."""
    made = Aws()
    made.ecs.add(**reachable(api.port))
    return made


@pytest.fixture
def provided(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The sources of servers that a run had to provide itself."""
    asked: list[list[str]] = []

    def provide(_: object, sources: list[str]) -> Server:
        asked.append(list(sources))
        return SERVER

    monkeypatch.setattr(local_history, "provide_server", provide)
    return asked


def test_the_app_s_own_server_shows_the_run(aws: Aws, provided: list[list[str]]) -> None:
    """Its applications in their order; nothing is made for it."""
    found = show_run(aws, JOBS, NOW, aws.reported.append, aws.told.append)
    assert found
    assert [one.identity for one in found.applications] == ["app-1", "app-2"]
    assert provided == []


@pytest.mark.parametrize(
    "server",
    [replace(SERVER, sources=("s3://elsewhere/",)), replace(SERVER, service="always-on")],
)
def test_a_server_that_does_not_show_the_run_is_not_the_run_s(
    server: Server, aws: Aws, provided: list[list[str]]
) -> None:
    """Another is made, for the places that the run's jobs write to, each named once."""
    aws.cloudformation.stacks = {"Flights": [output(server)]}
    found = show_run(aws, JOBS, NOW, aws.reported.append, aws.told.append)
    assert found
    assert provided == [["s3://logs/spark-events/"]]
