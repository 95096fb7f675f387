"""``docs/tasks/house-rules.md`` lists the rules as they are; its code is tested in tests/docs."""

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
