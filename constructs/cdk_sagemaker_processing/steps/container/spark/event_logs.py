"""Where a Spark job's event logs go.

The container turns them on after the user's configuration, writes them to a folder of its own
and copies them, file by file, to the one it is told (aws/sagemaker-spark-container,
smspark/spark_event_logs_publisher.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.request.values import TOKEN, Joined
from cdk_sagemaker_processing.steps.container.spark.configuration import Setting

__all__ = ["FOLDER", "EventLogs"]

# The container joins it to file names without a slash of its own.
FOLDER = "/opt/ml/processing/spark-events/"
_ENABLED = "spark.eventLog.enabled"
_DIRECTORY = "spark.eventLog.dir"
_ROLLING = "spark.eventLog.rolling.enabled"


@dataclass(frozen=True, slots=True)
class EventLogs:
    """What the user asked for.

    Attributes:
        wanted: Whether the container is to keep event logs.
        s3_uri: Where they go; to the step's storage by default.
    """

    wanted: bool
    s3_uri: str | None

    @property
    def options(self) -> tuple[str, ...]:
        """The options of ``smspark-submit``."""
        return ("--local-spark-event-logs-dir", FOLDER) if self.wanted else ()

    def problems(self, settings: Mapping[str, Setting]) -> list[Problem]:
        """What is wrong with that, or with what Spark is given beside it.

        Args:
            settings: The user's ``spark-defaults``.
        """
        if not isinstance(self.wanted, bool):
            return [Problem(f"spark_event_logs must be True or False, got {self.wanted!r}")]
        return [
            *self._wrong_uri(),
            *(_overruled(settings) if self.wanted else _without_folder(settings)),
        ]

    def _wrong_uri(self) -> Iterator[Problem]:
        uri = self.s3_uri
        if uri is None:
            return
        if not isinstance(uri, str):
            yield Problem(f"spark_event_logs_s3_uri must be an S3 URI, got {uri!r}")
            return
        if not _may_be_on_s3(uri):
            yield Problem(f"spark_event_logs_s3_uri must begin with s3://, got {uri!r}")
        if not self.wanted:
            yield Problem(
                f"spark_event_logs_s3_uri is {uri!r}, but spark_event_logs is False: "
                "leave one of them out"
            )


def _may_be_on_s3(uri: str) -> bool:
    found = run_time.text(uri)
    first = found.parts[0] if isinstance(found, Joined) else found
    if not isinstance(first, str) or TOKEN.match(first):
        return True
    return first.startswith("s3://")


def _overruled(settings: Mapping[str, Setting]) -> Iterator[Problem]:
    """Settings that the container overrules, or that end its copying."""
    for one in _set_to(settings, _ENABLED, "false"):
        yield Problem(
            f"{one.where} is {one.value!r}, but the container turns event logs on after it: "
            "give spark_event_logs=False"
        )
    if _DIRECTORY in settings:
        one = settings[_DIRECTORY]
        yield Problem(
            f"{one.where} is {one.value!r}, but the container sets its own folder after it: give "
            "the S3 URI as spark_event_logs_s3_uri, or spark_event_logs=False to keep the setting"
        )
    for one in _set_to(settings, _ROLLING, "true"):
        yield Problem(
            f"{one.where} must not be true: the container copies event logs as single files and "
            "stops at a rolling log's folder; leave it out, or give spark_event_logs=False and "
            f"an S3 URI of your own as {_DIRECTORY}"
        )


def _without_folder(settings: Mapping[str, Setting]) -> Iterator[Problem]:
    if _DIRECTORY in settings:
        return
    for one in _set_to(settings, _ENABLED, "true"):
        # Spark's default is /tmp/spark-events, which it does not make.
        yield Problem(
            f"{one.where} is {one.value!r} and spark_event_logs is False, so no folder is there "
            f"to write event logs to: set {_DIRECTORY} as well, or leave spark_event_logs out"
        )


def _set_to(settings: Mapping[str, Setting], name: str, value: str) -> list[Setting]:
    """The setting, if it has that value as Spark reads it."""
    found = settings.get(name)
    return [found] if found and found.value.strip().lower() == value else []
