"""Checkov over the templates."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from security.environment import run, tool
from security.findings import Evaluation, Finding
from security.synthesis import Synthesized

__all__ = ["TOOL", "evaluate"]

TOOL = "checkov"


def evaluate(templates: Mapping[Path, Synthesized]) -> list[Evaluation]:
    """Check templates.

    Args:
        templates: The stack of each template's file, all in one folder.
    """
    (folder,) = {path.parent for path in templates}
    command = [tool("checkov"), "--directory", str(folder), "--framework", "cloudformation"]
    said = run([*command, "--compact", "--skip-download", "--output", "json"])
    report = json.loads(said.stdout)
    return [_evaluation(list(_of(report, path)), stack) for path, stack in templates.items()]


def _of(report: Mapping[str, Any], path: Path) -> Iterator[Mapping[str, Any]]:
    # Where it found nothing that it has a check for, there are no results.
    results = report.get("results", {})
    for kind in ("passed_checks", "failed_checks"):
        yield from (
            one for one in results.get(kind, ()) if Path(one["file_path"]).name == path.name
        )


def _evaluation(checks: list[Mapping[str, Any]], stack: Synthesized) -> Evaluation:
    return Evaluation(
        TOOL,
        stack.name,
        len({one["check_id"] for one in checks}),
        [
            Finding(TOOL, one["check_id"], stack.path_of(_logical_id(one)), one["check_name"])
            for one in checks
            if one["check_result"]["result"] == "FAILED"
        ],
    )


def _logical_id(check: Mapping[str, Any]) -> str:
    return str(check["resource"]).rpartition(".")[2]
