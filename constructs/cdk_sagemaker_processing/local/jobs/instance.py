"""One instance of a job: its data in and out, and its command in a sandbox."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdk_sagemaker_processing.local.jobs.channels import Inputs, Output, outputs_of
from cdk_sagemaker_processing.local.jobs.container import InstanceFolder
from cdk_sagemaker_processing.local.jobs.environments import Environment
from cdk_sagemaker_processing.local.jobs.errors import JobError
from cdk_sagemaker_processing.local.jobs.hosts import HOSTS_FILE, Hosts
from cdk_sagemaker_processing.local.jobs.job import Job
from cdk_sagemaker_processing.local.jobs.logs import JobLog
from cdk_sagemaker_processing.local.jobs.sandbox import Sandbox
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore, StoreError


@dataclass(slots=True)
class Instance:
    """One instance of a job.

    Attributes:
        job: The job's record.
        host: Its name.
        hosts: All instances of the job.
        folder: Where it lives.
        log: Its log.
        store: S3, as the job's role may use it.
        outputs: Its outputs that the service uploads, once it is laid out.
    """

    job: Job
    host: str
    hosts: Hosts
    folder: InstanceFolder
    log: JobLog
    store: ObjectStore
    outputs: Sequence[Output] = ()

    @property
    def position(self) -> int:
        """Which of the instances it is, from 0."""
        return self.hosts.names.index(self.host)

    def lay_out(self, environment: Environment) -> None:
        """Make its folder, and everything that is there before the job's data comes."""
        request = self.job.request
        self.folder.lay_out(request, self.job.arn, environment, self.host, self.hosts)
        self.outputs = outputs_of(request, self.folder.opt_ml)

    def download(self, interrupted: Callable[[], None]) -> None:
        """Bring its inputs.

        Args:
            interrupted: Called between two objects; raises when the job is to stop.

        Raises:
            JobError: Nothing is there, the role may not read it, or no file can be made of it.
        """
        request = self.job.request
        inputs = Inputs(
            self.store,
            self.folder.opt_ml,
            request["RoleArn"],
            interrupted,
            self.position,
            len(self.hosts.names),
        )
        for one in request.get("ProcessingInputs", ()):
            if one.get("AppManaged"):
                continue
            count = inputs.download(one)
            source = (one.get("S3Input") or {}).get("S3Uri")
            self.log.note(f"Input {one['InputName']}: {_count(count, 'object')} from {source}")

    def sandbox(self, visible: Sequence[Path], layer: Path) -> Sandbox:
        """What its command sees.

        Args:
            visible: Paths of this machine that stay visible.
            layer: Where the job's environment expects the instance's layer.
        """
        replaced = {str(HOSTS_FILE): self.folder.hosts} if HOSTS_FILE.exists() else {}
        if self.folder.layer != layer:
            replaced[str(layer)] = self.folder.layer
        return Sandbox(
            self.folder.opt_ml,
            self.folder.temporary,
            homes=self.folder.homes,
            visible=visible,
            replaced=replaced,
            hostname=self.host,
        )

    def upload_continuously(self) -> None:
        """Upload what is new of its Continuous outputs."""
        for output in self.outputs:
            try:
                if output.continuous:
                    output.upload(self.store)
            except (StoreError, OSError) as error:
                # A file may be half written or gone. The upload at the end is the one that counts.
                self.log.note(f"Output {output.name} is not uploaded yet: {error}")

    def upload(self, interrupted: Callable[[], None], *, completed: bool) -> None:
        """Upload its outputs: those at the end of the job only if it completed.

        Args:
            interrupted: Called between two files; raises when the upload is to end.
            completed: Whether the command ended well.

        Raises:
            JobError: S3 refused.
        """
        for output in self.outputs:
            if not completed and not output.continuous:
                continue
            try:
                count = output.upload(self.store, interrupted)
            except StoreError as error:
                raise JobError(f"ClientError: Failed to upload data. {error}") from error
            self.log.note(f"Output {output.name}: {_count(count, 'file')} to {output.uri}")


def overwritten(instances: Sequence[Instance]) -> Iterator[str]:
    """Say which files replaced one another: all instances upload to the same prefix."""
    for number, output in enumerate(instances[0].outputs):
        written: set[str] = set()
        for instance in instances:
            own = instance.outputs[number].uploaded()
            if both := sorted(written & own):
                yield (
                    f"Output {output.name}: {both[0]} and whatever else has the same name on "
                    f"several instances replaced one another ({len(both)} of {instance.host}). "
                    "Name files by the instance, current_host in resourceconfig.json"
                )
            written |= own


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
