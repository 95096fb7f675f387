"""A tunnel to a task by Systems Manager: no open port, IAM decides, CloudTrail sees it."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explain

__all__ = ["PLUGIN", "Forwarding", "NotConnectedError", "Tunnel", "check_plugin"]

PLUGIN = "session-manager-plugin"

_DOCUMENT = "AWS-StartPortForwardingSession"
_INSTALL_PAGE = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "session-manager-working-with-install-plugin.html"
)
# Newer ones than this take the session from a variable, where other users cannot read its token.
_LAST_WITHOUT_VARIABLE = (1, 2, 497, 0)
_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
_VERSION_SECONDS = 10
_GRACE_SECONDS = 5
# A session that lasted so long ended of itself (Systems Manager ends idle ones), not of a fault.
_LASTED_SECONDS = 60
_TAIL = 5


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What leads where.

    Attributes:
        target: The container, as Systems Manager names it: `ecs:<cluster>_<task>_<runtime id>`.
        port: The port there.
        local_port: The port of this machine's that leads to it.
        profile: The profile of the credentials, empty for none.
    """

    target: str
    port: int
    local_port: int
    profile: str = ""

    @property
    def request(self) -> dict[str, Any]:
        """The request of StartSession."""
        return {
            "Target": self.target,
            "DocumentName": _DOCUMENT,
            "Parameters": {
                "portNumber": [str(self.port)],
                "localPortNumber": [str(self.local_port)],
            },
        }


def check_plugin() -> str:
    """Return where the session-manager-plugin is.

    Raises:
        HistoryError: If it is not installed.
    """
    found = shutil.which(PLUGIN)
    if found is None:
        raise HistoryError(
            f"{PLUGIN} is not installed, by which AWS's tunnels reach this machine: {_INSTALL_PAGE}"
        )
    return found


class Tunnel:
    """A port of this machine's that leads to the server, for as long as this object is open.

    Args:
        ssm: A boto3 client of Systems Manager.
        forwarding: What leads where.
        now: Returns seconds that only ever grow.

    Raises:
        HistoryError: If the plugin is missing or AWS starts no session.
    """

    def __init__(self, ssm: Any, forwarding: Forwarding, now: Callable[[], float]) -> None:
        self._ssm = ssm
        self._forwarding = forwarding
        self._now = now
        self._program = check_plugin()
        self._failures = 0
        self._session = ""
        self._process: subprocess.Popen[bytes] | None = None
        # Of this process alone, and gone with it.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the tunnel is
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """Where the server is on this machine."""
        return f"http://127.0.0.1:{self._forwarding.local_port}"

    def check(self) -> bool:
        """Start the tunnel again if it broke.

        Returns:
            Whether it had to be started again.

        Raises:
            HistoryError: If it breaks again within a minute.
        """
        code = self._process.poll() if self._process else None
        if code is None:
            return False
        self._failures = self._failures + 1 if self._age < _LASTED_SECONDS else 1
        if self._failures > 1:
            raise HistoryError(
                f"the tunnel broke twice: {PLUGIN} ended (exit code {code}); its last lines:\n"
                f"{self._tail()}"
            )
        self._end_session()
        self._start()
        return True

    def close(self) -> None:
        """End it; a second time does nothing."""
        if self._output.closed:
            return
        if self._process:
            _end(self._process)
        self._end_session()
        self._output.close()

    def __enter__(self) -> Self:
        """Return it, already open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self.close()

    @property
    def _age(self) -> float:
        return self._now() - self._started

    def _start(self) -> None:
        request = self._forwarding.request
        try:
            answer = self._ssm.start_session(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "TargetNotConnected":
                raise NotConnectedError(self._forwarding.target) from error
            raise HistoryError(explain(error)) from error
        except BotoCoreError as error:
            raise HistoryError(explain(error)) from error
        self._session = answer["SessionId"]
        self._started = self._now()
        session = json.dumps(
            {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        )
        takes_variable = _version(self._program) > _LAST_WITHOUT_VARIABLE
        meta = self._ssm.meta
        self._process = subprocess.Popen(
            [
                self._program,
                _VARIABLE if takes_variable else session,
                meta.region_name,
                "StartSession",
                self._forwarding.profile,
                json.dumps(request),
                meta.endpoint_url,
            ],
            env={**os.environ, **({_VARIABLE: session} if takes_variable else {})},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C on the terminal is for whoever opened the tunnel.
            start_new_session=True,
        )

    def _end_session(self) -> None:
        # It ends by itself as well, only later; and not everybody may end it.
        with suppress(BotoCoreError, ClientError):
            if self._session:
                self._ssm.terminate_session(SessionId=self._session)
        self._session = ""

    def _tail(self) -> str:
        self._output.seek(0)
        text = self._output.read().decode(errors="replace")
        return "\n".join(text.splitlines()[-_TAIL:])


class NotConnectedError(HistoryError):
    """The agent in the task has not reported to Systems Manager (yet)."""

    def __init__(self, target: str) -> None:
        super().__init__(
            f"Systems Manager does not reach {target}: its task needs a way to the service (a "
            "public address, a NAT gateway or endpoints of ssm and ssmmessages)"
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _version(program: str) -> tuple[int, ...]:
    told = subprocess.run(
        [program, "--version"],
        capture_output=True,
        text=True,
        timeout=_VERSION_SECONDS,
        check=False,
    ).stdout
    with suppress(ValueError):
        return tuple(int(part) for part in told.strip().split("."))
    return ()
