"""``docs/tasks/house-rules.md`` tells what is true."""

import re
import subprocess
import sys
from pathlib import Path

from cdk_sagemaker_processing.checks.rules import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tasks" / "house-rules.md").read_text()


def test_its_table_holds_every_rule_and_its_reason() -> None:
    """In the order in which they are checked."""
    rows = [row.split(" | ") for row in PAGE.splitlines() if row.startswith("| `")]

    assert [(row[0].strip("| `"), row[2]) for row in rows] == [
        (one.id, one.reason) for one in RULES
    ]


def test_its_examples_synthesize(tmp_path: Path) -> None:
    """One after the other they are an app, which all rules let through."""
    (tmp_path / "load.py").write_text("print('a job')\n")
    (tmp_path / "app.py").write_text("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)))

    ran = subprocess.run(
        [sys.executable, "app.py"], cwd=tmp_path, check=False, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
