"""A cluster's daemons, started and ended; they only look like Spark's."""

import json
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.spark.cluster import (
    ALONE,
    MASTER_PORT,
    Cluster,
    following,
    leading,
    own_variables,
    read,
)
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError
from tests.local.jobs.spark.fake_spark import FakeSpark, own_address
from tests.waiting import until

_VARIABLES = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSpark:
    """A Spark that only looks like one."""
    made = FakeSpark(tmp_path / "spark")
    made.install()
    monkeypatch.setenv("SPARK_HOME", str(made.home))
    return made


@pytest.fixture
def two() -> Cluster:
    """The first of two hosts, which are two addresses of this machine."""
    first, second = own_address(1), own_address(2)
    return Cluster(first, (first, second))


def test_the_hosts_are_those_of_resourceconfig(tmp_path: Path) -> None:
    """In the order of the file."""
    file = tmp_path / "resourceconfig.json"
    file.write_text(json.dumps({"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]}))
    assert read(file) == Cluster("algo-2", ("algo-1", "algo-2"))


def test_a_process_is_known_by_its_host(two: Cluster) -> None:
    """One alone needs nothing but itself: no name that another machine could have."""
    assert own_variables(ALONE) == {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
    }
    host = two.host
    assert own_variables(two) == {"SPARK_LOCAL_IP": host, "SPARK_LOCAL_HOSTNAME": host}


def test_the_first_host_runs_master_and_worker(
    spark: FakeSpark, two: Cluster, tmp_path: Path
) -> None:
    """The worker starts when the master answers; both are ended with the application."""
    work = tmp_path / "work"
    with leading(two, _VARIABLES, 4, work):
        until(lambda: spark.told("Worker"))
        deploy = "org.apache.spark.deploy"
        _, command, memory = spark.told("Master")
        assert (command, memory) == (
            [
                *[f"{deploy}.master.Master", "--host", two.host],
                *["--port", str(MASTER_PORT), "--webui-port", "0"],
            ],
            "256m",
        )
        _, command, memory = spark.told("Worker")
        assert (command, memory) == (
            [
                *[f"{deploy}.worker.Worker", "--host", two.host, "--webui-port", "0"],
                *["--work-dir", str(work), "--cores", "4", "--memory", "1024g", two.master],
            ],
            "256m",
        )
        assert spark.runs("Master")
        assert spark.runs("Worker")
    assert not spark.runs("Master")
    assert not spark.runs("Worker")
    assert (work / "Master.log").read_text() == "started\n"


def test_an_application_that_fails_ends_the_daemons_too(
    spark: FakeSpark, two: Cluster, tmp_path: Path
) -> None:
    """Its error is the one that is told."""

    def fail() -> None:
        with leading(two, _VARIABLES, 4, tmp_path):
            until(lambda: spark.told("Worker"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not spark.runs("Master")
    assert not spark.runs("Worker")


def test_a_master_that_ends_at_once_is_told(spark: FakeSpark, two: Cluster, tmp_path: Path) -> None:
    """By its address; nobody waits for it in vain, and no worker starts."""
    (spark.home / "fails").touch()
    place = rf"{two.host}:{MASTER_PORT} did not come up: .*Connection refused"
    with pytest.raises(SubmitError, match=place), leading(two, _VARIABLES, 4, tmp_path):
        pytest.fail("there is no master")
    assert [file.name for file in tmp_path.glob("*.log")] == ["Master.log"]


def test_the_others_hold_on_to_the_first(spark: FakeSpark, two: Cluster, tmp_path: Path) -> None:
    """As long as it lives; its end is the end of what they read."""
    other = Cluster(two.hosts[1], two.hosts)
    with ExitStack() as held:
        with leading(two, _VARIABLES, 4, tmp_path):
            until(lambda: spark.told("Worker"))
            life = held.enter_context(following(other))
            assert life.gettimeout() is None
            life.setblocking(False)
            with pytest.raises(BlockingIOError):
                life.recv(1)
        life.settimeout(20)
        # Nobody has accepted it: the kernel may say that it was reset.
        with suppress(ConnectionError):
            assert life.recv(1) == b""
