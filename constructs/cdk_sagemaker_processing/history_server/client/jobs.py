"""From a processing job to its Spark application, whose event log does not hold the job's name."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cdk_sagemaker_processing.history_server.client.errors import HistoryError, explained
from cdk_sagemaker_processing.history_server.client.pages import Application, Pages
from cdk_sagemaker_processing.runs.outputs import event_log_uris

__all__ = ["Job", "find_job", "look_again", "matching"]

_SUBMIT = "smspark-submit"
_FLAGS = ("-v", "--verbose")
_EVENT_LOGS_OPTION = "--spark-event-logs-s3-uri"
_UNKNOWN_JOB = ("ValidationException", "ResourceNotFound")
_OVER = ("Completed", "Failed", "Stopped")
_REDACTED = "(redacted)"
# SageMaker and the job's machine each have their own clock.
_SLACK = timedelta(seconds=60)
_LISTED = 100
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A processing job.

    Attributes:
        name: Its name.
        status: Its `ProcessingJobStatus`.
        started: When its container started, None before.
        ended: When it ended, None before.
        application: The file of its Spark application and that one's arguments; empty if the
            job's command is not that of SageMaker's Spark images.
        is_spark: Whether it runs Spark at all, as far as its command and image tell.
        event_logs: The S3 URIs where it leaves event logs.
    """

    name: str
    status: str
    started: datetime | None
    ended: datetime | None
    application: tuple[str, ...]
    is_spark: bool
    event_logs: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in _OVER


def find_job(sagemaker: Any, name: str) -> Job:
    """Return the job of a name, or the newest whose name begins so.

    Args:
        sagemaker: A boto3 client of SageMaker.
        name: The job's name, or its beginning.

    Raises:
        HistoryError: If there is none; the error names those whose names are near.
    """
    with explained():
        described = _described(sagemaker, name)
        if described is not None:
            return _job(described)
        listed = _listed(sagemaker, NameContains=name)
        beginning = next((each for each in listed if each.startswith(name)), None)
        if beginning is not None:
            return _job(sagemaker.describe_processing_job(ProcessingJobName=beginning))
        newest = _listed(sagemaker)
    near = listed or difflib.get_close_matches(name, newest, _NEAR, cutoff=0.3) or newest
    names = ", ".join(near[:_NEAR])
    rest = f"; there are: {names}" if names else ", nor any other"
    raise HistoryError(f"no processing job is named {name} or begins so in this region{rest}")


def look_again(sagemaker: Any, job: Job) -> Job:
    """Return a job as it is now.

    Args:
        sagemaker: A boto3 client of SageMaker.
        job: The job as it was.
    """
    with explained():
        return _job(sagemaker.describe_processing_job(ProcessingJobName=job.name))


def matching(job: Job, pages: Pages) -> tuple[Application, ...]:
    """Return the applications that the job may have run, the likeliest first.

    An application fits that ran within the job's time, by the job's command. Of jobs that run the
    same at the same time, that comes first which started and ended nearest to the job.

    Args:
        job: The job.
        pages: The server that lists applications.
    """
    if job.started is None:
        return ()
    near = [one for one in pages.applications(job.started - _SLACK) if _is_within(one, job)]
    fitting = [one for one in near if _runs(pages.command(one), job)]
    return tuple(sorted(fitting, key=lambda application: _distance(application, job)))


def _described(sagemaker: Any, name: str) -> Mapping[str, Any] | None:
    try:
        described: Mapping[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] in _UNKNOWN_JOB:
            return None
        raise
    return described


def _listed(sagemaker: Any, **wanted: str) -> list[str]:
    answer = sagemaker.list_processing_jobs(
        SortBy="CreationTime", SortOrder="Descending", MaxResults=_LISTED, **wanted
    )
    return [one["ProcessingJobName"] for one in answer["ProcessingJobSummaries"]]


def _job(described: Mapping[str, Any]) -> Job:
    specification = described.get("AppSpecification", {})
    words = [
        *specification.get("ContainerEntrypoint", ()),
        *specification.get("ContainerArguments", ()),
    ]
    options, application = _submitted(words)
    written = (value for option, value in options if option == _EVENT_LOGS_OPTION)
    return Job(
        name=described["ProcessingJobName"],
        status=described["ProcessingJobStatus"],
        started=described.get("ProcessingStartTime"),
        ended=described.get("ProcessingEndTime"),
        application=application,
        is_spark=bool(application) or "spark" in specification.get("ImageUri", "").lower(),
        event_logs=(*event_log_uris(described), *written),
    )


def _submitted(words: Sequence[str]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the options of smspark-submit, and the application with its arguments."""
    at = next((at for at, word in enumerate(words) if word.endswith(_SUBMIT)), None)
    if at is None:
        return [], ()
    rest = list(words[at + 1 :])
    options = list(_options(rest))
    return options, tuple(rest)


def _options(rest: list[str]) -> Iterator[tuple[str, str]]:
    """Take the options off the front."""
    while rest and rest[0].startswith("-"):
        option, given, value = rest.pop(0).partition("=")
        if option == "--":
            return
        if option not in _FLAGS and not given and rest:
            value = rest.pop(0)
        yield option, value


def _is_within(application: Application, job: Job) -> bool:
    attempt = application.last
    if job.started is None or attempt.started < job.started - _SLACK:
        return False
    return job.ended is None or max(attempt.started, attempt.ended or job.ended) <= (
        job.ended + _SLACK
    )


def _runs(command: str | None, job: Job) -> bool:
    if not command or not job.application or _REDACTED in command:
        # Spark hides a whole command line that holds a word such as `token`: the times must do.
        return command is not None
    file, *arguments = job.application
    # What stands on S3 or in another folder has been fetched under its own name.
    wanted = " ".join([file.rpartition("/")[2], *arguments]).strip()
    return f" {command.strip()}".endswith((f" {wanted}", f"/{wanted}"))


def _distance(application: Application, job: Job) -> timedelta:
    attempt = application.last
    apart = abs(attempt.started - job.started) if job.started else timedelta()
    return apart + (abs(attempt.ended - job.ended) if attempt.ended and job.ended else timedelta())
