"""The user's `configuration.json`, written where Spark on one machine looks for it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .dependencies import Fetch, download, is_s3
from .failures import SubmitError
from .placement import Placement

_STEP = "error running Spark job"
_DEFAULTS = "spark-defaults.conf"
_ENV = "spark-env.sh"
# Which file of Spark's configuration folder a classification goes to.
_FILES = {
    "spark-defaults": _DEFAULTS,
    "spark-env": _ENV,
    "hadoop-env": _ENV,
    "spark-metrics": "metrics.properties",
    "core-site": "core-site.xml",
}
_NO_CLUSTER = "has no effect here: there is no YARN, HDFS or Hive"
_WITHOUT_EFFECT = {
    **dict.fromkeys(
        (
            "hadoop-log4j",
            "hive-env",
            "hive-exec-log4j",
            "hive-log4j",
            "hive-site",
            "spark-hive-site",
            "yarn-env",
            "yarn-site",
        ),
        _NO_CLUSTER,
    ),
    # Spark's migration guide, "Upgrading from Core 3.2 to 3.3".
    "spark-log4j": (
        "has no effect, here as on AWS: the container writes log4j.properties, and Spark reads "
        "log4j2.properties since 3.3"
    ),
}
_FILE_LISTS = ("spark.files", "spark.jars", "spark.submit.pyFiles")
_ARCHIVES = "spark.archives"
_LOGGING = """\
rootLogger.level = info
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
"""
_XML = '<?xml version="1.0"?>\n<configuration>\n{properties}</configuration>\n'


@dataclass(frozen=True, slots=True)
class Classification:
    """One entry of `configuration.json`.

    Attributes:
        name: Its classification.
        properties: Its settings; of an `*-env`, those of its nested `export`.
    """

    name: str
    properties: Mapping[str, str]


def read(path: Path) -> list[Classification]:
    """Read `configuration.json`; nothing when there is none.

    Raises:
        SubmitError: It is not what the container accepts.
    """
    if not path.exists():
        return []
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise SubmitError(_STEP, error) from error
    return [_classification(one) for one in (content if isinstance(content, list) else [content])]


def bring(one: Classification, folder: Path, fetch: Fetch) -> Classification:
    """Replace the S3 URIs that Spark is to read by files of this machine.

    Args:
        one: The user's settings.
        folder: Where objects are put.
        fetch: Downloads an object: bucket, key, path.
    """
    if one.name != "spark-defaults":
        return one
    brought = {
        name: ",".join(
            _brought(name, item.strip(), folder / name / str(at), fetch)
            for at, item in enumerate(one.properties[name].split(","))
        )
        for name in (*_FILE_LISTS, _ARCHIVES)
        if name in one.properties
    }
    return Classification(one.name, {**one.properties, **brought})


def _brought(name: str, item: str, folder: Path, fetch: Fetch) -> str:
    if not is_s3(item):
        return item
    if name != _ARCHIVES:
        return download(item, folder, fetch)
    # Spark itself unpacks an archive into the folder that is named after the '#'.
    uri, sign, place = item.partition("#")
    return download(uri, folder, fetch) + sign + place


def write(
    folder: Path,
    classifications: Sequence[Classification],
    event_logs: Path | None,
    placement: Placement,
    note: Callable[[str], None],
) -> dict[str, str]:
    """Write Spark's configuration folder.

    Args:
        folder: The folder, made when missing.
        classifications: The user's settings, in order.
        event_logs: Where Spark writes its event logs; None for no event logs.
        placement: Where Spark runs.
        note: Told what has no effect here.

    Returns:
        The settings in `spark-defaults.conf`.

    Raises:
        SubmitError: YARN would refuse the executors that the user asks for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {"log4j2.properties": [_LOGGING]}
    user: dict[str, str] = {}
    for one in classifications:
        if one.name == "spark-defaults":
            user |= one.properties
        elif one.name in _WITHOUT_EFFECT:
            note(f"Classification {one.name} {_WITHOUT_EFFECT[one.name]}")
        else:
            lines.setdefault(_FILES[one.name], []).extend(_lines(one))
    if all(one.name != "yarn-site" for one in classifications):
        placement.check(user)
    defaults = {**placement.settings_before(), **user}
    defaults |= placement.settings_after(user, defaults, note)
    defaults |= _event_logs(defaults, event_logs, note)
    lines[_DEFAULTS] = _conf(defaults)
    for name, content in lines.items():
        text = "".join(content)
        (folder / name).write_text(_XML.format(properties=text) if name.endswith("xml") else text)
    return defaults


def _classification(entry: Mapping[str, Any]) -> Classification:
    name = entry.get("Classification")
    known = sorted([*_FILES, *_WITHOUT_EFFECT])
    if name not in known:
        raise _wrong(f"Invalid classification: {name}. Must be one of {known}")
    if "Properties" not in entry:
        raise _wrong(f"Classification {name} has no Properties: an empty object is enough")
    if not name.endswith("-env"):
        return Classification(name, _texts(entry["Properties"]))
    nested = entry.get("Configurations") or ()
    if not nested:
        raise _wrong("'env' classifications require a sub-configuration.")
    if any(one.get("Classification") != "export" for one in nested):
        raise _wrong("env classifications must use the 'export' sub-classification.")
    if any("Properties" not in one for one in nested):
        raise _wrong(f"The export of classification {name} has no Properties")
    exported = {key: value for one in nested for key, value in one["Properties"].items()}
    return Classification(name, _texts(exported))


def _texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """The properties with numbers and booleans written as the container writes them."""
    return {key: str(value) for key, value in properties.items()}


def _wrong(message: str) -> SubmitError:
    return SubmitError(_STEP, ValueError(message))


def _lines(one: Classification) -> list[str]:
    form = "{0}={1}\n"
    if one.name.endswith("-env"):
        form = "export {0}={1}\n"
    elif one.name.endswith("-site"):
        form = "<property><name>{0}</name><value>{1}</value></property>\n"
    return [form.format(key, value) for key, value in one.properties.items()]


def _conf(settings: Mapping[str, str]) -> list[str]:
    return [f"{key} {value}\n" for key, value in settings.items()]


def _event_logs(
    settings: Mapping[str, str], folder: Path | None, note: Callable[[str], None]
) -> dict[str, str]:
    """The container's settings, which come after the user's; or the user's, which need S3."""
    if folder:
        return {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{folder}"}
    if not is_s3(settings.get("spark.eventLog.dir", "")):
        return {}
    note("No event log here: spark.eventLog.dir is on S3, and Spark here writes no objects")
    return {"spark.eventLog.enabled": "false"}
