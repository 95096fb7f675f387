"""SageMaker's processing API, on this machine."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session

from cdk_sagemaker_processing.local.disk.folders import remove
from cdk_sagemaker_processing.local.jobs.clients import Clients
from cdk_sagemaker_processing.local.jobs.concurrency import ConcurrencyLimit
from cdk_sagemaker_processing.local.jobs.container import discard_temporary
from cdk_sagemaker_processing.local.jobs.credentials import Credentials
from cdk_sagemaker_processing.local.jobs.environments import Environments
from cdk_sagemaker_processing.local.jobs.errors import ServiceError
from cdk_sagemaker_processing.local.jobs.execution import Settings, execute
from cdk_sagemaker_processing.local.jobs.job import Job, silent
from cdk_sagemaker_processing.local.jobs.listing import listed
from cdk_sagemaker_processing.local.jobs.logs import LOG_GROUP, CloudWatchStream, LogStream
from cdk_sagemaker_processing.local.jobs.permissions import Refusal, nothing_refused
from cdk_sagemaker_processing.local.jobs.quotas import Quotas
from cdk_sagemaker_processing.local.jobs.stores import ObjectStore, S3Store, client
from cdk_sagemaker_processing.local.jobs.validation import validate, validate_job

_UNKNOWN = "Could not find requested job with name: {name}"


class ProcessingService:
    """Runs CreateProcessingJob requests as processes of this machine; safe to use from threads.

    A job's log is the file `home/jobs/<name>/log.txt`, and a stream in CloudWatch Logs.

    Args:
        home: The folder in which every job gets one of its own, `jobs/<name>`.
        endpoint_url: The address of the local cloud's S3 and CloudWatch Logs, which the jobs'
            scripts are told as well.
        region: The region that jobs run in.
        account_id: The account that jobs belong to.
        credentials: Gives temporary credentials of a role, by its ARN and the job's; raises for
            one that is unknown or not for that job.
        refusal: Says what a role may not do of what SageMaker does in its name beside S3 and the
            log; by default it may do all.
        environments: Where jobs' Python environments come from.
        ca_bundle: The certificates that vouch for `endpoint_url`, when it is HTTPS.
        max_jobs: How many jobs run at once. More of them wait, InProgress and without a start
            time, as SageMaker's do for their instances.
        quotas: How many instances of each type they may have at once; no limit by default.
        grace: Seconds from SIGTERM to SIGKILL when a job is stopped; SageMaker gives 120.
        upload_interval: Seconds between two looks at Continuous outputs.
        store: Gives the object store as a role sees it; S3 at `endpoint_url` by default.
        log_stream: Gives a log stream by its name, as a role may write it; CloudWatch Logs at
            `endpoint_url` by default.
        announce: Is told the description of a job, tags included, at each change of its status,
            in order; must return at once.
    """

    def __init__(
        self,
        *,
        home: Path,
        endpoint_url: str,
        region: str,
        account_id: str,
        credentials: Callable[[str, str], Credentials],
        refusal: Refusal = nothing_refused,
        environments: Environments | None = None,
        ca_bundle: Path | None = None,
        max_jobs: int = 10,
        quotas: Mapping[str, int] | None = None,
        grace: float = 10.0,
        upload_interval: float = 5.0,
        store: Callable[[Credentials], ObjectStore] | None = None,
        log_stream: Callable[[Credentials, str], LogStream | None] | None = None,
        announce: Callable[[Mapping[str, Any]], None] = silent,
    ) -> None:
        self._clients = Clients(
            partial(client, endpoint_url=endpoint_url, region=region, ca_bundle=ca_bundle)
        )
        self._settings = Settings(
            home=home.absolute(),
            endpoint_url=endpoint_url,
            region=region,
            ca_bundle=ca_bundle,
            environments=environments or Environments(),
            store=store or self._s3,
            log_stream=log_stream or self._cloudwatch,
            refusal=refusal,
            grace=grace,
            upload_interval=upload_interval,
        )
        self.home = self._settings.home
        self._arn = arn_prefix(region, account_id)
        self._credentials = credentials
        self._quotas = Quotas(quotas or {})
        self._announce = announce
        self._jobs: dict[str, Job] = {}
        self._threads: set[threading.Thread] = set()
        self._lock = threading.RLock()
        self._concurrency = ConcurrencyLimit(max_jobs)

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """CreateProcessingJob: start a job.

        Raises:
            ServiceError: ValidationException, ResourceInUse or ResourceLimitExceeded.
        """
        validate_job(request)
        credentials = self._assume(request["RoleArn"], f"{self._arn}{request['ProcessingJobName']}")
        with self._lock:
            job = self._admit(request)
            thread = threading.Thread(
                target=self._run_job, args=[job, credentials], name=f"job {job.name}", daemon=True
            )
            self._jobs[job.name] = job
            self._threads.add(thread)
            job.announce()
            thread.start()
        return {"ProcessingJobArn": job.arn}

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeProcessingJob; times are aware datetimes.

        Raises:
            ServiceError: ValidationException, there is none.
        """
        return self._job(name).description()

    def list(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """ListProcessingJobs, with every filter and order of the API.

        Raises:
            ServiceError: ValidationException.
        """
        with self._lock:
            jobs = list(self._jobs.values())
        return listed(jobs, request)

    def stop(self, name: str) -> None:
        """StopProcessingJob: SIGTERM, then SIGKILL after the grace.

        Raises:
            ServiceError: ValidationException, there is none or it is over.
        """
        job = self._job(name)
        if not job.request_stop():
            raise ServiceError(
                "ValidationException",
                f"The request was rejected because the processing job is in status {job.status}.",
            )
        self._concurrency.look_again()

    def delete(self, name: str) -> None:
        """DeleteProcessingJob: forget a job that is over, and its files; its name is free again.

        Raises:
            ServiceError: ResourceNotFound, or ResourceInUse while it is not over.
        """
        with self._lock:
            job = self._jobs.get(name)
            if job is None:
                raise ServiceError("ResourceNotFound", _UNKNOWN.format(name=name))
            if not job.is_over:
                raise ServiceError(
                    "ResourceInUse",
                    f"The processing job {name} is in status {job.status}: only one that is "
                    "Completed, Failed or Stopped can be deleted.",
                )
            del self._jobs[name]
            remove(self.home / "jobs" / name)

    def add_tags(self, arn: str, tags: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """AddTags on a job.

        Raises:
            ServiceError: ValidationException.
        """
        validate("AddTags", {"ResourceArn": arn, "Tags": list(tags)})
        job = self._job_of_arn(arn)
        with self._lock:
            job.tags |= {tag["Key"]: tag["Value"] for tag in tags}
        return self.list_tags(arn)

    def delete_tags(self, arn: str, keys: Sequence[str]) -> None:
        """DeleteTags of a job.

        Raises:
            ServiceError: ValidationException.
        """
        validate("DeleteTags", {"ResourceArn": arn, "TagKeys": list(keys)})
        job = self._job_of_arn(arn)
        with self._lock:
            job.tags = {key: value for key, value in job.tags.items() if key not in keys}

    def list_tags(self, arn: str) -> dict[str, Any]:
        """ListTags of a job.

        Raises:
            ServiceError: ValidationException, there is no such job.
        """
        tags = self._job_of_arn(arn).tags
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def wait(self, name: str, timeout: float | None = None) -> dict[str, Any]:
        """Block until a job is over.

        Returns:
            What `describe` says of it then.

        Raises:
            ServiceError: ValidationException, there is none.
            TimeoutError: The job is not over after `timeout` seconds.
        """
        job = self._job(name)
        if not job.wait(timeout):
            raise TimeoutError(f"job {name} is still {job.status} after {timeout} seconds")
        return job.description()

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return what `restore` needs to know of every job, as JSON holds it."""
        with self._lock:
            jobs = list(self._jobs.values())
        return [job.record() for job in jobs]

    def restore(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Know the jobs of an earlier process again; those that ran then have failed with it.

        Args:
            records: What `records` returned there.
        """
        with self._lock:
            for job in map(Job.restored, records):
                self._jobs[job.name] = job
        discard_temporary(self.home / "jobs")

    @property
    def running(self) -> int:
        """How many jobs are not over."""
        with self._lock:
            return sum(not job.is_over for job in self._jobs.values())

    def close(self) -> None:
        """Stop every job and wait until nothing of any is left."""
        with self._lock:
            self._settings.closing.set()
            threads = list(self._threads)
            for job in self._jobs.values():
                job.request_stop()
        self._concurrency.look_again()
        self._settings.environments.close()
        for thread in threads:
            thread.join()

    def _run_job(self, job: Job, credentials: Credentials) -> None:
        try:
            with self._concurrency.place(job):
                execute(job, self._settings, credentials)
        finally:
            self._clients.close(credentials)
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _admit(self, request: Mapping[str, Any]) -> Job:
        name = request["ProcessingJobName"]
        if self._settings.closing.is_set():
            raise ServiceError("InternalFailure", "the local cloud is shutting down")
        if name in self._jobs:
            raise ServiceError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, and a job with this "
                f"name already exists ({self._jobs[name].arn})",
            )
        running = [job.request for job in self._jobs.values() if not job.is_over]
        cluster = self._quotas.admit(_cluster(request), map(_cluster, running))
        admitted = {**request, "ProcessingResources": {"ClusterConfig": cluster}}
        return Job(admitted, f"{self._arn}{name}", self._announce)

    def _assume(self, role: str, job_arn: str) -> Credentials:
        try:
            return self._credentials(role, job_arn)
        except Exception as error:
            raise ServiceError(
                "ValidationException",
                f"Could not assume role {role}. Please ensure that the role exists and allows "
                f"principal 'sagemaker.amazonaws.com' to assume the role. ({error})",
            ) from error

    def _job(self, name: str) -> Job:
        with self._lock:
            job = self._jobs.get(name)
        if job is None:
            # What the service answers, whatever its reference says: the controller of Kubernetes
            # for SageMaker (aws-controllers-k8s) tells an unknown job by this code and these words.
            raise ServiceError("ValidationException", _UNKNOWN.format(name=name))
        return job

    def _job_of_arn(self, arn: str) -> Job:
        return self._job(arn.rpartition("/")[2])

    def _s3(self, credentials: Credentials) -> ObjectStore:
        return S3Store(self._clients.client("s3", credentials))

    def _cloudwatch(self, credentials: Credentials, stream: str) -> LogStream:
        return CloudWatchStream(self._clients.client("logs", credentials), LOG_GROUP, stream)


def _cluster(request: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = request["ProcessingResources"]["ClusterConfig"]
    return found


def arn_prefix(region: str, account_id: str) -> str:
    """Return what the ARNs of an account's processing jobs in a region begin with."""
    partition = botocore.session.get_session().get_partition_for_region(region)
    return f"arn:{partition}:sagemaker:{region}:{account_id}:processing-job/"
