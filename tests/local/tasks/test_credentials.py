"""The address of a task's credentials."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cdk_sagemaker_processing.local.jobs import Credentials
from cdk_sagemaker_processing.local.tasks import RoleSession
from cdk_sagemaker_processing.local.tasks.credentials import CredentialsEndpoint
from cdk_sagemaker_processing.local.tasks.errors import StartError
from tests.local.tasks.fakes import ROLE


@contextmanager
def endpoint(lifetime: timedelta) -> Iterator[tuple[CredentialsEndpoint, list[RoleSession]]]:
    """An endpoint, and the sessions that it was given."""
    sessions: list[RoleSession] = []

    def assume() -> RoleSession:
        given = Credentials(f"KEY{len(sessions)}", "secret", "token")
        sessions.append(RoleSession(given, datetime.now(UTC) + lifetime))
        return sessions[-1]

    with CredentialsEndpoint(ROLE, assume) as found:
        yield found, sessions


def ask(found: CredentialsEndpoint, token: str | None = None, path: str = "") -> Any:
    """Ask as the AWS SDKs do."""
    variables = found.variables
    request = urllib.request.Request(
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] + path,
        headers={"Authorization": token or variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        return json.load(answer)


def test_it_answers_as_ecs_does() -> None:
    """With the role's name, the credentials and their end; the same session while it lasts."""
    with endpoint(timedelta(hours=6)) as (found, sessions):
        answer = ask(found)
        assert ask(found) == answer
    assert len(sessions) == 1
    assert answer == {
        "RoleArn": ROLE,
        "AccessKeyId": "KEY0",
        "SecretAccessKey": "secret",
        "Token": "token",
        "Expiration": f"{sessions[0].expires:%Y-%m-%dT%H:%M:%SZ}",
    }


@pytest.mark.parametrize(("token", "path", "status"), [("wrong", "", 403), ("", "/other", 404)])
def test_it_gives_nothing_without_the_token(token: str, path: str, status: int) -> None:
    """And nothing elsewhere."""
    with (
        endpoint(timedelta(hours=6)) as (found, _),
        pytest.raises(urllib.error.HTTPError) as caught,
    ):
        ask(found, token or None, path)
    with caught.value:
        assert caught.value.code == status
        assert b"secret" not in caught.value.read()


def test_a_session_is_renewed_before_it_ends() -> None:
    """When half of a short one's time has passed."""
    with endpoint(timedelta(seconds=1)) as (found, _):
        first = ask(found)["AccessKeyId"]
        time.sleep(0.55)  # sleeps: the session's clock is what is tested
        assert ask(found)["AccessKeyId"] != first


def test_boto3_lives_through_the_end_of_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of a process that runs longer has the next session's credentials."""
    with endpoint(timedelta(seconds=4)) as (found, _):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        for name, value in found.variables.items():
            monkeypatch.setenv(name, value)
        credentials = boto3.Session().get_credentials()
        assert credentials
        first = credentials.get_frozen_credentials().access_key
        time.sleep(4.1)  # sleeps: as above
        assert credentials.get_frozen_credentials().access_key != first


def test_a_role_that_is_lost_is_told() -> None:
    """The containers' SDKs get the reason."""
    lost: list[str] = []

    def assume() -> RoleSession:
        if lost:
            raise StartError(lost[0])
        return RoleSession(Credentials("KEY", "secret"), datetime.now(UTC))

    with CredentialsEndpoint(ROLE, assume) as found:
        lost.append("there is no such role")
        with pytest.raises(urllib.error.HTTPError) as caught:
            ask(found)
        with caught.value:
            assert json.load(caught.value)["message"] == "there is no such role"
