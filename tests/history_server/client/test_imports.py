import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["choosing", "state", "starting"])
def test_a_client_needs_boto3_alone(module: str) -> None:
    """Who opens a server need not have the CDK or the local cloud, nor wait for either."""
    program = (
        f"import sys, cdk_sagemaker_processing.history_server.client.{module}\n"
        "heavy = {'aws_cdk', 'jsii', 'ministack', 'rich', 'typer'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
