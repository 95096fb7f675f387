"""The History stage of a local run: the run's Spark jobs in Spark's History Server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cdk_sagemaker_processing.history_server.client.found import Server, find_servers
from cdk_sagemaker_processing.history_server.client.opening import Opening
from cdk_sagemaker_processing.history_server.client.pages import Application
from cdk_sagemaker_processing.history_server.client.reaching import Way, reach
from cdk_sagemaker_processing.history_server.client.starting import running_task
from cdk_sagemaker_processing.history_server.client.watch import Told
from cdk_sagemaker_processing.local.history import provide_server
from cdk_sagemaker_processing.local.processes.ports import choose_port
from cdk_sagemaker_processing.runs.follower import ClientOf, Job
from cdk_sagemaker_processing.runs.outputs import event_log_uris

__all__ = ["RunHistory", "show_run"]

_LISTED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class RunHistory:
    """A run's applications in a History Server.

    Attributes:
        way: The way to the server.
        applications: The run's applications, in the order in which they started.
    """

    way: Way
    applications: tuple[Application, ...]


def show_run(
    client_of: ClientOf,
    jobs: Sequence[Job],
    since: datetime | None,
    report: Told,
    tell: Told,
) -> RunHistory | None:
    """Open the app's History Server, or one like it, and wait for a run's applications in it.

    Args:
        client_of: Makes boto3 clients of the local cloud.
        jobs: The run's jobs.
        since: When the run started.
        report: Is told what is being done.
        tell: Is told what a person should read.

    Returns:
        None if no job of the run keeps event logs.

    Raises:
        HistoryError: If the server does not come up.
    """
    logged = [uris for job in jobs if (uris := event_log_uris(job.description))]
    uris = tuple(dict.fromkeys(uri for one in logged for uri in one))
    if not uris:
        return None
    opening = Opening(client_of, _server(client_of, uris), report, tell)
    way = reach(opening, running_task(opening), choose_port(None))

    def complete() -> tuple[Application, ...]:
        found = way.pages.applications(since)
        return found if sum(one.completed for one in found) >= len(logged) else ()

    way.until(_LISTED_SECONDS, "waiting for the run's event logs", complete)
    listed = sorted(way.pages.applications(since), key=lambda one: one.last.started)
    return RunHistory(way, tuple(listed))


def _server(client_of: ClientOf, uris: Sequence[str]) -> Server:
    for server in find_servers(client_of):
        # A service's task is the service's to start.
        if server.service is None and all(map(server.reads, uris)):
            return server
    return provide_server(client_of, uris)
