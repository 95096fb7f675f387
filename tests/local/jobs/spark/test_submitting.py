"""`smspark-submit` in this process, on one host and on several, with a stand-in for Spark."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from cdk_sagemaker_processing.local.jobs.spark import placement
from cdk_sagemaker_processing.local.jobs.spark import submit as program
from cdk_sagemaker_processing.local.jobs.spark.arguments import Arguments, parse
from cdk_sagemaker_processing.local.jobs.spark.cluster import Cluster, leading
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError
from tests.local.jobs.spark.fake_spark import FakeSpark, own_address
from tests.waiting import until

_FIRST, _SECOND = own_address(3), own_address(4)


@dataclass(frozen=True, slots=True)
class Host:
    """What a job's host holds where the program looks for it.

    Attributes:
        folder: Everything is in it.
        spark: The stand-in for Spark.
    """

    folder: Path
    spark: FakeSpark

    def describe(self, cluster: Cluster, **resources: Any) -> None:
        """Write what SageMaker tells a job of itself."""
        (self.folder / "resourceconfig.json").write_text(
            json.dumps({"current_host": cluster.host, "hosts": list(cluster.hosts)})
        )
        described = {"InstanceType": "ml.m5.xlarge", **resources}
        content = {"ProcessingResources": {"ClusterConfig": described}}
        (self.folder / "processingjobconfig.json").write_text(json.dumps(content))

    def configure(self, **properties: str) -> None:
        """Write the user's settings of Spark."""
        content = [{"Classification": "spark-defaults", "Properties": properties}]
        (self.folder / "configuration.json").write_text(json.dumps(content))

    @property
    def settings(self) -> dict[str, str]:
        """What Spark was configured with."""
        lines = (self.folder / "conf" / "spark-defaults.conf").read_text().splitlines()
        return dict(line.split(" ", 1) for line in lines)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """The only host of a job; what it does on SIGTERM is undone at the end."""
    spark = FakeSpark(tmp_path / "spark")
    spark.install()
    monkeypatch.setenv("SPARK_HOME", str(spark.home))
    monkeypatch.delenv("AWS_SPARK_CONFIG_MODE", raising=False)
    places = {
        "_MESSAGE": "message",
        "_CONFIGURATION": "configuration.json",
        "_JOB": "processingjobconfig.json",
        "_RESOURCES": "resourceconfig.json",
        "_SPARK_CONF": "conf",
        "_EVENT_LOGS": "events",
        "_DOWNLOADS": "downloads",
        "_WORK": "work",
    }
    for constant, name in places.items():
        monkeypatch.setattr(program, constant, tmp_path / name)
    made = Host(tmp_path, spark)
    made.describe(Cluster("algo-1", ("algo-1",)))
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield made
    signal.signal(signal.SIGTERM, before)


def test_one_host_runs_everything_in_one_process(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the command line in the container's order; the log shows it."""
    program.submit(parse(["--class", "a.Main", "--verbose", "/app.jar", "one", "two words"]))
    command, variables = host.spark.told("spark-submit")
    assert command == [
        *["--master", f"local[{program.cores()}]", "--deploy-mode", "client"],
        *["--class", "a.Main", "--verbose", "/app.jar", "one", "two words"],
    ]
    assert variables == {"SPARK_CONF_DIR": f"{host.folder}/conf", "SPARK_LOCAL_IP": "127.0.0.1"}
    log = capsys.readouterr().out
    assert "smspark-submit: Spark event log not enabled.\n" in log
    assert f"smspark-submit: running {host.spark.home}/bin/spark-submit --master 'local[" in log


@pytest.mark.parametrize(
    ("resources", "parallelism"),
    [
        ({"InstanceType": "ml.m5.xlarge"}, "8"),
        ({"InstanceType": "ml.m5.xlarge", "SelectedInstanceType": "ml.m5.2xlarge"}, "16"),
    ],
)
def test_the_instance_that_was_found_counts(
    host: Host, resources: dict[str, str], parallelism: str
) -> None:
    """Of several types that a job may have, the one that it got."""
    host.describe(Cluster("algo-1", ("algo-1",)), **resources)
    program.submit(Arguments("/app.py"))
    assert host.settings["spark.default.parallelism"] == parallelism


def test_the_user_s_settings_reach_spark(host: Host) -> None:
    """What lies on S3 is fetched first."""
    fetched: list[tuple[str, str]] = []

    def fetch(bucket: str, key: str, path: Path) -> None:
        fetched.append((bucket, key))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    host.configure(**{"spark.jars": "s3://deps/a.jar", "spark.sql.ansi.enabled": "true"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "_fetch", fetch)
        program.submit(Arguments("s3://code/app.py"))
    assert fetched == [("deps", "a.jar"), ("code", "app.py")]
    assert host.settings["spark.sql.ansi.enabled"] == "true"
    assert host.settings["spark.jars"].startswith(f"{host.folder}/downloads/spark.jars/")


def test_event_logs_come_to_their_folder_though_spark_fails(host: Host) -> None:
    """The failure is what is told."""
    target = f"{host.folder}/copied/"
    word = f"log {host.folder}/events"
    with pytest.raises(SubmitError) as caught:
        program.submit(Arguments("/app.py", (word,), event_logs_dir=target))
    assert caught.value.exit_code == 9
    assert Path(target, "app-1").read_text() == "events"
    assert host.settings["spark.eventLog.dir"] == f"file://{host.folder}/events"


@pytest.mark.parametrize(
    ("word", "code"), [("fail", 9), ("die", 128 + signal.SIGKILL), ("stop", 4)]
)
@pytest.mark.usefixtures("host")
def test_spark_s_failure_is_the_program_s(word: str, code: int) -> None:
    """By itself, by a signal, or as it is stopped: SIGTERM goes on to Spark, which ends well."""
    with pytest.raises(SubmitError, match="spark failed with a non-zero exit code") as caught:
        program.submit(Arguments("/app.py", (word,)))
    assert caught.value.exit_code == code


@pytest.mark.parametrize("word", ["s3://logs/", "s3://"])
def test_event_logs_straight_to_s3_are_refused(host: Host, word: str) -> None:
    """Before anything runs."""
    with pytest.raises(SubmitError, match="use --local-spark-event-logs-dir"):
        program.submit(Arguments("/app.py", event_logs_s3_uri=word))
    assert host.spark.told("spark-submit") is None


@pytest.mark.parametrize("mode", ["0", "3", ""])
def test_an_unknown_mode_is_refused(host: Host, monkeypatch: Any, mode: str) -> None:
    """Before anything runs."""
    monkeypatch.setenv("AWS_SPARK_CONFIG_MODE", mode)
    with pytest.raises(SubmitError, match=f"AWS_SPARK_CONFIG_MODE must be 1 or 2, got {mode}$"):
        program.submit(Arguments("/app.py"))
    assert host.spark.told("spark-submit") is None


@pytest.mark.parametrize(
    ("words", "code"), [(["/app.py"], 0), (["/app.py", "fail"], 9), (["--conf", "/app.py"], 1)]
)
def test_the_program_ends_with_a_code_and_leaves_a_message(
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
) -> None:
    """The message is what DescribeProcessingJob tells; the log has it as well."""
    monkeypatch.setattr(sys, "argv", ["smspark-submit", *words])
    with pytest.raises(SystemExit) as caught:
        program.main()
    assert caught.value.code == code
    message, log = host.folder / "message", capsys.readouterr().out
    assert message.exists() is (code != 0)
    if code:
        assert f"smspark-submit: exiting with code {code}: {message.read_text()}" in log


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with memory for the executors of one host."""
    monkeypatch.setattr(placement, "workers", lambda _hosts: 1)


@pytest.mark.usefixtures("workers")
def test_the_first_of_several_hosts_leads_a_cluster(
    host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its application is told of the master, what its executors write is shown."""
    host.describe(Cluster(_FIRST, (_FIRST, _SECOND)))
    program.submit(Arguments("/app.py"))
    command, variables = host.spark.told("spark-submit")
    assert command[:2] == ["--master", f"spark://{_FIRST}:7077"]
    assert variables["SPARK_LOCAL_IP"] == _FIRST
    assert not host.spark.runs("Master")
    assert "This machine has the memory for executors on 1 hosts of 2" in capsys.readouterr().out


def _lead(cluster: Cluster, folder: Path, over: threading.Event) -> None:
    with leading(cluster, {"PATH": "/usr/bin:/bin"}, 4, folder):
        assert over.wait(60)


@pytest.mark.parametrize("works", [True, False])
def test_another_host_works_until_the_first_has_ended(
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    works: bool,
) -> None:
    """With a worker if the machine has the memory; nothing of its own is submitted."""
    monkeypatch.setattr(placement, "workers", lambda hosts: hosts if works else 1)
    host.describe(Cluster(_SECOND, (_FIRST, _SECOND)))
    over = threading.Event()
    leader = FakeSpark(host.folder / "leader")
    said: list[str] = []

    def note(line: str) -> None:
        said.append(line)
        if works:
            until(lambda: host.spark.told("Worker"))
        over.set()

    # The leader's programs are its own, as on its own host.
    leader.install()
    monkeypatch.setenv("SPARK_HOME", str(leader.home))
    leads = threading.Thread(
        target=_lead, args=(Cluster(_FIRST, (_FIRST, _SECOND)), host.folder / "leads", over)
    )
    leads.start()
    until(lambda: leader.told("Worker"))
    monkeypatch.setenv("SPARK_HOME", str(host.spark.home))
    monkeypatch.setattr(program, "_note", note)
    program.submit(Arguments("/app.py"))
    leads.join(60)
    assert said == [f"waiting for {_FIRST} to end"]
    assert host.spark.told("spark-submit") is None
    assert (host.spark.told("Worker") is not None) is works
    assert ("executor 0: a task ran\n" in capsys.readouterr().out) is works
    if works:
        assert not host.spark.runs("Worker")


@pytest.mark.usefixtures("host")
def test_what_lies_on_s3_is_fetched_by_the_job_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its role, to the folder of downloads."""
    asked: list[tuple[str, ...]] = []

    class Client:
        """S3 for one object."""

        def download_file(self, bucket: str, key: str, place: str) -> None:
            """Write it."""
            asked.append((bucket, key))
            Path(place).write_text("print()")

    monkeypatch.setattr(boto3, "client", lambda service: {"s3": Client}[service]())
    place = Path(program._DOWNLOADS)
    program.submit(Arguments("s3://code/v1/app.py"))
    assert asked == [("code", "v1/app.py")]
    (found,) = place.rglob("app.py")
    assert found.read_text() == "print()"
