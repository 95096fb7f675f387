"""The address at which a task's containers get the credentials of its role, renewed all along.

As ECS's agent answers it; the AWS SDKs find it by two environment variables:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK
from cdk_sagemaker_processing.local.processes.stoppable import Stoppable
from cdk_sagemaker_processing.local.tasks.errors import StartError

__all__ = ["CredentialsEndpoint", "RoleSession"]

_PATH = "/v2/credentials"
_POLL_SECONDS = 0.1
# botocore asks for new credentials at each call when less than ten minutes are left.
_RENEWED_BEFORE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of a role.

    Attributes:
        credentials: Its credentials.
        expires: When they end.
    """

    credentials: Credentials
    expires: datetime


class CredentialsEndpoint(Stoppable):
    """Gives a role's credentials to whoever has the token.

    Args:
        role_arn: The role.
        assume: Gives a new session of it; raises StartError if it cannot.
    """

    def __init__(self, role_arn: str, assume: Callable[[], RoleSession]) -> None:
        self._role_arn = role_arn
        self._assume = assume
        self._token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._session, self._renewed_from = self._renewed()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=[_POLL_SECONDS],
            name=f"credentials of {role_arn}",
            daemon=True,
        )
        self._thread.start()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which the AWS SDKs find it."""
        host, port = self._server.server_address[:2]
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{host!s}:{port}{_PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self._token,
        }

    def stop(self) -> None:
        """Close it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str, token: str | None) -> tuple[HTTPStatus, dict[str, str]]:
        """Answer a request.

        Args:
            path: The path that is asked for.
            token: The header Authorization.
        """
        if path != _PATH:
            return HTTPStatus.NOT_FOUND, _error("NotFound", "There are no credentials here")
        if not hmac.compare_digest((token or "").encode(), self._token.encode()):
            return HTTPStatus.FORBIDDEN, _error("AccessDenied", "The authorization token is wrong")
        try:
            return HTTPStatus.OK, self._current()
        except StartError as error:
            return HTTPStatus.FORBIDDEN, _error("AccessDenied", str(error))

    def _current(self) -> dict[str, str]:
        with self._lock:
            if datetime.now(UTC) >= self._renewed_from:
                self._session, self._renewed_from = self._renewed()
            given = self._session.credentials
            return {
                "RoleArn": self._role_arn,
                "AccessKeyId": given.access_key_id,
                "SecretAccessKey": given.secret_access_key,
                "Token": given.session_token or "",
                "Expiration": f"{self._session.expires:%Y-%m-%dT%H:%M:%SZ}",
            }

    def _renewed(self) -> tuple[RoleSession, datetime]:
        session = self._assume()
        half = (session.expires - datetime.now(UTC)) / 2
        return session, session.expires - min(_RENEWED_BEFORE, half)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answer(self.path, self.headers.get("Authorization"))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Say nothing: the token stands in no log."""

        return Handler


def _error(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
