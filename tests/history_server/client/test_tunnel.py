import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.pages import Pages
from cdk_sagemaker_processing.history_server.client.tunnel import (
    Forwarding,
    NotConnectedError,
    Tunnel,
    check_plugin,
)
from tests.history_server.client.fakes import DENIED, Api, Ssm, Time, refusal, serving
from tests.history_server.client.plugin import install
from tests.waiting import until

TARGET = "ecs:flights_task1_task1-0265927825"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def api() -> Iterator[Api]:
    """The server at the tunnel's other end."""
    with serving(Api()) as served:
        yield served


def plugin(folder: Path, api: Api, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    installed = install(folder / "plugin", api.port, version)
    monkeypatch.setenv("PATH", str(installed))
    return installed


@pytest.fixture
def installed(tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a plugin that leads to the server."""
    return plugin(tmp_path, api, monkeypatch, "1.2.707.0")


def calls(installed: Path) -> list[list[str]]:
    return [json.loads(line) for line in (installed / "calls").read_text().splitlines()]


def open_tunnel(ssm: Ssm, time: Time, profile: str = "") -> Tunnel:
    return Tunnel(ssm, Forwarding(TARGET, 18080, free_port(), profile), lambda: time.seconds)


def test_a_tunnel_leads_to_the_server(installed: Path) -> None:
    """By a session of one's own, which ends with it; the session's token is on no command line."""
    ssm = Ssm()
    with open_tunnel(ssm, Time(), "work") as tunnel:
        until(Pages(tunnel.url).answer)
        assert not tunnel.check()
    assert not Pages(tunnel.url).answer()
    assert ssm.terminated == ["session-1"]
    tunnel.close()
    assert ssm.terminated == ["session-1"]
    (request,) = ssm.started
    assert request == {
        "Target": TARGET,
        "DocumentName": "AWS-StartPortForwardingSession",
        "Parameters": {
            "portNumber": ["18080"],
            "localPortNumber": [tunnel.url.rpartition(":")[2]],
        },
    }
    (told,) = calls(installed)
    assert told[1:4] == ["eu-west-1", "StartSession", "work"]
    assert json.loads(told[4]) == request
    assert "a secret" not in " ".join(told)


@pytest.mark.parametrize("version", ["1.2.497.0", "1.2.30.0", "no version"])
def test_an_old_plugin_takes_the_session_as_an_argument(
    version: str, tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knows no variable; without what AWS's answer says of HTTP."""
    installed = plugin(tmp_path, api, monkeypatch, version)
    with open_tunnel(Ssm(), Time()) as tunnel:
        until(Pages(tunnel.url).answer)
    (told,) = calls(installed)
    assert json.loads(told[0]) == {
        "SessionId": "session-1",
        "TokenValue": "a secret",
        "StreamUrl": "wss://ssm",
    }


def kill(installed: Path) -> None:
    """Kill the plugin that runs."""
    pid = installed / "pid"
    os.kill(int(pid.read_text()), signal.SIGKILL)
    pid.unlink()


@pytest.mark.usefixtures("api")
def test_a_tunnel_that_breaks_is_started_again(installed: Path) -> None:
    """At the same address, by a new session; as often as it lasts a minute or more."""
    ssm, time = Ssm(), Time()
    with open_tunnel(ssm, time) as tunnel:
        for _ in range(3):
            until(Pages(tunnel.url).answer)
            kill(installed)
            until(tunnel.check)
            time.sleep(90)
        until(Pages(tunnel.url).answer)
    assert ssm.terminated == ["session-1", "session-2", "session-3", "session-4"]


def test_a_tunnel_that_breaks_again_within_a_minute_is_told(installed: Path) -> None:
    """With what the plugin said."""
    (installed / "lives").write_text("1")
    time = Time()
    with open_tunnel(Ssm(), time) as tunnel:
        until(Pages(tunnel.url).answer)
        kill(installed)
        until(tunnel.check)
        with pytest.raises(HistoryError, match=r"broke twice: .*code 1\)[^$]*start session: EOF"):
            until(tunnel.check)


def test_a_plugin_that_is_missing_is_told_with_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HistoryError, match=r"session-manager-plugin is not installed, .* https://"):
        check_plugin()
    with pytest.raises(HistoryError, match="session-manager-plugin is not installed"):
        open_tunnel(Ssm(), Time())


@pytest.mark.usefixtures("installed")
def test_a_session_that_aws_does_not_start_is_told() -> None:
    """That the agent has not reported yet is known apart: it may soon."""
    ssm = Ssm()
    ssm.refusals = [
        refusal("StartSession", "TargetNotConnected", "not connected"),
        refusal("StartSession", "AccessDeniedException", DENIED.format("ssm:StartSession")),
    ]
    with pytest.raises(NotConnectedError, match="Systems Manager does not reach ecs:flights_task1"):
        open_tunnel(ssm, Time())
    with pytest.raises(HistoryError, match=r"perform: ssm:StartSession: .* grant_open"):
        open_tunnel(ssm, Time())
