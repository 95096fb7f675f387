import json
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs.spark.configuration import (
    Classification,
    bring,
    read,
    write,
)
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError
from cdk_sagemaker_processing.local.jobs.spark.placement import Placement


def ignore(_text: str) -> None:
    """For tests that do not look at what is noted."""


def written(tmp_path: Path, *entries: dict[str, Any], event_logs: Path | None = None) -> Path:
    """Write Spark's configuration folder from a configuration.json of these entries."""
    source = tmp_path / "configuration.json"
    source.write_text(json.dumps(entries))
    write(tmp_path / "conf", read(source), event_logs, Placement(), ignore)
    return tmp_path / "conf"


def defaults(folder: Path) -> dict[str, str]:
    """What spark-defaults.conf sets."""
    lines = (folder / "spark-defaults.conf").read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)


def test_without_configuration_one_machine_is_set_up(tmp_path: Path) -> None:
    """No web page, only this machine's own address, and a bounded memory."""
    write(tmp_path, read(tmp_path / "configuration.json"), None, Placement(), ignore)
    found = defaults(tmp_path)
    assert found["spark.ui.enabled"] == "false"
    assert found["spark.driver.bindAddress"] == "127.0.0.1"
    assert found["spark.driver.memory"].endswith("m")
    assert "spark.eventLog.enabled" not in found


def test_the_users_settings_are_kept_but_for_what_one_machine_needs(tmp_path: Path) -> None:
    """spark-defaults reach Spark; what would open a port or lose the event log does not."""
    settings = {
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.extraJavaOptions": "-Da=b -Dc=d",
        "spark.ui.enabled": "true",
        "spark.eventLog.enabled": "false",
    }
    folder = written(
        tmp_path,
        {"Classification": "spark-defaults", "Properties": settings},
        event_logs=Path("/tmp/spark-events"),  # noqa: S108 # the job's own
    )
    found = defaults(folder)
    assert found["spark.sql.shuffle.partitions"] == "4"
    assert found["spark.driver.extraJavaOptions"] == "-Da=b -Dc=d"
    assert found["spark.ui.enabled"] == "false"
    assert found["spark.eventLog.enabled"] == "true"
    assert found["spark.eventLog.dir"] == "file:///tmp/spark-events"


def test_every_file_classification_lands_in_its_file(tmp_path: Path) -> None:
    """Environment exports, metrics and Hadoop's core-site."""
    folder = written(
        tmp_path,
        {
            "Classification": "spark-env",
            "Properties": {},
            "Configurations": [{"Classification": "export", "Properties": {"A": "1"}}],
        },
        {
            "Classification": "hadoop-env",
            "Properties": {},
            "Configurations": [{"Classification": "export", "Properties": {"B": "2"}}],
        },
        {"Classification": "spark-metrics", "Properties": {"m": "1"}},
        {"Classification": "core-site", "Properties": {"fs.x": "y"}},
    )
    assert (folder / "spark-env.sh").read_text() == "export A=1\nexport B=2\n"
    assert (folder / "metrics.properties").read_text() == "m=1\n"
    assert "<name>fs.x</name><value>y</value>" in (folder / "core-site.xml").read_text()


def test_numbers_and_booleans_are_written_as_the_container_writes_them(tmp_path: Path) -> None:
    """As Python does, which Spark reads."""
    settings = {"spark.a": 2, "spark.b": True, "spark.driver.memory": 1024}
    found = defaults(
        written(tmp_path, {"Classification": "spark-defaults", "Properties": settings})
    )
    assert (found["spark.a"], found["spark.b"]) == ("2", "True")


def test_event_logs_that_go_to_s3_by_spark_itself_are_left_out(tmp_path: Path) -> None:
    """Spark here has no file system for S3, and would end the job at its start."""
    settings = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": "s3a://logs/"}
    entry = {"Classification": "spark-defaults", "Properties": settings}
    assert defaults(written(tmp_path, entry))["spark.eventLog.enabled"] == "false"
    kept = {**settings, "spark.eventLog.dir": "file:///tmp/logs"}
    entry = {"Classification": "spark-defaults", "Properties": kept}
    assert defaults(written(tmp_path, entry))["spark.eventLog.enabled"] == "true"


def test_what_spark_reads_on_s3_is_brought_here(tmp_path: Path) -> None:
    """A list that moved to the configuration is downloaded as an option's is; the rest stays."""

    def fetch(bucket: str, key: str, path: Path) -> None:
        path.write_text(f"{bucket}/{key}")

    settings = {
        "spark.jars": "s3://deps/x/a.jar,/opt/b.jar, s3a://deps/y/a.jar",
        "spark.x": "s3://y",
        "spark.archives": "s3://deps/data.zip#data",
    }

    found = bring(Classification("spark-defaults", settings), tmp_path, fetch).properties

    first, second, third = map(Path, found["spark.jars"].split(","))
    assert (first.name, first.read_text()) == ("a.jar", "deps/x/a.jar")
    assert second == Path("/opt/b.jar")
    assert (third.name, third.read_text()) == ("a.jar", "deps/y/a.jar")
    assert found["spark.archives"].endswith("/data.zip#data")
    assert found["spark.x"] == "s3://y"
    other = Classification("spark-metrics", settings)
    assert bring(other, tmp_path, fetch) == other


def test_a_single_object_is_a_configuration_too(tmp_path: Path) -> None:
    """The container takes one object in the place of a list."""
    source = tmp_path / "configuration.json"
    source.write_text('{"Classification": "spark-defaults", "Properties": {"a": "b"}}')
    (one,) = read(source)
    assert (one.name, one.properties) == ("spark-defaults", {"a": "b"})


def test_what_has_no_effect_is_noted(tmp_path: Path) -> None:
    """Classifications and settings of YARN, HDFS and Hive are named, not ignored in silence."""
    source = tmp_path / "configuration.json"
    entries = [
        {"Classification": "yarn-site", "Properties": {"a": "b"}},
        {"Classification": "spark-log4j", "Properties": {"rootLogger.level": "warn"}},
        {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}},
    ]
    source.write_text(json.dumps(entries))
    noted: list[str] = []
    write(tmp_path / "conf", read(source), None, Placement(), noted.append)
    assert noted == [
        "Classification yarn-site has no effect here: there is no YARN, HDFS or Hive",
        (
            "Classification spark-log4j has no effect, here as on AWS: the container writes "
            "log4j.properties, and Spark reads log4j2.properties since 3.3"
        ),
        "Without effect in one process: spark.executor.memory",
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"Classification": "spark", "Properties": {}}, "Invalid classification: spark"),
        ({"Properties": {}}, "Invalid classification: None"),
        ({"Classification": "spark-defaults"}, "has no Properties"),
        ({"Classification": "spark-env", "Properties": {"A": "1"}}, "require a sub-configuration"),
        (
            {
                "Classification": "spark-env",
                "Properties": {},
                "Configurations": [{"Classification": "spark-env", "Properties": {}}],
            },
            "must use the 'export' sub-classification",
        ),
        (
            {
                "Classification": "spark-env",
                "Properties": {},
                "Configurations": [{"Classification": "export"}],
            },
            "The export of classification spark-env has no Properties",
        ),
    ],
)
def test_what_the_container_refuses_is_refused(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    """The same mistakes fail here and there."""
    with pytest.raises(SubmitError, match=said):
        written(tmp_path, entry)


def test_no_json_is_refused(tmp_path: Path) -> None:
    """A file that is not JSON says where it is wrong."""
    (tmp_path / "configuration.json").write_text("[")
    with pytest.raises(SubmitError, match="line 1 column 2"):
        read(tmp_path / "configuration.json")
