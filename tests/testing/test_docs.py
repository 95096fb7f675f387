"""What docs/tasks/testing.md says is true: its test runs as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tasks" / "testing.md").read_text()


@pytest.mark.local_cloud
def test_its_test_of_the_flights_passes(tmp_path: Path) -> None:
    """Deployed and run by a pytest of its own, in a folder with the conftest.py it tells of."""
    plugin, test, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "conftest.py").write_text(plugin)
    (tmp_path / "test_flights.py").write_text(test)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    body = test.partition("@pytest")[2]
    assert len([line for line in body.splitlines() if line.strip()]) <= 20
