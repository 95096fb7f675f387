"""History Servers that are deployed, found by the outputs of their stacks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.deployed.stacks import place_of, read_stacks
from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explained
from cdk_sagemaker_processing.runs.follower import ClientOf

__all__ = ["Server", "choose_server", "find_servers"]

_MARK = "historyServer"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Server:
    """A History Server, as its stack's output describes it.

    Attributes:
        path: Its construct path.
        stack: The stack's name.
        cluster: The cluster its tasks run in.
        family: The family of their task definitions.
        subnets: The subnets they run in.
        security_groups: Their security groups.
        assign_public_ip: `ENABLED` or `DISABLED`.
        log_group: Where their containers log.
        service: The ECS service that keeps one running, if it is always on.
        url: Its address behind a load balancer, if it has one.
        newest: The ARN of the newest task definition, where the output tells it.
        sources: The S3 URIs whose event logs it shows, where the output tells them.
        idle_minutes: After how long without a visitor a task ends, where the output tells it.
    """

    path: str
    stack: str
    cluster: str
    family: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    assign_public_ip: str
    log_group: str
    service: str | None = None
    url: str | None = None
    newest: str | None = None
    sources: tuple[str, ...] = ()
    idle_minutes: int | None = None

    def reads(self, uri: str) -> bool:
        """Whether it shows event logs that are under an S3 URI, as far as its output tells."""
        place = _folder(uri)
        return not self.sources or any(place.startswith(_folder(one)) for one in self.sources)


def find_servers(client_of: ClientOf, stack: str | None = None) -> tuple[Server, ...]:
    """Return the History Servers of a stack, or of all stacks of the account in the region.

    Args:
        client_of: Makes boto3 clients.
        stack: The stack's name; all stacks by default.

    Raises:
        HistoryError: If stacks cannot be listed, there is no such stack, or all servers there are
            were deployed by other versions of this package.
    """
    with explained():
        stacks = read_stacks(client_of("cloudformation"), stack, HistoryError)
    found = [(one["StackName"], described) for one in stacks for described in _described(one)]
    servers = tuple(_server(*one) for one in found if one[1][_MARK] == _VERSION)
    if found and not servers:
        raise _unknown_version(*found[0])
    return servers


def choose_server(
    servers: Sequence[Server], path: str | None = None, stack: str | None = None
) -> Server:
    """Return the only server, or the one of a construct path.

    Args:
        servers: Those that were found.
        path: The construct path, if one was named.
        stack: The stack that was looked at, None for all.

    Raises:
        HistoryError: If none or several are left.
    """
    left = [server for server in servers if path in {None, server.path}]
    if len(left) == 1:
        return left[0]
    place = place_of(stack)
    if not servers:
        raise HistoryError(
            f"no History Server in {place}: add processing.SparkHistoryServer(self, 'History', "
            "event_logs=storage.event_logs) to a stack and deploy it, or look elsewhere by "
            "--profile and --region"
        )
    names = ", ".join(f"{server.path} (stack {server.stack})" for server in left or servers)
    if not left:
        raise HistoryError(f"no History Server {path} in {place}; there are: {names}")
    raise HistoryError(f"several History Servers, choose one by --path or --stack: {names}")


def _described(stack: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The descriptions of servers among a stack's outputs, of whichever version."""
    for output in stack.get("Outputs", ()):
        try:
            read = json.loads(output.get("OutputValue", ""))
        except ValueError:
            continue
        # Somebody else's output may be JSON as well, and name a server of history.
        if isinstance(read, dict) and isinstance(read.get(_MARK), int) and "path" in read:
            yield read


def _unknown_version(stack: str, described: Mapping[str, Any]) -> HistoryError:
    return HistoryError(
        f"stack {stack} was deployed by another version of cdk-sagemaker-processing "
        f"(History Server output {described[_MARK]}, this command knows {_VERSION}): "
        "install that version"
    )


def _server(stack: str, described: Mapping[str, Any]) -> Server:
    return Server(
        path=described["path"],
        stack=stack,
        cluster=described["cluster"],
        family=described["taskDefinition"],
        subnets=tuple(described["subnets"]),
        security_groups=tuple(described["securityGroups"]),
        assign_public_ip=described["assignPublicIp"],
        log_group=described["logGroup"],
        service=described.get("service"),
        url=described.get("url"),
        newest=described.get("taskDefinitionArn"),
        sources=tuple(described.get("sources", ())),
        idle_minutes=described.get("idleMinutes"),
    )


def _folder(uri: str) -> str:
    return f"{uri.rstrip('/')}/"
