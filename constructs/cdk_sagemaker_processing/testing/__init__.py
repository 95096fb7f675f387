"""Your own stacks, deployed to a local cloud and run there by your own tests.

In `conftest.py` at the root of the tests:

    pytest_plugins = ["cdk_sagemaker_processing.testing"]

and in a test:

    def test_the_pipeline(local_cloud):
        result = local_cloud.deploy(".").start().wait(check=True)
        assert (result.outputs["Split"]["train"] / "train.csv").exists()

Without pytest, `CloudUnderTest.start()` gives the same cloud, for a `with` statement.
"""

from importlib.util import find_spec

from cdk_sagemaker_processing.testing.cloud import CloudUnderTest
from cdk_sagemaker_processing.testing.deployed import DeployedApp
from cdk_sagemaker_processing.testing.result import JobResult, RunFailedError, RunResult
from cdk_sagemaker_processing.testing.run import WorkflowRun

__all__ = [
    "CloudUnderTest",
    "DeployedApp",
    "JobResult",
    "RunFailedError",
    "RunResult",
    "WorkflowRun",
]

if find_spec("pytest"):
    # What pytest finds in a plugin's namespace, it uses.
    from cdk_sagemaker_processing.testing.plugin import (
        local_cloud,
        local_cloud_options,
        pytest_runtest_makereport,
    )

    __all__ += ["local_cloud", "local_cloud_options", "pytest_runtest_makereport"]
