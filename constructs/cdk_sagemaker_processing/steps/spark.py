"""What PySpark and SparkJar steps share: the contract of SageMaker's Spark container.

Read from aws/sagemaker-spark-container (smspark/cli.py, smspark/bootstrapper.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.code.bundle import File
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import ImageChoice
from cdk_sagemaker_processing.request.values import is_known
from cdk_sagemaker_processing.steps.container import CodeChannel, Container
from cdk_sagemaker_processing.steps.files import (
    Dependencies,
    Script,
    dependencies,
    is_uri,
    script,
)
from cdk_sagemaker_processing.steps.kinds import wrong_name

__all__ = ["CLASSIFICATIONS", "EVENT_LOGS", "Configuration", "DependencyList", "spark_container"]

Configuration = Sequence[Mapping[str, Any]] | Mapping[str, Any]

# The container joins it to file names without a slash of its own.
EVENT_LOGS = "/opt/ml/processing/spark-events/"
CLASSIFICATIONS = (
    "core-site",
    "hadoop-env",
    "hadoop-log4j",
    "hive-env",
    "hive-log4j",
    "hive-exec-log4j",
    "hive-site",
    "spark-defaults",
    "spark-env",
    "spark-log4j",
    "spark-hive-site",
    "spark-metrics",
    "yarn-env",
    "yarn-site",
)
# ContainerEntrypoint items hold at most 256 characters: API reference, AppSpecification.
_LONGEST = 256
_KNOWN_KEYS = frozenset({"Classification", "Properties", "Configurations"})


@dataclass(frozen=True, slots=True)
class DependencyList:
    """One of a Spark job's dependency lists.

    Attributes:
        option: Its option of ``smspark-submit``, such as ``--jars``.
        spark_property: Its Spark property, such as ``spark.jars``.
        files: What is in it.
    """

    option: str
    spark_property: str
    files: Dependencies

    @property
    def value(self) -> str:
        """The list as Spark takes it."""
        return ",".join(self.files.paths)

    @property
    def fits(self) -> bool:
        """Whether the list is short enough for an item of the entrypoint."""
        return len(self.value) <= _LONGEST


def py_files(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_py_files``."""
    files = dependencies("submit_py_files", "py-files", items)
    return DependencyList("--py-files", "spark.submit.pyFiles", files)


def jars(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_jars``."""
    return DependencyList("--jars", "spark.jars", dependencies("submit_jars", "jars", items))


def files(items: Sequence[str | Path] | None) -> DependencyList:
    """The list ``submit_files``."""
    return DependencyList("--files", "spark.files", dependencies("submit_files", "files", items))


def spark_container(
    image: ImageChoice,
    submit_app: str | Path,
    lists: Sequence[DependencyList],
    configuration: Configuration | None,
    *,
    submit_class: str | None = None,
    event_logs_uri: str | None = None,
) -> Container:
    """The container of a Spark job.

    Args:
        image: The image, or why there is none.
        submit_app: The application: a script or a jar.
        lists: Its dependencies.
        configuration: Classifications for Spark, Hadoop and the rest.
        submit_class: The main class, for a jar.
        event_logs_uri: Where event logs go; the step's storage by default.
    """
    run = _application(submit_app)
    conf, wrong = _configured(
        configuration, {one.spark_property: one.value for one in lists if not one.fits}
    )
    options = [item for one in lists if one.value and one.fits for item in (one.option, one.value)]
    channels = [*(one.files.channel for one in lists), conf, run.channel]
    return Container(
        image=image.image,
        entrypoint=(
            "smspark-submit",
            *(("--class", submit_class) if submit_class else ()),
            *options,
            *("--local-spark-event-logs-dir", EVENT_LOGS),
            run.path,
        ),
        channels=tuple(channel for channel in channels if channel),
        also_read=tuple(uri for one in lists for uri in one.files.uris),
        event_logs=EVENT_LOGS,
        event_logs_uri=event_logs_uri if isinstance(event_logs_uri, str) else None,
        problems=(
            *run.problems,
            *image.problems,
            *chain.from_iterable(one.files.problems for one in lists),
            *wrong,
            *_wrong_event_logs(event_logs_uri),
            *(wrong_name("submit_class", submit_class) if submit_class is not None else ()),
        ),
    )


def _application(submit_app: str | Path) -> Script:
    if isinstance(submit_app, str | Path) and not is_uri(submit_app) and Path(submit_app).is_dir():
        problem = Problem(
            f"submit_app: {str(submit_app)!r} is a folder: give the file to run in it, "
            "and a package that it imports as submit_py_files"
        )
        return Script(None, "", (problem,))
    return script("submit_app", submit_app)


def _configured(
    configuration: Configuration | None, properties: Mapping[str, str]
) -> tuple[CodeChannel | None, tuple[Problem, ...]]:
    """The channel ``conf`` for a job's configuration.

    Args:
        configuration: What the user gave: one classification or several.
        properties: Spark properties to add to ``spark-defaults``.

    Returns:
        The channel, None where there is nothing to configure, and what is wrong.
    """
    if not configuration and not properties:
        return None, ()
    found = _problems(configuration)
    if found:
        return None, found
    merged = _merged(configuration, properties) if properties else configuration
    try:
        written = json.dumps(merged)
    except TypeError as error:
        return None, (Problem(f"configuration must be JSON: {error}"),)
    if not is_known(written) or "{%" in written:
        problem = Problem(
            "configuration holds a value that is not known at synth, but it is uploaded as a file "
            "before the run: pass such a value in arguments or environment and set it in the job"
        )
        return None, (problem,)
    return CodeChannel("conf", (File("conf/configuration.json", content=written.encode()),)), ()


def _merged(
    configuration: Configuration | None, properties: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    given = _listed(configuration)
    before = [one for one in given if one.get("Classification") != "spark-defaults"]
    defaults = [one["Properties"] for one in given if one not in before]
    merged = {key: value for one in defaults for key, value in one.items()}
    for name, value in properties.items():
        merged[name] = f"{merged[name]},{value}" if merged.get(name) else value
    return [*before, {"Classification": "spark-defaults", "Properties": merged}]


def _listed(configuration: Configuration | None) -> list[Mapping[str, Any]]:
    if configuration is None:
        return []
    return [configuration] if isinstance(configuration, Mapping) else list(configuration)


def _problems(configuration: Configuration | None) -> tuple[Problem, ...]:
    if isinstance(configuration, str):
        problem = Problem(
            f"configuration must be a list of classifications, got the string {configuration!r}: "
            "read a file by json.loads(Path(...).read_text())"
        )
        return (problem,)
    return tuple(
        chain.from_iterable(_wrong_with(at, one) for at, one in enumerate(_listed(configuration)))
    )


def _wrong_with(at: int, one: Mapping[str, Any]) -> list[Problem]:
    where = f"configuration[{at}]"
    if not isinstance(one, Mapping):
        return [
            Problem(f"{where} must be a mapping with Classification and Properties, got {one!r}")
        ]
    unknown = sorted(set(one) - _KNOWN_KEYS)
    found = [
        Problem(f"{where}: unknown key {key!r}; the keys are {', '.join(sorted(_KNOWN_KEYS))}")
        for key in unknown
    ]
    name = one.get("Classification")
    if name not in CLASSIFICATIONS:
        found.append(
            Problem(
                f"{where}: Classification must be one of {', '.join(CLASSIFICATIONS)}, got {name!r}"
            )
        )
    if not isinstance(one.get("Properties"), Mapping):
        found.append(
            Problem(f"{where}: Properties must be a mapping, got {one.get('Properties')!r}")
        )
        return found
    return found + _broken_event_logs(where, one["Properties"])


def _broken_event_logs(where: str, properties: Mapping[str, Any]) -> list[Problem]:
    if str(properties.get("spark.eventLog.rolling.enabled", "false")).lower() != "true":
        return []
    return [
        Problem(
            f"{where}: spark.eventLog.rolling.enabled must not be true: "
            "the container copies event logs as single files and stops at a rolling log's folder"
        )
    ]


def _wrong_event_logs(uri: str | None) -> list[Problem]:
    if uri is None:
        return []
    if not isinstance(uri, str):
        return [Problem(f"spark_event_logs_s3_uri must be an S3 URI, got {uri!r}")]
    if uri.startswith("s3://") or not is_known(uri):
        return []
    return [Problem(f"spark_event_logs_s3_uri must begin with s3://, got {uri!r}")]
