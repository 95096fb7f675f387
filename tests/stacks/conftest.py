"""The environments that the flights jobs ask for, and one run of the jobs for all tests."""

import shutil
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.jobs.environments import Environments
from stacks.flights.data import flights_file
from tests.stacks.flights_runner import JOBS, Outputs, Runner

REGISTRY = "dkr.ecr.us-east-1.amazonaws.com"
SKLEARN_IMAGE = f"683313688378.{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3"
SPARK_IMAGE = f"173754725891.{REGISTRY}/sagemaker-spark-processing:3.5-cpu"


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Prepare the environments, on the first run of a machine from PyPI."""
    environments = Environments()
    packages = tmp_path_factory.mktemp("packages") / "flightlib"
    return Runner(
        sklearn=environments.prepare(SKLEARN_IMAGE, print),
        spark=environments.prepare(SPARK_IMAGE, print),
        packages=Path(shutil.make_archive(str(packages), "zip", JOBS, "flightlib")),
    )


@pytest.fixture(scope="session")
def outputs(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    """Run the three jobs, one after the other, on all of the flights."""
    folder = tmp_path_factory.mktemp("outputs")
    train, test = folder / "train", folder / "test"
    flights = tmp_path_factory.mktemp("flights")
    shutil.copy(flights_file(), flights)
    parts: list[str | Path] = ["--train", train, "--test", test]
    done = {
        "split": runner.split("--flights", flights, "--train-test-split-ratio", "0.2", *parts),
        "features": runner.features("--run", "a-run", *parts, "--features", folder / "features"),
        "delays": runner.delays(folder / "delays", train, test),
    }
    for job, process in done.items():
        assert process.returncode == 0, f"{job}: {process.stdout}{process.stderr}"
    return Outputs(folder, {job: process.stdout for job, process in done.items()})
