import pytest

from cdk_sagemaker_processing.local.jobs.spark.cluster import Cluster
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError
from cdk_sagemaker_processing.local.jobs.spark.instance_types import InstanceType, instance_type
from cdk_sagemaker_processing.local.jobs.spark.placement import Placement

TWO = Cluster("algo-1", ("algo-1", "algo-2"))
M5 = instance_type("ml.m5.xlarge")
BIG = InstanceType(16, 64 * 1024)


def executors(placement: Placement, **user: str) -> dict[str, str]:
    """What is said of executors in the end, with settings of the user's: `memory` and so on."""
    own = {f"spark.executor.{name}": value for name, value in user.items()}
    settings = {**placement.settings_before(), **own}
    settings |= placement.settings_after(own, settings, print)
    names = ("spark.executor.cores", "spark.executor.instances", "spark.cores.max")
    return {name: settings[name] for name in names}


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [("1", M5, ("4", "2", "16")), ("1", BIG, ("16", "2", "64")), ("2", BIG, ("5", "6", "60"))],
)
def test_executors_are_the_containers(
    mode: str, kind: InstanceType, expected: tuple[str, str, str]
) -> None:
    """Mode 1: one an instance with all its cores. Mode 2: of five cores, one core kept back."""
    found = Placement(TWO, kind, mode).settings_before()
    names = ("cores", "instances")
    own = (*(found[f"spark.executor.{name}"] for name in names), found["spark.default.parallelism"])
    assert own == expected


def test_a_cluster_runs_the_executors_that_were_asked_for() -> None:
    """As many as YARN would find room for, each with its cores."""
    place = Placement(TWO, M5)
    assert executors(place)["spark.cores.max"] == "8"
    assert executors(place, cores="2", instances="3")["spark.cores.max"] == "6"
    assert executors(place, cores="2", instances="30")["spark.cores.max"] == "8"
    assert executors(place, instances="1")["spark.cores.max"] == "4"


def test_one_process_needs_no_executors() -> None:
    """What is said of them has no effect, and is named; the parallelism is the instance's."""
    noted: list[str] = []
    place = Placement(kind=M5, processors=2)
    user = {"spark.executor.memory": "2g", "spark.yarn.x": "y"}
    found = place.settings_after(user, user, noted.append)
    assert place.master == "local[2]"
    assert found["spark.driver.host"] == "localhost"
    assert place.settings_before()["spark.default.parallelism"] == "8"
    assert noted == ["Without effect in one process: spark.executor.memory, spark.yarn.x"]


def test_an_unknown_type_computes_nothing() -> None:
    """Spark's own defaults then stand."""
    assert set(Placement(TWO).settings_before()) == {
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version",
        "spark.rpc.askTimeout",
    }
    assert Placement(TWO).settings_after({}, {}, print)["spark.cores.max"] == "4"


@pytest.mark.parametrize(
    "user",
    [
        {"spark.executor.memory": "16g"},
        {"spark.executor.memory": "15g"},
        {"spark.executor.memory": "8g", "spark.executor.memoryOverhead": "9g"},
    ],
)
def test_executors_larger_than_an_instance_are_refused(user: dict[str, str]) -> None:
    """YARN refuses them on AWS: the job fails here as well."""
    with pytest.raises(SubmitError, match=r"is above the 16384 MB of an instance: YARN refuses"):
        Placement(TWO, M5).check(user)


@pytest.mark.parametrize(
    "user", [{}, {"spark.executor.memory": "14g"}, {"spark.driver.memory": "90g"}]
)
def test_executors_that_fit_an_instance_are_not(user: dict[str, str]) -> None:
    """Whatever this machine has."""
    Placement(TWO, M5).check(user)
    Placement(TWO).check(user | {"spark.executor.memory": "900g"})


def test_the_first_host_by_name_is_the_drivers() -> None:
    """As in the container, which sorts them as text."""
    many = tuple(f"algo-{n}" for n in range(1, 12))
    assert Cluster("algo-1", many).is_primary
    assert not Cluster("algo-11", many).is_primary
    assert Placement(Cluster("algo-2", many)).master == "spark://algo-1:7077"
