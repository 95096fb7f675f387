"""The page that a person wants: the list, an application, the application of a job."""

from collections.abc import Callable
from typing import TypeVar

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.found import Server
from cdk_sagemaker_processing.history_server.client.jobs import Job, look_again, matching
from cdk_sagemaker_processing.history_server.client.pages import Application, Pages
from cdk_sagemaker_processing.history_server.client.reaching import Way

__all__ = ["application_named", "application_of", "check_job", "list_page"]

_FIRST_LOG_SECONDS = 15
# What the mirror and the server need to list a log that is there.
_LISTED_SECONDS = 60
_NEAR = 5

_Found = TypeVar("_Found")


def list_page(way: Way) -> str:
    """Return the address of the list, once something is listed or nothing came for a while.

    Args:
        way: The way to the server.

    Raises:
        HistoryError: If the task or the tunnel ends meanwhile.
    """
    way.until(_FIRST_LOG_SECONDS, "waiting for a first event log", way.pages.applications)
    return way.pages.page_of_list()


def application_named(way: Way, identity: str) -> Application:
    """Return an application by its id, once it is listed.

    Args:
        way: The way to the server.
        identity: The application's id.

    Raises:
        HistoryError: If it is not listed a minute after the mirror has brought the logs that were
            there, or the task or the tunnel ends.
    """
    doing = f"waiting for {identity} to be listed"
    found = _until_filled(way, doing, lambda: way.pages.application(identity))
    if found is None:
        raise HistoryError(f"no application {identity} is listed{_there_are(way.pages)}")
    return found


def check_job(server: Server, job: Job) -> None:
    """Refuse a job that no event log of can come, before anything is started.

    Args:
        server: The server.
        job: The job.

    Raises:
        HistoryError: If the job runs no Spark, keeps no event logs, or keeps them elsewhere.
    """
    if not job.is_spark:
        raise HistoryError(f"job {job.name} runs no Spark: it has no page in a History Server")
    if not job.event_logs:
        raise HistoryError(
            f"job {job.name} keeps no event logs: its step must not say spark_event_logs=False, "
            "and a processor of the SageMaker SDK says spark_event_logs_s3_uri"
        )
    if not any(map(server.reads, job.event_logs)):
        raise HistoryError(
            f"job {job.name} leaves its event logs in {', '.join(job.event_logs)}, and "
            f"{server.path} shows those of {', '.join(server.sources)}: add the place to its "
            "event_logs"
        )


def application_of(way: Way, job: Job) -> Application:
    """Return the application of a job, waiting for its event log for as long as the job runs.

    Args:
        way: The way to the server.
        job: The job.

    Raises:
        HistoryError: If the job ended and no log of it is listed a minute later, or the task or
            the tunnel ends meanwhile.
    """
    sagemaker = way.opening.client_of("sagemaker")
    while not (found := _listed(way, job)):
        if job.is_over:
            raise HistoryError(
                f"no event log of job {job.name} came, which is {job.status}: it may have ended "
                f"before Spark began; it leaves its logs in {', '.join(job.event_logs)}"
                f"{_there_are(way.pages)}"
            )
        job = look_again(sagemaker, job)
    others = ", ".join(one.identity for one in found[1:])
    if others:
        way.opening.tell(
            f"{found[0].identity} fits job {job.name} best by its times; the same ran as {others}."
        )
    return found[0]


def _listed(way: Way, job: Job) -> tuple[Application, ...]:
    doing = f"job {job.name} is {job.status}: waiting for its event log"
    if job.is_over:
        return _until_filled(way, doing, lambda: matching(job, way.pages)) or ()
    # It is asked again soon: it may have started, or ended, since.
    seconds = 2 * way.opening.clock.every
    return way.until(seconds, doing, lambda: matching(job, way.pages)) or ()


def _until_filled(way: Way, doing: str, ask: Callable[[], _Found]) -> _Found | None:
    """Ask for a minute, and as often again as the mirror was still bringing logs before it."""
    while True:
        is_filling = way.watch.log.is_filling
        told = f"{doing} (older logs are still being copied)" if is_filling else doing
        found = way.until(_LISTED_SECONDS, told, ask)
        if found or not is_filling:
            return found


def _there_are(pages: Pages) -> str:
    there = ", ".join(f"{one.identity} ({one.name})" for one in pages.applications()[:_NEAR])
    return f"; listed are: {there}" if there else "; nothing is listed"
