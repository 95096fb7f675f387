"""The user's `configuration.json`, written where Spark on one machine looks for it."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failures import SubmitError

_STEP = "error running Spark job"
_DEFAULTS = "spark-defaults.conf"
_ENV = "spark-env.sh"
# Which file of Spark's configuration folder a classification goes to.
_FILES = {
    "spark-defaults": _DEFAULTS,
    "spark-env": _ENV,
    "hadoop-env": _ENV,
    "spark-log4j": "log4j2.properties",
    "spark-metrics": "metrics.properties",
    "core-site": "core-site.xml",
}
_WITHOUT_EFFECT = (
    "hadoop-log4j",
    "hive-env",
    "hive-exec-log4j",
    "hive-log4j",
    "hive-site",
    "spark-hive-site",
    "yarn-env",
    "yarn-site",
)
# What the container sets for every job, then what one machine needs. The user's settings follow.
_BEFORE = {
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.rpc.askTimeout": "300s",
}
_AFTER = {
    # A web page of each job would listen on a port that nobody was told of.
    "spark.ui.enabled": "false",
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
}
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
_UNITS = {"": 1, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024 * 1024}
_LEAST_MEMORY, _USUAL_MEMORY = 1024, 4096
_MOST_OF_THE_MACHINE = 0.6


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


def write(
    folder: Path,
    classifications: Sequence[Classification],
    event_logs: Path | None,
    note: Callable[[str], None],
) -> None:
    """Write Spark's configuration folder.

    Args:
        folder: The folder, made when missing.
        classifications: The user's settings, in order.
        event_logs: Where Spark writes its event logs; None for no event logs.
        note: Told what has no effect here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[str, list[str]] = {"log4j2.properties": [_LOGGING]}
    defaults = dict(_BEFORE)
    for one in classifications:
        if one.name == "spark-defaults":
            defaults |= one.properties
        elif one.name in _WITHOUT_EFFECT:
            note(f"Classification {one.name} has no effect here: there is no YARN, HDFS or Hive")
        else:
            lines.setdefault(_FILES[one.name], []).extend(_lines(one))
    lines[_DEFAULTS] = _conf(_local(defaults, event_logs, note))
    for name, content in lines.items():
        text = "".join(content)
        (folder / name).write_text(_XML.format(properties=text) if name.endswith("xml") else text)


def _classification(entry: Mapping[str, Any]) -> Classification:
    name = entry.get("Classification")
    known = sorted([*_FILES, *_WITHOUT_EFFECT])
    if name not in known:
        raise _wrong(f"Invalid classification: {name}. Must be one of {known}")
    if "Properties" not in entry:
        raise _wrong(f"Classification {name} has no Properties: an empty object is enough")
    if not name.endswith("-env"):
        return Classification(name, entry["Properties"])
    nested = entry.get("Configurations") or ()
    if not nested:
        raise _wrong("'env' classifications require a sub-configuration.")
    if any(one.get("Classification") != "export" for one in nested):
        raise _wrong("env classifications must use the 'export' sub-classification.")
    exported = {key: value for one in nested for key, value in one["Properties"].items()}
    return Classification(name, exported)


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


def _local(
    settings: Mapping[str, str], event_logs: Path | None, note: Callable[[str], None]
) -> dict[str, str]:
    ignored = sorted(key for key in settings if key.startswith(("spark.yarn.", "spark.executor.")))
    if ignored:
        note(f"Without effect in one process: {', '.join(ignored)}")
    logs = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{event_logs}"}
    memory = driver_memory(settings.get("spark.driver.memory"), note)
    return {
        **settings,
        **_AFTER,
        "spark.driver.memory": f"{memory}m",
        **(logs if event_logs else {}),
    }


def driver_memory(asked: str | None, note: Callable[[str], None]) -> int:
    """Megabytes for Spark's one process: what was asked for, within what the machine has.

    Args:
        asked: The user's `spark.driver.memory`; None for a quarter of the machine, 4 GB at most.
        note: Told when the machine has less than was asked for.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
    most = max(_LEAST_MEMORY, int(machine * _MOST_OF_THE_MACHINE))
    if asked is None:
        return max(_LEAST_MEMORY, min(_USUAL_MEMORY, machine // 4))
    wanted = _megabytes(asked)
    if wanted > most:
        note(f"spark.driver.memory is {asked}, more than this machine can give: {most}m is used")
    return min(wanted, most)


def _megabytes(size: str) -> int:
    parts = re.fullmatch(r"(\d+)\s*([kmgt]?)b?", size.strip().lower())
    if not parts:
        raise _wrong(f"spark.driver.memory is {size}, which is no size: 512m or 4g are")
    return max(1, int(int(parts[1]) * _UNITS[parts[2]]))
