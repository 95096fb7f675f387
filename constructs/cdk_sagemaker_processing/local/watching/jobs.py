"""The last run's jobs, as what they are run again from."""

import re
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.runs.definition import State
from cdk_sagemaker_processing.runs.follower import RunFollower

__all__ = ["StepJob", "check_step", "followers_of", "last_jobs", "name_again", "request_again"]

_MOST_EXECUTIONS = 100
_LONGEST_NAME = 63
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Of what DescribeProcessingJob returns that which CreateProcessingJob takes. The tags are not
# among it: they say which execution a job is of.
_REQUEST = (
    "AppSpecification",
    "Environment",
    "ExperimentConfig",
    "NetworkConfig",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)


@dataclass(frozen=True, slots=True)
class StepJob:
    """The last job of a step.

    Attributes:
        step: The name of the step's state.
        description: What `DescribeProcessingJob` says of it.
    """

    step: str
    description: Mapping[str, Any]

    def runs(self, digest: str) -> bool:
        """Return whether it takes the files of a bundle in.

        Args:
            digest: The bundle's digest.
        """
        return any(f"/{digest}.d/" in uri for uri in self.inputs)

    @property
    def inputs(self) -> list[str]:
        """The S3 URIs that it reads."""
        given = self.description.get("ProcessingInputs", ())
        return [one["S3Input"]["S3Uri"] for one in given if "S3Input" in one]

    @property
    def outputs(self) -> list[str]:
        """The S3 URIs that it writes below."""
        given = self.description.get("ProcessingOutputConfig", {}).get("Outputs", ())
        return [one["S3Output"]["S3Uri"] for one in given if "S3Output" in one]


def last_jobs(run: RunFollower) -> tuple[StepJob, ...]:
    """Return the last job of each step of a run, those of executions that it started included.

    Args:
        run: The run, followed to its end.

    Returns:
        They stand in the order in which they were created.
    """
    described = [
        StepJob(state.state.name, one.jobs[name].description)
        for one in run.family(_MOST_EXECUTIONS)
        for state in one.progress.states
        for name in state.job_names
        if one.jobs[name].description
    ]
    ordered = sorted(described, key=lambda job: job.description["CreationTime"])
    return tuple({job.step: job for job in ordered}.values())


def check_step(states: Iterable[State], wanted: str | None) -> None:
    """Check that a step is one of a workflow's.

    Args:
        states: The workflow's states. If one of them starts another workflow, the step may be
            that one's, and is not looked for.
        wanted: The step's name; None for all of them.

    Raises:
        LocalCloudError: If it is not.
    """
    known = list(states)
    names = [state.name for state in known if state.is_job]
    if wanted is None or wanted in names or any(state.starts_workflow for state in known):
        return
    there = ", ".join(names) or "none"
    raise LocalCloudError(f"the workflow has no step {wanted!r}; its steps are: {there}")


def followers_of(job: StepJob, jobs: Sequence[StepJob]) -> list[StepJob]:
    """Return the jobs that read what a job writes, and those that read what these write.

    Args:
        job: The job.
        jobs: All jobs, in the order in which they ran.
    """
    written = list(job.outputs)
    found = []
    for one in jobs[jobs.index(job) + 1 :]:
        if any(_meet(place, read) for place in written for read in one.inputs):
            found.append(one)
            written += one.outputs
    return found


def request_again(job: StepJob) -> dict[str, Any]:
    """Return the request by which a job was made, with a name of its own."""
    request = {name: job.description[name] for name in _REQUEST if job.description.get(name)}
    return {"ProcessingJobName": name_again(job.description["ProcessingJobName"]), **request}


def name_again(name: str) -> str:
    """Return a name like that of a job, which no job has yet.

    It begins as that one does: a job's role may be given to jobs of such names only.

    Args:
        name: The job's name.
    """
    named_anew, count = _UUID.subn(str(uuid.uuid4()), name, count=1)
    if count:
        return named_anew
    suffix = f"-{secrets.token_hex(4)}"
    return f"{name[: _LONGEST_NAME - len(suffix)].rstrip('-')}{suffix}"


def _meet(written: str, read: str) -> bool:
    one, other = (f"{uri.rstrip('/')}/" for uri in (written, read))
    return one.startswith(other) or other.startswith(one)
