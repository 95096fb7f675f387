"""How long it takes from saving a script until `local watch` has its job running."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Beside, Figure
from cdk_sagemaker_processing.local import LocalCloud

__all__ = ["of_saving"]

_COMMAND = (sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()")
_SCRIPT = "noop.py"
_MOST_SECONDS = 2
_LOOK_SECONDS = 0.01
_GIVE_UP_SECONDS = 300
_READY = "Watching"


def of_saving(cloud: LocalCloud, app: Path, place: Path, saves: int) -> list[Figure]:
    """Measure how soon a job of the app's first step runs what was saved.

    Args:
        cloud: The cloud to do it in.
        app: An app whose steps run `noop.py`; it is copied, to be edited.
        place: A folder for the copy.
        saves: How often it is saved.
    """
    copied = place / "app"
    shutil.copytree(app, copied)
    seconds = []
    with _watching(cloud, copied) as wait:
        wait()
        for number in range(saves):
            seconds.append(_save(cloud, copied / _SCRIPT, f"# edited {number}\n"))
            wait()
    most = Beside("what is promised at most", _MOST_SECONDS, at_most=1)
    of = "a script that is edited under local watch"
    return [
        Figure(of, "from saving it to its job's start", statistics.median(seconds), beside=most)
    ]


def _save(cloud: LocalCloud, script: Path, line: str) -> float:
    """Save it, and return how long it took until one job more had begun."""
    sagemaker = cloud.client("sagemaker")
    before = _jobs(sagemaker)
    begun = time.perf_counter()
    script.write_text(line)
    while not _begun(sagemaker, before):
        if time.perf_counter() - begun > _GIVE_UP_SECONDS:
            raise TimeoutError("no job ran what was saved")
        time.sleep(_LOOK_SECONDS)
    return time.perf_counter() - begun


def _jobs(sagemaker: Any) -> set[str]:
    listed = sagemaker.list_processing_jobs(MaxResults=100)["ProcessingJobSummaries"]
    return {one["ProcessingJobName"] for one in listed}


def _begun(sagemaker: Any, before: set[str]) -> bool:
    return any(
        "ProcessingStartTime" in sagemaker.describe_processing_job(ProcessingJobName=name)
        for name in _jobs(sagemaker) - before
    )


@contextmanager
def _watching(cloud: LocalCloud, app: Path) -> Iterator[Callable[[], None]]:
    """Watch the app; give what waits until the watch says again that it waits."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(
        [*_COMMAND, "local", "watch", str(app), "--step", "First"],
        env=around | cloud.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:

        def wait() -> None:
            assert process.stdout  # noqa: S101 - it was asked for
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith(_READY):
                    return
            raise RuntimeError("".join(lines))

        try:
            yield wait
        finally:
            process.terminate()
