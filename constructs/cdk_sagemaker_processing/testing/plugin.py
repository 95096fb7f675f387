"""What pytest is given: a local cloud for a session of tests, and what its runs came to."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from cdk_sagemaker_processing.testing.cloud import CloudUnderTest
from cdk_sagemaker_processing.testing.result import RunFailedError, RunResult

__all__ = ["local_cloud", "local_cloud_options", "pytest_runtest_makereport"]

_ENDED = pytest.StashKey[list[RunResult]]()


@pytest.fixture(scope="session")
def local_cloud_options() -> dict[str, Any]:
    """What `local_cloud` is started with: the arguments of `CloudUnderTest.start`.

    Define it anew in a `conftest.py` for others, such as quotas.
    """
    return {}


@pytest.fixture(scope="session")
def local_cloud(
    local_cloud_options: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[CloudUnderTest]:
    """A local cloud that is started once: with pytest-xdist once a worker."""
    # pytest keeps its folders of the last few times: what jobs that failed saw can be looked at.
    home = tmp_path_factory.mktemp("local-cloud")
    with CloudUnderTest.start(**{"home": home, **local_cloud_options}) as cloud:
        cloud.on_end = pytestconfig.stash.setdefault(_ENDED, []).append
        yield cloud


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say below a failed test why runs failed that it waited for, or was given."""
    report = yield
    ended = item.config.stash.setdefault(_ENDED, [])
    if report.failed:
        told = {one.arn: one for one in (*ended, *_given(item)) if not one.succeeded}
        if call.excinfo and isinstance(call.excinfo.value, RunFailedError):
            # It is what the report says already.
            told.pop(call.excinfo.value.result.arn, None)
        report.sections += [(f"Run {one.name}", str(one)) for one in told.values()]
    if call.when == "teardown":
        ended.clear()
    return report


def _given(item: pytest.Item) -> list[RunResult]:
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    return [one for one in fixtures.values() if isinstance(one, RunResult)]
