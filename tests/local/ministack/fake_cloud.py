"""Runs the local AWS over a hand-written processing service whose jobs only wait."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cdk_sagemaker_processing.local.jobs import (
    Credentials,
    NotHereError,
    ProcessingService,
    Refusal,
    ServiceError,
)
from cdk_sagemaker_processing.local.jobs.quotas import Quotas
from cdk_sagemaker_processing.local.ministack.server import main

_OVER = frozenset({"Completed", "Failed", "Stopped"})
_STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
]


def _hold(folder: Path) -> None:
    (folder / "here").touch()
    while not (folder / "go").exists():
        time.sleep(0.02)


class WaitingService(ProcessingService):
    """A processing service whose jobs take `SECONDS` and end with the status `OUTCOME`.

    Both are members of a request's `Environment`; `CREATE_ERROR` there is an error's code with
    which the request itself is refused, `NOT_HERE` what the local cloud lacks for it. With
    `WRITE_TO` the job writes an object to that bucket with its role's credentials, and its
    `ExitMessage` is who it was, or the error's code. With `CHILD` it leaves a process behind that
    ignores SIGTERM, and the message is its id. `HELD_IN` is a folder: the request writes `here`
    into it and is not answered before there is `go`.
    """

    def __init__(
        self,
        *,
        home: Path,
        region: str,
        account_id: str,
        credentials: Callable[[str, str], Credentials],
        refusal: Refusal,  # noqa: ARG002 - its jobs have no image to pull
        endpoint_url: str,
        ca_bundle: Path | None,
        quotas: Mapping[str, int],
        announce: Callable[[Mapping[str, Any]], None],  # noqa: ARG002 - nobody is told of its jobs
    ) -> None:
        self._home = home
        self._place = f"{region}:{account_id}"
        self._region = region
        self._endpoint_url = endpoint_url
        self._ca_bundle = ca_bundle
        self._quotas = Quotas(quotas)
        self._credentials = credentials
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._tags: dict[str, list[Mapping[str, str]]] = {}

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Accept a job, and run it in a thread."""
        name = request["ProcessingJobName"]
        variables = request.get("Environment", {})
        if missing := variables.get("NOT_HERE"):
            raise NotHereError([missing])
        if code := variables.get("CREATE_ERROR"):
            raise ServiceError(code, "refused as asked")
        if name in self._waiting:
            raise ServiceError("ResourceInUse", f"Job name {name} is taken")
        self._quotas.admit(request["ProcessingResources"]["ClusterConfig"], ())
        arn = f"arn:aws:sagemaker:{self._place}:processing-job/{name}"
        given = self._assume(request["RoleArn"], arn)
        if held := variables.get("HELD_IN"):
            _hold(Path(held))
        now = datetime.now(UTC)
        described = {k: v for k, v in request.items() if k != "Tags"}
        self._tags[arn] = list(request.get("Tags", []))
        self._waiting[name] = {
            **described,
            "ProcessingJobArn": arn,
            "ProcessingJobStatus": "InProgress",
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        threading.Thread(target=self._run, args=(name, variables, given), daemon=True).start()
        return {"ProcessingJobArn": arn}

    def _assume(self, role: str, job_arn: str) -> Credentials:
        try:
            return self._credentials(role, job_arn)
        except LookupError as error:
            problem = f"Could not assume role {role}. ({error})"
            raise ServiceError("ValidationException", problem) from error

    def _run(self, name: str, variables: Mapping[str, str], given: Credentials) -> None:
        job = self._waiting[name]
        if bucket := variables.get("WRITE_TO"):
            job["ExitMessage"] = self._write(bucket, given)
        if variables.get("CHILD"):
            job["ExitMessage"] = str(subprocess.Popen(_STUBBORN).pid)
        with self._changed:
            self._changed.wait_for(
                lambda: job["ProcessingJobStatus"] == "Stopping",
                timeout=float(variables.get("SECONDS", "0")),
            )
            stopped = job["ProcessingJobStatus"] == "Stopping"
            outcome = "Stopped" if stopped else variables.get("OUTCOME", "Completed")
            if outcome == "Failed":
                job["FailureReason"] = "AlgorithmError: asked to fail"
            job["ProcessingEndTime"] = datetime.now(UTC)
            job["ProcessingJobStatus"] = outcome
            self._changed.notify_all()

    def _write(self, bucket: str, given: Credentials) -> str:
        session = boto3.session.Session(
            aws_access_key_id=given.access_key_id,
            aws_secret_access_key=given.secret_access_key,
            aws_session_token=given.session_token,
            region_name=self._region,
        )
        verify = None if self._ca_bundle is None else str(self._ca_bundle)
        sts = session.client("sts", endpoint_url=self._endpoint_url, verify=verify)
        s3 = session.client("s3", endpoint_url=self._endpoint_url, verify=verify)
        try:
            s3.put_object(Bucket=bucket, Key="key", Body=b"x")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return str(sts.get_caller_identity()["Arn"])

    def describe(self, name: str) -> dict[str, Any]:
        """Describe a job."""
        if name not in self._waiting:
            raise ServiceError("ResourceNotFound", f"Could not find {name}")
        return dict(self._waiting[name])

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """List the jobs created after a time."""
        after = request.get("CreationTimeAfter", datetime.min.replace(tzinfo=UTC))
        members = ("ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus", "CreationTime")
        return {
            "ProcessingJobSummaries": [
                {member: job[member] for member in members}
                for job in self._waiting.values()
                if job["CreationTime"] > after and request.get("NameContains", "") in job[_NAME]
            ]
        }

    def stop(self, name: str) -> None:
        """Stop a job."""
        with self._changed:
            job = self._waiting[name]
            if job["ProcessingJobStatus"] in _OVER:
                raise ServiceError("ValidationException", "the job is over")
            job["ProcessingJobStatus"] = "Stopping"
            self._changed.notify_all()

    def add_tags(self, arn: str, tags: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Add tags."""
        self._tags[arn].extend(tags)
        return self.list_tags(arn)

    def list_tags(self, arn: str) -> dict[str, Any]:
        """List tags."""
        return {"Tags": self._tags[arn]}

    def wait(self, name: str, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the end of a job."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting[name]["ProcessingJobStatus"] in _OVER, timeout=timeout
            )
        return self.describe(name)

    def close(self) -> None:
        """Stop every job, and leave word of it."""
        for name in self._waiting:
            with contextlib.suppress(ServiceError):
                self.stop(name)
            self.wait(name, timeout=5)
        states = [f"{name} {job['ProcessingJobStatus']}" for name, job in self._waiting.items()]
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "closed.txt").write_text("\n".join(states))


_NAME = "ProcessingJobName"

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], WaitingService))
