"""Runs the flights jobs for the tests, in the environments of the local cloud."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.local.jobs.environments import Environment
from stacks import flights

JOBS = Path(flights.__file__).parent / "jobs"


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the flights jobs in their environments, on folders of the test's choice.

    Args:
        sklearn: The environment of the SKLearn step.
        spark: The environment of the Spark steps.
        packages: The zip of ``flightlib``, as ``submit_py_files`` makes it.
    """

    sklearn: Environment
    spark: Environment
    packages: Path

    def split(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run split.py."""
        return run(self.sklearn, [self.sklearn.python, JOBS / "split.py", *arguments])

    def features(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run features.py."""
        return self._spark_submit("--py-files", self.packages, JOBS / "features.py", *arguments)

    def delays(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the Spark jar."""
        jar = JOBS / "delays/delays.jar"
        return self._spark_submit("--class", "flights.Delays", jar, *arguments)

    def build(self, jar: Path) -> subprocess.CompletedProcess[str]:
        """Build the Spark jar anew."""
        return run(self.spark, [self.spark.python, JOBS / "delays/build.py", "--jar", jar])

    def _spark_submit(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        submit = Path(self.spark.variables["SPARK_HOME"]) / "bin/spark-submit"
        local = ["--master", "local[2]", "--conf", "spark.ui.enabled=false"]
        return run(self.spark, [submit, *local, *arguments])


def run(
    environment: Environment, command: Sequence[str | Path]
) -> subprocess.CompletedProcess[str]:
    """Run a command in an environment and keep what it prints."""
    variables = {
        **environment.variables,
        "PYTHONDONTWRITEBYTECODE": "1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    return subprocess.run(command, check=False, capture_output=True, text=True, env=variables)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a run of the three jobs has written, and printed.

    Args:
        folder: The folder of the outputs ``train``, ``test``, ``features`` and ``delays``.
        printed: What each job printed, by the job's name.
    """

    folder: Path
    printed: dict[str, str]
