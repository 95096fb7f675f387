"""All that a task's containers need before they start."""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.logs import JobLog, LogStreamError
from cdk_sagemaker_processing.local.tasks.container import Program
from cdk_sagemaker_processing.local.tasks.credentials import CredentialsEndpoint, RoleSession
from cdk_sagemaker_processing.local.tasks.definition import Container, Definition, HealthCheck
from cdk_sagemaker_processing.local.tasks.errors import StartError, not_started
from cdk_sagemaker_processing.local.tasks.images import Image, ImageError, Images
from cdk_sagemaker_processing.local.tasks.logs import LogStreams
from cdk_sagemaker_processing.local.tasks.place import Place
from cdk_sagemaker_processing.local.tasks.record import TaskRecord

__all__ = ["Prepared", "Settings", "prepare"]

_NO_ROLE = (
    "ECS was unable to assume the role '{role}' that was provided for this task. Please verify "
    "that the role being passed has the proper trust relationship and permissions and that your "
    "IAM user has permissions to pass this role. ({reason})"
)
_Session = TypeVar("_Session")
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for every task.

    Attributes:
        home: The folder of the tasks' folders.
        endpoint_url: The local cloud's address.
        ca_bundle: The certificates that vouch for it, when it speaks TLS.
        images: Where images come from.
        assume: Gives a session of a task's role, by its ARN and the task's; raises LookupError
            with the reason.
        execution: Gives credentials of an execution role alike, good for as long as the task runs.
        pull_refusal: Says, in AWS's words, why a role may not pull an image; None if it may.
        streams: The log streams, as a role may write them.
        closing: Set when the cloud ends: containers have little time to end then.
    """

    home: Path
    endpoint_url: str
    ca_bundle: Path | None
    images: Images
    assume: Callable[[str, str], RoleSession]
    execution: Callable[[str, str], Credentials]
    pull_refusal: Callable[[str, str], str | None]
    streams: LogStreams
    closing: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A container that can be started.

    Attributes:
        program: What it runs.
        log: Receives what it writes.
        health_check: What tells whether it is well, None for nothing.
    """

    program: Program
    log: JobLog
    health_check: HealthCheck | None


def prepare(
    arn: str,
    definition: Definition,
    settings: Settings,
    resources: ExitStack,
    *,
    stop: threading.Event,
    record: TaskRecord,
) -> dict[str, Prepared]:
    """Prepare a task's containers.

    Args:
        arn: The task's ARN.
        definition: The task.
        settings: What all tasks share.
        resources: Gets what is to be given back at the task's end.
        stop: Set to give up.
        record: Is told the times, and the containers' ports.

    Returns:
        By their names, the containers.

    Raises:
        StartError: Something is missing.
        Interrupted: `stop` was set.
    """
    preparation = _Preparation(arn, definition, settings, resources)
    own = preparation.own_variables()
    place = preparation.place()
    logs = preparation.open_logs(place)
    record.mark("pullStartedAt")
    images = {one.name: preparation.pull(one, stop) for one in definition.containers}
    record.mark("pullStoppedAt")
    for container in definition.containers:
        record.containers[container.name].network_bindings = place.bindings(container)
    return {
        one.name: Prepared(
            preparation.program(one, images[one.name], place, own),
            logs[one.name],
            _check(one, place),
        )
        for one in definition.containers
    }


@dataclass(frozen=True, slots=True)
class _Preparation:
    arn: str
    definition: Definition
    settings: Settings
    resources: ExitStack

    @property
    def task_id(self) -> str:
        return self.arn.rpartition("/")[2]

    def own_variables(self) -> dict[str, str]:
        """What ECS sets in every container, and the local cloud."""
        bundle, role = self.settings.ca_bundle, self.definition.task_role
        found = {
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.settings.endpoint_url,
            **({"AWS_CA_BUNDLE": str(bundle)} if bundle else {}),
        }
        if not role:
            return found
        endpoint = CredentialsEndpoint(role, lambda: self._assumed(role, self.settings.assume))
        return found | self.resources.enter_context(endpoint).variables

    def _assumed(self, role: str, assume: Callable[[str, str], _Session]) -> _Session:
        try:
            return assume(role, self.arn)
        except LookupError as error:
            raise StartError(_NO_ROLE.format(role=role, reason=error)) from error

    def place(self) -> Place:
        root = self.settings.home / self.task_id
        place = Place(root, {})
        self.resources.callback(place.discard)
        return Place.make(root, self.definition)

    def open_logs(self, place: Place) -> dict[str, JobLog]:
        role = self.definition.execution_role
        given = self._assumed(role, self.settings.execution) if role else None
        logs = {}
        for container in self.definition.containers:
            try:
                stream = self.settings.streams.make(container, self.task_id, given)
            except LogStreamError as error:
                raise StartError(
                    f"ResourceInitializationError: failed to validate logger args: {error}"
                ) from error
            log = JobLog(place.container(container.name) / "log.txt", stream)
            self.resources.callback(log.close)
            logs[container.name] = log
        return logs

    def pull(self, container: Container, stop: threading.Event) -> Image:
        role = self.definition.execution_role
        refused = self.settings.pull_refusal(role, container.image) if role else None
        if refused:
            raise StartError(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution "
                f"resource retrieval failed: unable to retrieve ecr registry auth: {refused}"
            )
        try:
            return self.settings.images.pull(container.image, _LOGGER.info, stop)
        except ImageError as error:
            reason = f"CannotPullContainerError: {error}"
            raise StartError(reason, container.name, reason) from error

    def program(
        self, container: Container, image: Image, place: Place, own: Mapping[str, str]
    ) -> Program:
        if not container.command:
            raise not_started(
                container.name,
                f"the local cloud does not know what {container.image} runs by itself: give the "
                "container an entryPoint or a command",
            )
        region = self.arn.split(":")[3]
        regions = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        place.write_commands(container, image)
        return Program(
            command=place.command(container, container.command),
            variables={**place.variables(container, image, regions), **own},
            folder=str(place.container(container.name) / "work"),
        )


def _check(container: Container, place: Place) -> HealthCheck | None:
    check = container.health_check
    return check and replace(check, command=tuple(place.command(container, check.command)))
