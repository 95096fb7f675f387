"""The local AWS that the tests of MiniStack's adapter share."""

import os
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.local_aws import IMAGE, REAL_CLOUD, Machines, RunningCloud, role, started


@pytest.fixture
def start() -> Callable[..., Any]:
    """Start a local AWS of one's own."""
    return started


@pytest.fixture
def start_real() -> Callable[..., Any]:
    """Start a local AWS of one's own that runs real jobs."""
    return partial(started, program=REAL_CLOUD)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """The local AWS that the tests of a worker share."""
    with started(tmp_path_factory.mktemp("cloud"), "--parent", str(os.getpid())) as running:
        yield running


@pytest.fixture(scope="session")
def states(cloud: RunningCloud) -> Any:
    return cloud.client("stepfunctions")


@pytest.fixture(scope="session")
def sagemaker(cloud: RunningCloud) -> Any:
    return cloud.client("sagemaker")


@pytest.fixture(scope="session")
def job_role(cloud: RunningCloud) -> str:
    """A role that SageMaker may assume."""
    return role(cloud, "sagemaker.amazonaws.com")


@pytest.fixture(scope="session")
def request_for(job_role: str) -> Callable[..., dict[str, Any]]:
    """A CreateProcessingJob request; its keywords go into the job's environment."""

    def build(name: str | None = None, **environment: str) -> dict[str, Any]:
        return {
            "ProcessingJobName": name or f"job-{uuid.uuid4()}",
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": {"ImageUri": IMAGE},
            "RoleArn": job_role,
            "Environment": environment,
        }

    return build


@pytest.fixture(scope="session")
def machines(states: Any) -> Machines:
    return Machines(states)


@pytest.fixture(scope="session")
def new_role(cloud: RunningCloud) -> Callable[..., str]:
    return partial(role, cloud)


@pytest.fixture
def new_role_in() -> Callable[..., str]:
    return role
