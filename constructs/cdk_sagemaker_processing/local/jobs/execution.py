"""The run of one job, from its folder to its outcome.

1. Its role is asked for what SageMaker does in its name; its environment is prepared and a folder
   laid out for each of its instances: /opt/ml, /tmp, configuration files.
2. Their inputs are downloaded with the credentials of its role.
3. Its command runs on every instance at once, each in a sandbox, its output in the log; Continuous
   outputs go up all along. When one instance fails, the others are ended.
4. What they wrote for SageMaker is read; their outputs are uploaded if every exit code is 0.
5. What they saw as their own is removed; of a job that did not complete it is kept, to look at.
"""

import shutil
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.disk.folders import remove
from cdk_sagemaker_processing.local.jobs.container import InstanceFolder, variables
from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.environments import Environment, Environments
from cdk_sagemaker_processing.local.jobs.environments.layer import layered
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.jobs.hosts import hosts
from cdk_sagemaker_processing.local.jobs.instance import Instance, overwritten
from cdk_sagemaker_processing.local.jobs.job import FAILURE_REASON_LIMIT, Job, Outcome
from cdk_sagemaker_processing.local.jobs.logs import JobLog, LogStream, failure_excerpt
from cdk_sagemaker_processing.local.jobs.permissions import Refusal, needs, nothing_refused
from cdk_sagemaker_processing.local.jobs.sandbox import CommandError, SandboxUnavailable
from cdk_sagemaker_processing.local.jobs.starting import started
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore
from cdk_sagemaker_processing.local.jobs.supervision import Ending, supervise
from cdk_sagemaker_processing.local.jobs.validation import instance_count
from cdk_sagemaker_processing.local.jobs.without_effect import without_effect

_DEFAULT_RUNTIME = 86_400
_HURRIED_GRACE = 2.0
# As much as a local cloud wants when it starts.
_KEPT_ROOM = 1 << 30


@dataclass(frozen=True, slots=True)
class Settings:
    """What is the same for every job of a service.

    Attributes:
        home: The folder of the jobs' folders.
        endpoint_url: The local cloud's address.
        region: Its region.
        ca_bundle: The certificates that vouch for it, when it speaks TLS.
        environments: Where Python environments come from.
        store: The object store as a role sees it.
        log_stream: The log stream of a name, as a role may write it.
        refusal: What a role may not do.
        grace: Seconds between SIGTERM and SIGKILL.
        upload_interval: Seconds between two looks at Continuous outputs.
        closing: Set when the service closes: the grace is short then.
    """

    home: Path
    endpoint_url: str
    region: str
    ca_bundle: Path | None
    environments: Environments
    store: Callable[[Credentials], ObjectStore]
    log_stream: Callable[[Credentials, str], LogStream | None]
    refusal: Refusal = nothing_refused
    grace: float = 10.0
    upload_interval: float = 5.0
    closing: threading.Event = field(default_factory=threading.Event)


def execute(job: Job, settings: Settings, credentials: Credentials) -> None:
    """Run a job to its end and set its outcome; never raises.

    Args:
        job: Its record.
        settings: The service's settings.
        credentials: The credentials of the job's role.
    """
    try:
        outcome = _execute(job, settings, credentials)
    except Exception as error:  # noqa: BLE001  a job that hangs InProgress would hang its pipeline
        outcome = Outcome("Failed", f"InternalServerError: {type(error).__name__}: {error}")
    job.finish(outcome)


def _execute(job: Job, settings: Settings, credentials: Credentials) -> Outcome:
    root = settings.home / "jobs" / job.name
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with _instances(job, settings, credentials, root) as instances:
        run = _Run(job, settings, credentials, instances)
        try:
            outcome = run.outcome()
        except Exception:
            run.log.note(traceback.format_exc())
            raise
        finally:
            for instance in instances:
                instance.folder.discard_temporary()
        if outcome.status == "Completed":
            run.discard(root)
        else:
            run.keep()
    return outcome


@contextmanager
def _instances(
    job: Job, settings: Settings, credentials: Credentials, root: Path
) -> Iterator[Sequence[Instance]]:
    """The job's instances; one of several has a folder of its own, and its name in the log."""
    since, store = int(time.time()), settings.store(credentials)
    with ExitStack() as stack:
        known = stack.enter_context(hosts(instance_count(job.request)))
        alone = len(known.names) == 1
        made = []
        for host in known.names:
            stream = settings.log_stream(credentials, f"{job.name}/{host}-{since}")
            log = JobLog(root / "log.txt", stream, "" if alone else f"{host} | ")
            folder = InstanceFolder(root if alone else root / host)
            made.append(Instance(job, host, known, folder, stack.enter_context(log), store))
        yield made


@dataclass(slots=True)
class _Run:
    """One job on its way."""

    job: Job
    settings: Settings
    credentials: Credentials
    instances: Sequence[Instance]

    @property
    def log(self) -> JobLog:
        """The log of the first instance, where stands what concerns all."""
        return self.instances[0].log

    def outcome(self) -> Outcome:
        """Take the job through its stages."""
        try:
            self.ask_role()
            environment = self.prepare()
            for instance in self.instances:
                instance.download(self.look_for_stop)
            return self.conclude(self.run(environment))
        except Interrupted:
            self.log.note("The job was stopped")
            return Outcome("Stopped")
        except (JobError, CommandError, SandboxUnavailable) as error:
            self.log.note(f"The job failed: {error}")
            return Outcome("Failed", f"{_PREFIXES.get(type(error), '')}{error}")

    def ask_role(self) -> None:
        """Find what the role lacks of what SageMaker does in its name."""
        role = self.job.request["RoleArn"]
        for need in needs(self.job.request, self.job.arn):
            refused = (self.settings.refusal(role, call) for call in need.calls)
            reason = next(filter(None, refused), None)
            if reason and need.vital:
                raise JobError(f"ClientError: SageMaker cannot {need.purpose}. {reason}")
            if reason:
                self.log.note(f"SageMaker could not {need.purpose} on AWS. {reason}")

    def prepare(self) -> Environment:
        """Make the environment and the folders, and say what differs from AWS."""
        request = self.job.request
        shared = self.settings.environments.prepare(
            request["AppSpecification"]["ImageUri"], self.log.note, self.job.stop_requested
        )
        seen = [layered(shared, instance.folder.layer) for instance in self.instances]
        for sentence in (*shared.differences, *without_effect(request)):
            self.log.note(sentence)
        for instance in self.instances:
            instance.lay_out(seen[0])
        return seen[0]

    def run(self, environment: Environment) -> Ending:
        """Run the command on every instance; say how that ended."""
        request, bundle = self.job.request, self.settings.ca_bundle
        command = _command(request, environment)
        surroundings = variables(
            request,
            environment,
            self.instances[0].folder.commands,
            self.credentials,
            endpoint_url=self.settings.endpoint_url,
            region=self.settings.region,
            ca_bundle=bundle,
        )
        visible = (*environment.roots, *([bundle] if bundle else ()))
        self.look_for_stop()
        with started(self.instances, command, surroundings, visible) as running:
            self.job.started()
            return supervise(
                self.job,
                running,
                runtime=_runtime(request),
                upload_interval=self.settings.upload_interval,
                grace=self.grace,
            )

    def grace(self) -> float:
        """Seconds that the command has between SIGTERM and SIGKILL."""
        hurried = self.settings.closing.is_set()
        return min(self.settings.grace, _HURRIED_GRACE) if hurried else self.settings.grace

    def conclude(self, ending: Ending) -> Outcome:
        """Upload what is to be uploaded and say how the job ended."""
        message = self.message(ending.failed)
        stopped = self.job.stop_requested.is_set() or ending.exceeded
        completed = ending.failed is None and not stopped
        for instance in self.instances:
            # A job that completes may be stopped in this, too.
            instance.upload(self.look_for_stop if completed else _go_on, completed=completed)
        for sentence in overwritten(self.instances):
            self.log.note(sentence)
        if stopped:
            reason = self.time_is_up() if ending.exceeded else None
            self.log.note(reason or "The job was stopped")
            return Outcome("Stopped", reason, message)
        if ending.failed:
            ending.failed.log.note(f"The job failed with exit code {ending.code}")
            return Outcome("Failed", self.failure(ending.failed, ending.code), message)
        self.log.note("The job completed")
        return Outcome("Completed", exit_message=message)

    def message(self, failed: Instance | None) -> str | None:
        """What the instance that failed wrote for the ExitMessage, or else the first that did."""
        asked = [failed] if failed else self.instances
        messages = (instance.folder.message() for instance in asked)
        return next((one for one in messages if one is not None), None)

    def time_is_up(self) -> str:
        """Say that the job took too long. AWS gives no reason; here it costs nothing to know."""
        limit = _runtime(self.job.request)
        return f"MaxRuntimeExceeded: the job ran longer than {limit} seconds and was stopped."

    def failure(self, instance: Instance, code: int) -> str:
        """SageMaker's reason for an exit code, the log's place, and the end of the traceback."""
        where = "" if len(self.instances) == 1 else f"Host: {instance.host}. "
        head = (
            f"AlgorithmError: See job logs for more information, exit code: {code}. "
            f"{where}Log: {instance.log.path}\n"
        )
        lines = instance.log.last_lines()
        return (head + failure_excerpt(lines, FAILURE_REASON_LIMIT - len(head))).rstrip("\n")

    def discard(self, root: Path) -> None:
        """Remove what the instances had in /opt/ml."""
        for instance in self.instances:
            instance.folder.discard_opt_ml()
            if instance.folder.root != root:
                remove(instance.folder.root)

    def keep(self) -> None:
        """Say where to look at what the instances had in /opt/ml, unless they filled the disk."""
        for instance in self.instances:
            kept = instance.folder.opt_ml
            if not kept.is_dir():
                continue
            if shutil.disk_usage(kept).free < _KEPT_ROOM:
                instance.folder.discard_opt_ml()
                instance.log.note(
                    "What the job saw as /opt/ml is not kept: the disk had no room left for others"
                )
            else:
                instance.log.note(f"What the job saw as /opt/ml is kept: {kept}")

    def look_for_stop(self) -> None:
        """Leave when the job is to stop."""
        if self.job.stop_requested.is_set():
            raise Interrupted


def _go_on() -> None:
    """Let nothing interrupt."""


def _command(request: Mapping[str, Any], environment: Environment) -> list[str]:
    application = request["AppSpecification"]
    entrypoint = application.get("ContainerEntrypoint") or environment.entrypoint
    if not entrypoint:
        raise JobError(
            "ClientError: ContainerEntrypoint is missing: the local cloud does not know what this "
            f"image runs by itself ({application['ImageUri']})"
        )
    return [*entrypoint, *application.get("ContainerArguments", ())]


def _runtime(request: Mapping[str, Any]) -> int:
    condition = request.get("StoppingCondition") or {}
    return int(condition.get("MaxRuntimeInSeconds", _DEFAULT_RUNTIME))


_PREFIXES = {CommandError: "AlgorithmError: ", SandboxUnavailable: "InternalServerError: "}
