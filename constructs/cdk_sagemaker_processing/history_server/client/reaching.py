"""The way from this machine to the server in a task."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.pages import Pages
from cdk_sagemaker_processing.history_server.client.tasks import Container, Task
from cdk_sagemaker_processing.history_server.client.tunnel import (
    Forwarding,
    NotConnectedError,
    Tunnel,
    check_plugin,
)
from cdk_sagemaker_processing.history_server.client.watch import Watch
from cdk_sagemaker_processing.history_server.containers import MIRROR, PORT, SERVER

__all__ = ["Way", "check_way", "reach"]

_ANSWER_MINUTES = 5
_AGENT_SECONDS = 120
_TAIL = 5

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Way:
    """How the server in a task is reached from this machine.

    Attributes:
        opening: Whose it is.
        watch: The task.
        url: Where its server is.
        tunnel: The tunnel that leads there, None where none is needed.
    """

    opening: Opening
    watch: Watch
    url: str
    tunnel: Tunnel | None = None

    @property
    def pages(self) -> Pages:
        """The server's pages."""
        return Pages(self.url)

    def keep_tunnel(self) -> None:
        """Start the tunnel again if it broke.

        Raises:
            HistoryError: If it cannot be started again.
        """
        if self.tunnel and self.tunnel.check():
            self.opening.tell("The tunnel broke and was started again.")

    def until(self, seconds: float, doing: str, ask: Callable[[], _Answer]) -> _Answer | None:
        """Return the first answer that says something, None if there is none for so long.

        Args:
            seconds: For how long to ask.
            doing: What is told meanwhile.
            ask: Asks the server.

        Raises:
            TaskEndedError: If the task ends meanwhile.
            HistoryError: If the tunnel breaks and cannot be started again.
        """
        for _ in self.opening.clock.looks(seconds):
            self.opening.report(doing)
            answer = ask()
            if answer:
                return answer
            self.keep_tunnel()
            self.watch.look()
        return None

    def close(self) -> None:
        """End the tunnel."""
        if self.tunnel:
            self.tunnel.close()


def check_way(opening: Opening) -> None:
    """Refuse what could not be reached, before a task is started that nobody then sees.

    Args:
        opening: Whose and how.

    Raises:
        HistoryError: If a tunnel is needed and this machine has no plugin for it.
    """
    endpoint = opening.client_of("ecs").meta.endpoint_url
    if not opening.server.url and not _is_local(endpoint):
        check_plugin()


def reach(opening: Opening, watch: Watch, local_port: int, profile: str = "") -> Way:
    """Return the way to a task's server, once the server answers.

    Args:
        opening: Whose and how.
        watch: The task.
        local_port: The port of this machine's for a tunnel, where one is needed.
        profile: The profile of the credentials, empty for none.

    Raises:
        TaskEndedError: If the task ends meanwhile.
        HistoryError: If there is no way to it, or it does not answer within five minutes.
    """
    direct = _host_port(watch.task)
    if direct:
        way = Way(opening, watch, f"http://127.0.0.1:{direct}")
    else:
        tunnel = _tunnel(opening, watch, local_port, profile)
        way = Way(opening, watch, tunnel.url, tunnel)
    try:
        _until_it_answers(way)
    except BaseException:
        way.close()
        raise
    return way


def _until_it_answers(way: Way) -> None:
    doing = "waiting for the server to answer"
    if not way.until(_ANSWER_MINUTES * 60, doing, way.pages.answer):
        last = "\n".join(way.watch.log.lines[-_TAIL:])
        raise HistoryError(
            f"the server did not answer within {_ANSWER_MINUTES} minutes; the last lines of its "
            f"mirror:\n{last}"
        )


def _tunnel(opening: Opening, watch: Watch, local_port: int, profile: str) -> Tunnel:
    ssm = opening.client_of("ssm")
    cluster = opening.server.cluster.rpartition("/")[2]
    refused: HistoryError | None = None
    for _ in opening.clock.looks(_AGENT_SECONDS):
        opening.report("opening a tunnel")
        task = watch.look()
        mirror = task.container(MIRROR)
        if not _lets_in(mirror):
            continue
        target = f"ecs:{cluster}_{task.identity}_{mirror.runtime_id if mirror else ''}"
        try:
            return Tunnel(ssm, Forwarding(target, PORT, local_port, profile), opening.clock.now)
        except NotConnectedError as error:
            refused = error
    raise refused or HistoryError(
        f"task {watch.task.identity} lets nobody in, as ECS Exec does not run in it: `history "
        "stop` ends it, and the next one is started with it"
    )


def _lets_in(mirror: Container | None) -> bool:
    return mirror is not None and bool(mirror.runtime_id) and mirror.agent not in {None, "PENDING"}


def _host_port(task: Task) -> int | None:
    server = task.container(SERVER)
    return server.host_port if server else None


def _is_local(endpoint_url: Any) -> bool:
    host = urlsplit(str(endpoint_url)).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
