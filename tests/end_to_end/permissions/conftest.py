"""A local cloud that enforces IAM."""

from collections.abc import Iterator

import pytest

from cdk_sagemaker_processing.local import LocalCloud
from tests.end_to_end.conftest import Cloud


@pytest.fixture(scope="session")
def guarded() -> Iterator[Cloud]:
    """A local cloud, started once, where whoever acts may do what its policies say."""
    with LocalCloud.start(enforce_iam=True) as local:
        yield Cloud(local)
