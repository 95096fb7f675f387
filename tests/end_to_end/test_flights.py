"""The example, deployed by the CDK CLI and run for real."""

from pathlib import Path

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of
from tests.stacks.flights_figures import check_outputs

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.local_cloud


@pytest.fixture(scope="module")
def flights(cloud: Cloud) -> Execution:
    """A run of the flights pipeline."""
    return cloud.run(cloud.deploy(ROOT, "Flights"), "flights_1.of-today")


def test_it_succeeds_with_all_three_jobs(flights: Execution) -> None:
    """One job a step, in the chain's order, though the execution's name holds what no job's may."""
    assert flights.status == "SUCCEEDED", flights.cause
    assert [job["ProcessingJobStatus"] for job in flights.jobs] == ["Completed"] * 3
    assert [job["ProcessingJobName"].split("-")[0] for job in flights.jobs] == [
        "split",
        "features",
        "delays",
    ]


def test_its_figures_are_those_that_pandas_finds(
    cloud: Cloud, flights: Execution, tmp_path: Path
) -> None:
    """Every table it wrote, against figures computed from the raw data by other means."""
    split, features, delays = flights.jobs

    check_outputs(
        cloud.download(output_of(split, "train"), tmp_path / "train"),
        cloud.download(output_of(split, "test"), tmp_path / "test"),
        cloud.download(output_of(features, "features"), tmp_path / "features"),
        cloud.download(output_of(delays, "delays"), tmp_path / "delays"),
    )


def test_both_spark_steps_leave_an_event_log(cloud: Cloud, flights: Execution) -> None:
    """Flat in one prefix, each a file that ends with the application's end."""
    uri = output_of(flights.jobs[1], "spark-event-logs")

    started = flights.description["startDate"]
    logs = cloud.objects(uri, started, flights.description["stopDate"])

    assert len(logs) == 2
    for log in logs:
        last = cloud.read(uri + log).strip().splitlines()[-1]
        assert '"SparkListenerApplicationEnd"' in last
