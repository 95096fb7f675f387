"""A local cloud that somebody else started and will end, found by its address."""

import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from cdk_sagemaker_processing.local.clouds.answering import AnsweringCloud
from cdk_sagemaker_processing.local.clouds.api import STATUS_PATH, CloudApi
from cdk_sagemaker_processing.local.clouds.record import NamedCloud
from cdk_sagemaker_processing.local.disk.folders import job_log
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.ports import LOOPBACK
from cdk_sagemaker_processing.local.report import Report

__all__ = ["ENDPOINT_VARIABLE", "JoinedCloud"]

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
"""The environment variable that tells AWS's tools where AWS is."""

_TRUST_VARIABLE = "AWS_CA_BUNDLE"


class JoinedCloud(AnsweringCloud):
    """A local cloud that goes on when this object is gone.

    Args:
        api: Where it answers.
        home: The folder of its files; None if that is not known.
        files: A folder for what the CDK CLI reads and writes.
        report: Is told, in short sentences, what is being done.
    """

    def __init__(self, api: CloudApi, *, home: Path | None, files: Path, report: Report) -> None:
        super().__init__(api, files=files, report=report)
        self._home = home

    @classmethod
    def named(cls, cloud: NamedCloud, files: Path, report: Report) -> "JoinedCloud":
        """Join a cloud that was started by its name, and is up.

        Args:
            cloud: The cloud.
            files: A folder for what the CDK CLI reads and writes.
            report: Is told what is being done.
        """
        return cls(cloud.api, home=cloud.home, files=files, report=report)

    @classmethod
    def of_variables(
        cls, files: Path, report: Report, variables: Mapping[str, str] | None = None
    ) -> "JoinedCloud | None":
        """Join the cloud that environment variables point to.

        Args:
            files: A folder for what the CDK CLI reads and writes.
            report: Is told what is being done.
            variables: The variables, as `sagemaker-processing local env` prints them; this
                process's by default.

        Returns:
            None if they point nowhere.

        Raises:
            LocalCloudError: If what they point to is no local cloud that is up.
        """
        variables = os.environ if variables is None else variables
        url = variables.get(ENDPOINT_VARIABLE)
        if not url:
            return None
        api = _api(url, variables)
        if api is None or not _is_ours(api):
            raise LocalCloudError(
                f"{ENDPOINT_VARIABLE} is {url}, and no local cloud answers there: unset it for one "
                'that is started here, or point to one that is up by eval "$(sagemaker-processing '
                'local env)"'
            )
        return cls(api, home=None, files=files, report=report)

    def log_file(self, job_name: str) -> Path | None:
        """Return the file of a processing job's whole log; None if it is not known."""
        return job_log(self._home, job_name) if self._home else None

    def _end(self) -> str | None:
        if self._api.is_ready():
            return None
        return f"the local cloud at {self.endpoint_url} does not answer any more"


def _api(url: str, variables: Mapping[str, str]) -> CloudApi | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.hostname not in {LOOPBACK, "localhost"} or port is None:
        return None
    bundle = variables.get(_TRUST_VARIABLE)
    if parts.scheme == "https":
        return CloudApi(port, Path(bundle)) if bundle else None
    return CloudApi(port)


def _is_ours(api: CloudApi) -> bool:
    try:
        return api.get(STATUS_PATH)[0] == HTTPStatus.OK
    except OSError:
        return False
