"""The run of one job, from its folder to its outcome.

1. Its environment is prepared and its folder laid out: /opt/ml, /tmp, configuration files.
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
from cdk_sagemaker_processing.local.jobs.errors import Interrupted, JobError
from cdk_sagemaker_processing.local.jobs.job import Job, Outcome
from cdk_sagemaker_processing.local.jobs.logs import JobLog, LogStream, failure_excerpt
from cdk_sagemaker_processing.local.jobs.sandbox import (
    CommandError,
    Sandbox,
    SandboxedProcess,
    SandboxUnavailable,
)
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore, StoreError

_REASON = 1024
_DEFAULT_RUNTIME = 86_400


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
        grace: Seconds between SIGTERM and SIGKILL.
        upload_interval: Seconds between two looks at Continuous outputs.
    """

    home: Path
    endpoint_url: str
    region: str
    ca_bundle: Path | None
    environments: Environments
    store: Callable[[Credentials], ObjectStore]
    log_stream: Callable[[Credentials, str], LogStream | None]
    grace: float = 10.0
    upload_interval: float = 5.0


@dataclass(slots=True)
class Execution:
    """One job on its way.

    Attributes:
        job: Its record.
        settings: The service's settings.
        credentials: The credentials of the job's role.
    """

    job: Job
    settings: Settings
    credentials: Credentials
    _exceeded: bool = field(default=False, init=False)

    def run(self) -> None:
        """Run the job to its end and set its outcome; never raises."""
        folder = JobFolder(self.settings.home / "jobs" / self.job.name)
        shutil.rmtree(folder.root, ignore_errors=True)
        folder.root.mkdir(parents=True)
        stream = self.settings.log_stream(self.credentials, f"{self.job.name}/{_stream_suffix()}")
        with JobLog(folder.log, stream) as log:
            outcome = self._outcome(folder, log)
            self._tidy(folder, outcome, log)
        self.job.finish(outcome)

    def _outcome(self, folder: JobFolder, log: JobLog) -> Outcome:
        try:
            return self._process(folder, log)
        except Interrupted:
            log.note("The job was stopped")
            return Outcome("Stopped")
        except (JobError, CommandError, SandboxUnavailable) as error:
            log.note(f"The job failed: {error}")
            return Outcome("Failed", _reason(error))
        except Exception as error:  # noqa: BLE001  whatever is wrong with us must not hang a pipeline
            log.note(traceback.format_exc())
            return Outcome(
                "Failed", f"InternalServerError: {type(error).__name__}: {error}"[:_REASON]
            )

    def _process(self, folder: JobFolder, log: JobLog) -> Outcome:
        request = self.job.request
        environment = self.settings.environments.prepare(
            request["AppSpecification"]["ImageUri"], log.note, self.job.stop_requested
        )
        for sentence in (*environment.differences, *_remarks(request)):
            log.note(sentence)
        folder.lay_out(request, self.job.arn, environment)
        store = self.settings.store(self.credentials)
        self._download(store, folder, log)
        outputs = outputs_of(request, folder.opt_ml)
        self._look_for_stop()
        code = self._run_command(environment, folder, outputs, store, log)
        return self._conclude(code, folder, outputs, store, log)

    def _download(self, store: ObjectStore, folder: JobFolder, log: JobLog) -> None:
        inputs = Inputs(store, folder.opt_ml, self.job.request["RoleArn"], self._look_for_stop)
        for one in self.job.request.get("ProcessingInputs", ()):
            count = inputs.download(one)
            log.note(f"Input {one['InputName']}: {_count(count, 'object')} from {_source(one)}")

    def _run_command(
        self,
        environment: Environment,
        folder: JobFolder,
        outputs: Sequence[Output],
        store: ObjectStore,
        log: JobLog,
    ) -> int:
        request = self.job.request
        command = _command(request, environment)
        bundle = self.settings.ca_bundle
        sandbox = Sandbox(
            folder.opt_ml,
            folder.temporary,
            visible=(*environment.roots, folder.commands, *([bundle] if bundle else ())),
            isolate_network=bool(request.get("NetworkConfig", {}).get("EnableNetworkIsolation")),
        )
        surroundings = variables(
            request,
            environment,
            folder,
            self.credentials,
            endpoint_url=self.settings.endpoint_url,
            region=self.settings.region,
            ca_bundle=bundle,
        )
        process = sandbox.start(command, surroundings)
        self.job.started()
        try:
            return self._attend(process, [one for one in outputs if one.continuous], store, log)
        finally:
            process.end()

    def _attend(
        self,
        process: SandboxedProcess,
        continuous: Sequence[Output],
        store: ObjectStore,
        log: JobLog,
    ) -> int:
        """Stay with a running command: its output, its uploads, its time, a request to stop."""
        copier = threading.Thread(
            target=self._copy, args=(process, log), name=f"output of {self.job.name}", daemon=True
        )
        copier.start()
        deadline = time.monotonic() + _runtime(self.job.request)
        while copier.is_alive() and not self.job.stop_requested.is_set():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                self._exceeded = True
                break
            pause = self.settings.upload_interval if continuous else remaining
            self.job.wake.wait(min(pause, remaining))
            _try_uploads(continuous, store, log)
        if copier.is_alive():
            self._end(process, copier)
        copier.join()
        return process.wait()

    def _copy(self, process: SandboxedProcess, log: JobLog) -> None:
        log.copy(process.output)
        self.job.wake.set()

    def _end(self, process: SandboxedProcess, copier: threading.Thread) -> None:
        process.terminate()
        copier.join(self.settings.grace)
        process.kill()

    def _conclude(
        self,
        code: int,
        folder: JobFolder,
        outputs: Sequence[Output],
        store: ObjectStore,
        log: JobLog,
    ) -> Outcome:
        message = _decode(folder.message())
        stopped = self.job.stop_requested.is_set() or self._exceeded
        completed = code == 0 and not stopped
        _upload([one for one in outputs if one.continuous or completed], store, log)
        if self._exceeded:
            limit = _runtime(self.job.request)
            reason = f"MaxRuntimeExceeded: the job ran longer than {limit} seconds and was stopped."
            log.note(reason)
            return Outcome("Stopped", reason, message)
        if stopped:
            log.note("The job was stopped")
            return Outcome("Stopped", exit_message=message)
        if code != 0:
            return Outcome("Failed", self._failure(code, log), message)
        log.note("The job completed")
        return Outcome("Completed", exit_message=message)

    def _failure(self, code: int, log: JobLog) -> str:
        head = (
            f"AlgorithmError: See job logs for more information, exit code: {code}. "
            f"Log: {log.path}\n"
        )
        log.note(f"The job failed with exit code {code}")
        return head + failure_excerpt(log.last_lines(), _REASON - len(head))

    def _look_for_stop(self) -> None:
        if self.job.stop_requested.is_set():
            raise Interrupted

    def _tidy(self, folder: JobFolder, outcome: Outcome, log: JobLog) -> None:
        shutil.rmtree(folder.temporary, ignore_errors=True)
        shutil.rmtree(folder.commands, ignore_errors=True)
        if outcome.status == "Completed":
            shutil.rmtree(folder.opt_ml, ignore_errors=True)
        elif folder.opt_ml.is_dir():
            log.note(f"What the job saw as /opt/ml is kept: {folder.opt_ml}")


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
    cluster = request["ProcessingResources"]["ClusterConfig"]
    network = request.get("NetworkConfig", {})
    count = cluster.get("InstanceCount") or 1
    remarks = {
        f"InstanceCount is {count}: the local cloud runs the job on one host, {HOST}.": count > 1,
        "NetworkConfig.VpcConfig has no effect here.": "VpcConfig" in network,
        "ExperimentConfig has no effect here.": "ExperimentConfig" in request,
    }
    return [remark for remark, applies in remarks.items() if applies]


def _runtime(request: Mapping[str, Any]) -> int:
    condition = request.get("StoppingCondition") or {}
    return int(condition.get("MaxRuntimeInSeconds", _DEFAULT_RUNTIME))


def _try_uploads(outputs: Sequence[Output], store: ObjectStore, log: JobLog) -> None:
    for output in outputs:
        try:
            output.upload(store)
        except (StoreError, OSError) as error:
            # A file may be half written or gone. The upload at the end is the one that counts.
            log.note(f"Output {output.name} is not uploaded yet: {error}")


def _upload(outputs: Sequence[Output], store: ObjectStore, log: JobLog) -> None:
    for output in outputs:
        try:
            count = output.upload(store)
        except StoreError as error:
            raise JobError(f"ClientError: Failed to upload data. {error}") from error
        log.note(f"Output {output.name}: {_count(count, 'file')} to {output.uri}")


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


def _stream_suffix() -> str:
    return f"{HOST}-{int(time.time())}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _source(one: Mapping[str, Any]) -> str:
    return str((one.get("S3Input") or {}).get("S3Uri", "the script itself (AppManaged)"))


def _reason(error: Exception) -> str:
    return f"{_PREFIXES.get(type(error), '')}{error}"[:_REASON]


_PREFIXES = {CommandError: "AlgorithmError: ", SandboxUnavailable: "InternalServerError: "}
