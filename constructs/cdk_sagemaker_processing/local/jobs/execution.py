"""The run of one job, from its folder to its outcome.

1. Its role is asked for what SageMaker does in its name; its environment is prepared and its
   folder laid out: /opt/ml, /tmp, configuration files.
2. Its inputs are downloaded with the credentials of its role.
3. Its command runs in a sandbox, its output in the log; Continuous outputs go up all along.
4. What it wrote for SageMaker is read; its outputs are uploaded if its exit code is 0.
5. What it saw as its own is removed; of a job that did not complete it is kept, to look at.
"""

import shutil
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdk_sagemaker_processing.local.jobs.channels import Inputs, Output, outputs_of
from cdk_sagemaker_processing.local.jobs.container import HOST, JobFolder, variables
from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.environments import Environment, Environments
from cdk_sagemaker_processing.local.jobs.environments.layer import layered
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.jobs.job import FAILURE_REASON_LIMIT, Job, Outcome
from cdk_sagemaker_processing.local.jobs.logs import JobLog, LogStream, failure_excerpt
from cdk_sagemaker_processing.local.jobs.permissions import Refusal, needs, nothing_refused
from cdk_sagemaker_processing.local.jobs.sandbox import (
    CommandError,
    Sandbox,
    SandboxedProcess,
    SandboxUnavailable,
)
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore, StoreError
from cdk_sagemaker_processing.local.jobs.validation import instance_count

_DEFAULT_RUNTIME = 86_400
_HURRIED_GRACE = 2.0


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
    folder = JobFolder(settings.home / "jobs" / job.name)
    shutil.rmtree(folder.root, ignore_errors=True)
    folder.root.mkdir(parents=True)
    stream = settings.log_stream(credentials, f"{job.name}/{HOST}-{int(time.time())}")
    with JobLog(folder.log, stream) as log:
        run = _Run(job, settings, credentials, folder, log, settings.store(credentials))
        try:
            outcome = run.outcome()
        except Exception:
            log.note(traceback.format_exc())
            raise
        finally:
            folder.discard_temporary()
        if outcome.status == "Completed":
            folder.discard_opt_ml()
        elif folder.opt_ml.is_dir():
            log.note(f"What the job saw as /opt/ml is kept: {folder.opt_ml}")
    return outcome


@dataclass(slots=True)
class _Run:
    """One job on its way."""

    job: Job
    settings: Settings
    credentials: Credentials
    folder: JobFolder
    log: JobLog
    store: ObjectStore
    outputs: Sequence[Output] = ()
    exceeded: bool = False

    def outcome(self) -> Outcome:
        """Take the job through its stages."""
        try:
            self.ask_role()
            environment = self.prepare()
            self.download()
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
        """Make the environment and the folder, and say what differs from AWS."""
        request = self.job.request
        shared = self.settings.environments.prepare(
            request["AppSpecification"]["ImageUri"], self.log.note, self.job.stop_requested
        )
        environment = layered(shared, self.folder.layer)
        for sentence in (*environment.differences, *_remarks(request)):
            self.log.note(sentence)
        self.folder.lay_out(request, self.job.arn, environment)
        self.outputs = outputs_of(request, self.folder.opt_ml)
        return environment

    def download(self) -> None:
        """Bring the inputs."""
        role = self.job.request["RoleArn"]
        inputs = Inputs(self.store, self.folder.opt_ml, role, self.look_for_stop)
        for one in self.job.request.get("ProcessingInputs", ()):
            if one.get("AppManaged"):
                continue
            count = inputs.download(one)
            source = (one.get("S3Input") or {}).get("S3Uri")
            self.log.note(f"Input {one['InputName']}: {_count(count, 'object')} from {source}")

    def run(self, environment: Environment) -> int:
        """Run the command in a sandbox; return its exit code."""
        request, bundle = self.job.request, self.settings.ca_bundle
        command = _command(request, environment)
        sandbox = Sandbox(
            self.folder.opt_ml,
            self.folder.temporary,
            visible=(*environment.roots, self.folder.commands, *([bundle] if bundle else ())),
            isolate_network=bool(request.get("NetworkConfig", {}).get("EnableNetworkIsolation")),
        )
        surroundings = variables(
            request,
            environment,
            self.folder,
            self.credentials,
            endpoint_url=self.settings.endpoint_url,
            region=self.settings.region,
            ca_bundle=bundle,
        )
        self.look_for_stop()
        process = sandbox.start(command, surroundings)
        self.job.started()
        try:
            return self.attend(process)
        finally:
            process.end()

    def attend(self, process: SandboxedProcess) -> int:
        """Stay with a running command: its output, its uploads, its time, a request to stop."""
        copier = threading.Thread(
            target=self.copy_output, args=[process], name=f"output of {self.job.name}", daemon=True
        )
        copier.start()
        deadline = time.monotonic() + _runtime(self.job.request)
        continuous = any(output.continuous for output in self.outputs)
        while copier.is_alive() and not self.job.stop_requested.is_set():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                self.exceeded = True
                break
            pause = self.settings.upload_interval if continuous else remaining
            self.job.wake.wait(min(pause, remaining))
            self.upload_continuously()
        if copier.is_alive():
            process.terminate()
            copier.join(self.grace())
            process.kill()
        copier.join()
        return process.wait()

    def grace(self) -> float:
        """Seconds that the command has between SIGTERM and SIGKILL."""
        hurried = self.settings.closing.is_set()
        return min(self.settings.grace, _HURRIED_GRACE) if hurried else self.settings.grace

    def copy_output(self, process: SandboxedProcess) -> None:
        """Write what the command says into the log, until everything in the sandbox has ended."""
        self.log.copy(process.output)
        self.job.wake.set()

    def upload_continuously(self) -> None:
        """Upload what is new of the Continuous outputs."""
        for output in self.outputs:
            try:
                if output.continuous:
                    output.upload(self.store)
            except (StoreError, OSError) as error:
                # A file may be half written or gone. The upload at the end is the one that counts.
                self.log.note(f"Output {output.name} is not uploaded yet: {error}")

    def conclude(self, code: int) -> Outcome:
        """Upload what is to be uploaded and say how the job ended."""
        message = _decode(self.folder.message())
        stopped = self.job.stop_requested.is_set() or self.exceeded
        self.upload(completed=code == 0 and not stopped)
        if stopped:
            reason = self.time_is_up() if self.exceeded else None
            self.log.note(reason or "The job was stopped")
            return Outcome("Stopped", reason, message)
        if code != 0:
            self.log.note(f"The job failed with exit code {code}")
            return Outcome("Failed", self.failure(code), message)
        self.log.note("The job completed")
        return Outcome("Completed", exit_message=message)

    def upload(self, *, completed: bool) -> None:
        """Upload the outputs: those at the end of the job only if it completed."""
        for output in self.outputs:
            if not completed and not output.continuous:
                continue
            try:
                count = output.upload(self.store)
            except StoreError as error:
                raise JobError(f"ClientError: Failed to upload data. {error}") from error
            self.log.note(f"Output {output.name}: {_count(count, 'file')} to {output.uri}")

    def time_is_up(self) -> str:
        """Say that the job took too long. AWS gives no reason; here it costs nothing to know."""
        limit = _runtime(self.job.request)
        return f"MaxRuntimeExceeded: the job ran longer than {limit} seconds and was stopped."

    def failure(self, code: int) -> str:
        """SageMaker's reason for an exit code, the log's place, and the end of the traceback."""
        head = (
            f"AlgorithmError: See job logs for more information, exit code: {code}. "
            f"Log: {self.log.path}\n"
        )
        return head + failure_excerpt(self.log.last_lines(), FAILURE_REASON_LIMIT - len(head))

    def look_for_stop(self) -> None:
        """Leave when the job is to stop."""
        if self.job.stop_requested.is_set():
            raise Interrupted


def _command(request: Mapping[str, Any], environment: Environment) -> list[str]:
    application = request["AppSpecification"]
    entrypoint = application.get("ContainerEntrypoint") or environment.entrypoint
    if not entrypoint:
        raise JobError(
            "ClientError: ContainerEntrypoint is missing: the local cloud does not know what this "
            f"image runs by itself ({application['ImageUri']})"
        )
    return [*entrypoint, *application.get("ContainerArguments", ())]


def _remarks(request: Mapping[str, Any]) -> list[str]:
    """What of a request has no effect on this machine."""
    network = request.get("NetworkConfig", {})
    cluster = request["ProcessingResources"]["ClusterConfig"]
    count = instance_count(request)
    remarks = {
        f"InstanceCount is {count}: the local cloud runs the job on one host, {HOST}.": count > 1,
        "NetworkConfig.VpcConfig has no effect here.": "VpcConfig" in network,
        "NetworkConfig.EnableInterContainerTrafficEncryption has no effect here.": bool(
            network.get("EnableInterContainerTrafficEncryption")
        ),
        "ClusterConfig.VolumeKmsKeyId has no effect here.": "VolumeKmsKeyId" in cluster,
        "ExperimentConfig has no effect here.": "ExperimentConfig" in request,
    }
    return [*(remark for remark, applies in remarks.items() if applies), *_left_to_it(request)]


def _left_to_it(request: Mapping[str, Any]) -> list[str]:
    """What the job fetches or uploads by itself."""
    given = {
        "Input": ("InputName", request.get("ProcessingInputs", ())),
        "Output": ("OutputName", (request.get("ProcessingOutputConfig") or {}).get("Outputs", ())),
    }
    return [
        f"{kind} {one[name]} is AppManaged: it is left to the job."
        for kind, (name, ones) in given.items()
        for one in ones
        if one.get("AppManaged")
    ]


def _runtime(request: Mapping[str, Any]) -> int:
    condition = request.get("StoppingCondition") or {}
    return int(condition.get("MaxRuntimeInSeconds", _DEFAULT_RUNTIME))


def _decode(message: bytes | None) -> str | None:
    if message is None:
        return None
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        if error.end == len(message) and error.reason == "unexpected end of data":
            # The first kilobyte ends within a character.
            return message[: error.start].decode()
        raise JobError("ClientError: /opt/ml/output/message is not UTF-8 text") from error


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


_PREFIXES = {CommandError: "AlgorithmError: ", SandboxUnavailable: "InternalServerError: "}
