"""What pytest makes of the plugin, in runs of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.processes.ports import choose_port

CONFTEST = """
import pytest
pytest_plugins = ["cdk_sagemaker_processing.testing"]

@pytest.fixture(scope="session")
def local_cloud_options():
    return {"quotas": {"ml.m5.xlarge": 0}}
"""
TESTS = """
import aws_cdk as cdk
import cdk_sagemaker_processing as processing
from pathlib import Path

def test_a_run(local_cloud):
    Path("clean.py").write_text("print('clean')")
    stack = cdk.Stack(cdk.App(), "Shop")
    step = processing.SKLearnStep(stack, "Clean", framework_version="1.2-1", code="clean.py",
        retry_on_service_errors=False)
    processing.ProcessingWorkflow(stack, "Daily", definition=step)
    result = local_cloud.deploy(stack).start().wait()
    Path("port").write_text(local_cloud.local.endpoint_url.rpartition(":")[2])
    assert result.succeeded
"""


def pytest_in(folder: Path, *options: str) -> str:
    """What a pytest of its own prints, which runs in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.local_cloud
def test_a_failed_test_is_told_why_its_run_failed(tmp_path: Path) -> None:
    """Whatever the assertion was; and the cloud, with a quota of the tests' own, is gone."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_shop.py").write_text(TESTS)

    told = pytest_in(tmp_path)

    lines = told.splitlines()
    assert "1 failed" in lines[-1], told
    assert any(
        "where False = <RunResult" in line and "FAILED in Clean" in line for line in lines
    ), told
    (begin,) = [at for at, line in enumerate(lines) if line.strip("- ").startswith("Run 20")]
    assert lines[begin + 1].endswith(" is FAILED")
    assert lines[begin + 2].startswith("✗ Clean (SKLearn) failed: SageMaker.ResourceLimitExceeded")
    port = int((tmp_path / "port").read_text())
    assert choose_port(port) == port, "the port is free again"


def test_the_plugin_is_none_unless_it_is_asked_for(tmp_path: Path) -> None:
    """The library is for apps first: whoever tests none of them with it, pays nothing."""
    (tmp_path / "test_shop.py").write_text("def test_a_run(local_cloud): pass\n")

    assert "fixture 'local_cloud' not found" in pytest_in(tmp_path)


def test_neither_the_package_nor_its_cloud_for_tests_needs_pytest() -> None:
    """The one imports no pytest, the other is there without it."""
    code = (
        "import sys, importlib.util as util\n"
        "import cdk_sagemaker_processing, cdk_sagemaker_processing.local\n"
        "found, util.find_spec = util.find_spec, lambda name: name != 'pytest' and found(name)\n"
        "from cdk_sagemaker_processing.testing import CloudUnderTest\n"
        "print('pytest' in sys.modules, 'aws_cdk' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.strip() == "False False"
