"""A processing service over a store and a log in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import Credentials, ProcessingService
from tests.local.jobs.fakes import ROLE, FakeEnvironments, FakeStore, FakeStream

NewService = Callable[..., ProcessingService]


@pytest.fixture
def store() -> FakeStore:
    """An S3 with one bucket, `data`."""
    return FakeStore()


@pytest.fixture
def stream() -> FakeStream:
    """A log stream that every job of the test writes to."""
    return FakeStream()


@pytest.fixture
def environments(tmp_path: Path) -> FakeEnvironments:
    """This machine's own Python, whatever the image."""
    return FakeEnvironments(tmp_path / "environment")


@pytest.fixture
def new_service(
    tmp_path: Path, store: FakeStore, stream: FakeStream, environments: FakeEnvironments
) -> Iterator[NewService]:
    """Makes services that stop everything when the test ends."""
    made: list[ProcessingService] = []

    def make(**settings: Any) -> ProcessingService:
        given = {
            "home": tmp_path / "home",
            "endpoint_url": "http://127.0.0.1:1",
            "region": "us-east-1",
            "account_id": "000000000000",
            "credentials": credentials,
            "environments": environments,
            "grace": 1.0,
            "upload_interval": 0.1,
            "store": lambda _: store,
            "log_stream": lambda _credentials, _name: stream,
        }
        made.append(ProcessingService(**{**given, **settings}))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(new_service: NewService) -> ProcessingService:
    """A processing service with its defaults, but quick."""
    return new_service()


def credentials(role: str, _job: str) -> Credentials:
    """Credentials of the one role that there is."""
    if role != ROLE:
        raise KeyError(role)
    return Credentials("KEY", "SECRET", "TOKEN")
