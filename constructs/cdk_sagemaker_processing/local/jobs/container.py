"""What a job finds around it, as in SageMaker's container: variables, /opt/ml, configuration."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.disk.folders import remove
from cdk_sagemaker_processing.local.jobs.channels import host_path
from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.environments import Environment
from cdk_sagemaker_processing.local.jobs.errors import JobError
from cdk_sagemaker_processing.local.jobs.hosts import Hosts

_MESSAGE = 1024
_CHANNEL_DEFAULTS = {
    "S3DataDistributionType": "FullyReplicated",
    "S3InputMode": "File",
    "S3CompressionType": "None",
    "S3DownloadMode": "StartOfJob",
}


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """Where one instance of a job lives on this machine.

    Attributes:
        root: The folder, which holds all that the instance sees as its own.
    """

    root: Path

    @property
    def opt_ml(self) -> Path:
        """What it sees as /opt/ml."""
        return self.root / "opt-ml"

    @property
    def temporary(self) -> Path:
        """What it sees as /tmp."""
        return self.root / "tmp"

    @property
    def homes(self) -> Path:
        """What it sees in place of this machine's homes."""
        return self.root / "homes"

    @property
    def commands(self) -> Path:
        """Where the image's own commands stand."""
        return self.root / "bin"

    @property
    def layer(self) -> Path:
        """Its own layer over the job's environment."""
        return self.root / "python"

    @property
    def hosts(self) -> Path:
        """What it sees as /etc/hosts."""
        return self.root / "hosts"

    def lay_out(
        self,
        request: Mapping[str, Any],
        arn: str,
        environment: Environment,
        host: str,
        hosts: Hosts,
    ) -> None:
        """Make everything that is there before the job's data comes.

        Args:
            request: The request.
            arn: The job's ARN.
            environment: What the job runs in.
            host: The instance's name.
            hosts: All instances of the job.
        """
        for name in ("config", "output", "processing"):
            (self.opt_ml / name).mkdir(parents=True, exist_ok=True)
        (self.temporary / "home").mkdir(parents=True)
        self.temporary.chmod(0o1777)
        for one in (request.get("ProcessingOutputConfig") or {}).get("Outputs", ()):
            local = (one.get("S3Output") or {}).get("LocalPath")
            if local:
                # "This directory will be created by the platform": API reference, LocalPath.
                host_path(self.opt_ml, local).mkdir(parents=True, exist_ok=True)
        self._write_configuration(request, arn, {"current_host": host, "hosts": hosts.names})
        self.hosts.write_text(hosts.file())
        self._write_commands(environment)

    def discard_temporary(self) -> None:
        """Remove what the job had in /tmp, and what it installed."""
        remove(self.temporary)
        remove(self.homes)
        remove(self.layer)
        remove(self.commands)
        self.hosts.unlink(missing_ok=True)

    def discard_opt_ml(self) -> None:
        """Remove what the job had in /opt/ml."""
        remove(self.opt_ml)

    def message(self) -> str | None:
        """What the job wrote for DescribeProcessingJob's ExitMessage, its first kilobyte.

        Raises:
            JobError: It is no text.
        """
        path = self.opt_ml / "output" / "message"
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as message:
            return _decode(message.read(_MESSAGE))

    def _write_configuration(
        self, request: Mapping[str, Any], arn: str, resources: Mapping[str, Any]
    ) -> None:
        config = self.opt_ml / "config"
        job = json.dumps(job_configuration(request, arn), indent=4)
        (config / "processingjobconfig.json").write_text(job)
        (config / "resourceconfig.json").write_text(json.dumps(resources))

    def _write_commands(self, environment: Environment) -> None:
        self.commands.mkdir()
        for name, command in environment.commands.items():
            path = self.commands / name
            path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            path.chmod(0o755)


def _decode(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        if error.end == len(message) and error.reason == "unexpected end of data":
            # The first kilobyte ends within a character.
            return message[: error.start].decode()
        raise JobError("ClientError: /opt/ml/output/message is not UTF-8 text") from error


def job_configuration(request: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """The content of /opt/ml/config/processingjobconfig.json.

    The request, with the defaults and the nulls that SageMaker writes for what is left out.
    """
    config = {name: value for name, value in request.items() if name != "Tags"}
    application = {"ContainerEntrypoint": None, "ContainerArguments": None}
    cluster = {"VolumeKmsKeyId": None} | request["ProcessingResources"]["ClusterConfig"]
    return config | {
        "ProcessingJobArn": arn,
        "AppSpecification": application | request["AppSpecification"],
        "Environment": request.get("Environment", {}),
        "ProcessingInputs": [_input(one) for one in request.get("ProcessingInputs", ())],
        "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": None}
        | (request.get("ProcessingOutputConfig") or {}),
        "ProcessingResources": {"ClusterConfig": cluster},
        "StoppingCondition": request.get("StoppingCondition", {"MaxRuntimeInSeconds": 86400}),
    }


def _input(one: Mapping[str, Any]) -> dict[str, Any]:
    channel = one.get("S3Input")
    return dict(one) | ({"S3Input": _CHANNEL_DEFAULTS | channel} if channel else {})


def variables(
    request: Mapping[str, Any],
    environment: Environment,
    commands: Path,
    credentials: Credentials,
    *,
    endpoint_url: str,
    region: str,
    ca_bundle: Path | None,
) -> dict[str, str]:
    """Every environment variable of the job's process: none comes from the host."""
    image = dict(environment.variables)
    image["PATH"] = f"{commands}:{image['PATH']}"
    return (
        image
        | {"HOME": "/tmp/home", "AWS_REGION": region, "AWS_DEFAULT_REGION": region}  # noqa: S108  the sandbox's own /tmp
        | {"AWS_ENDPOINT_URL": endpoint_url}
        | ({"AWS_CA_BUNDLE": str(ca_bundle)} if ca_bundle else {})
        | credentials.variables()
        | dict(request.get("Environment", {}))
    )


def discard_temporary(jobs: Path) -> None:
    """Remove what jobs that nobody ended had beside /opt/ml.

    Args:
        jobs: The folder of the jobs' folders.
    """
    for root in jobs.glob("*"):
        for folder in (root, *root.glob("algo-*")):
            InstanceFolder(folder).discard_temporary()
