"""A local cloud that goes on by its name, and its record on disk."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.clouds.api import STATUS_PATH, CloudApi
from cdk_sagemaker_processing.local.clouds.starting import LOG, Options
from cdk_sagemaker_processing.local.disk.folders import job_log
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity

__all__ = ["RECORD", "Activity", "NamedCloud", "read", "write"]

RECORD = "cloud.json"
"""The file in a cloud's folder that says what it is."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a cloud does at the moment, in all accounts and regions.

    Attributes:
        executions: How many executions of state machines run.
        jobs: How many processing jobs run.
    """

    executions: int
    jobs: int


@dataclass(frozen=True, slots=True)
class NamedCloud:
    """A local cloud that was started by its name.

    Attributes:
        name: Its name.
        folder: The folder of its record and its home.
        port: Its port on 127.0.0.1.
        options: What it was told at its start.
        since: When it was started last.
        process: Its process; None once it was ended.
    """

    name: str
    folder: Path
    port: int
    options: Options
    since: datetime
    process: ProcessIdentity | None = None

    @property
    def home(self) -> Path:
        """The folder of its files."""
        return self.folder / "home"

    @property
    def log(self) -> Path:
        """The file of what its process wrote."""
        return self.home / LOG

    @property
    def api(self) -> CloudApi:
        """Where it answers."""
        return CloudApi.of_home(self.port, self.home, secure=self.options.enforce_iam)

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.is_running

    @property
    def crashed(self) -> bool:
        """Whether its process ended without being told to."""
        return self.process is not None and not self.process.is_running

    def activity(self) -> Activity | None:
        """Return what it does at the moment; None if it does not answer."""
        try:
            status, body = self.api.get(STATUS_PATH)
            return Activity(**json.loads(body)) if status == HTTPStatus.OK else None
        except (OSError, ValueError, TypeError):
            return None

    def log_file(self, job_name: str) -> Path | None:
        """Return the file of a processing job's whole log, if it has one.

        Args:
            job_name: The job's name.
        """
        if not re.fullmatch(r"[a-zA-Z0-9-]+", job_name):
            return None
        return job_log(self.home, job_name)


def read(folder: Path) -> NamedCloud | None:
    """Return the cloud of a folder, named as it; None if it has no record.

    Args:
        folder: The folder.
    """
    try:
        record: dict[str, Any] = json.loads((folder / RECORD).read_text())
    except (OSError, ValueError):
        return None
    process = record["process"]
    return NamedCloud(
        name=folder.name,
        folder=folder,
        port=record["port"],
        options=Options(**record["options"]),
        since=datetime.fromisoformat(record["since"]),
        process=process and ProcessIdentity(**process),
    )


def write(cloud: NamedCloud) -> None:
    """Write a cloud's record, whole or not at all.

    Args:
        cloud: The cloud.
    """
    record = {
        "port": cloud.port,
        "options": asdict(cloud.options),
        "since": cloud.since.isoformat(),
        "process": cloud.process and asdict(cloud.process),
    }
    file = cloud.folder / RECORD
    staging = file.with_suffix(".tmp")
    staging.write_text(json.dumps(record))
    staging.replace(file)
