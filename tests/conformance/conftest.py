"""The local AWS that the conformance tests share; waits take a hundredth of their time there."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_aws import Machines, RunningCloud, role, started

SCALE = 0.01
"""What part of its time a wait takes, of a Wait state or before a retry; time limits take all."""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """The local AWS; its jobs only wait and end as their `Environment` asks (`fake_cloud.py`)."""
    home = tmp_path_factory.mktemp("cloud")
    with started(home, "--parent", str(os.getpid()), SFN_WAIT_SCALE=str(SCALE)) as running:
        yield running


@pytest.fixture(scope="session")
def states(cloud: RunningCloud) -> Any:
    """A client of Step Functions there."""
    return cloud.client("stepfunctions")


@pytest.fixture(scope="session")
def machines(states: Any) -> Machines:
    return Machines(states)


@pytest.fixture(scope="session")
def job_role(cloud: RunningCloud) -> str:
    """A role that SageMaker may assume."""
    return role(cloud, "sagemaker.amazonaws.com")
