"""cfn-lint over the templates."""

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from security.environment import run
from security.findings import Evaluation, Finding
from security.intrinsics import REGION
from security.synthesis import Synthesized

__all__ = ["TOOL", "evaluate"]

TOOL = "cfn-lint"
_COMMAND = [str(Path(sys.executable).with_name("cfn-lint"))]
# A sum of 2 for an error, 4 for a warning and 8 for what is told only.
_FOUND = (0, 2, 4, 6, 8, 10, 12, 14)
_RULE_IDS = ("E", "W")


def evaluate(templates: Mapping[Path, Synthesized]) -> list[Evaluation]:
    """Lint templates.

    Args:
        templates: The stack of each template's file.
    """
    files = [str(path) for path in templates]
    said = run([*_COMMAND, "--format", "json", "--regions", REGION, "--", *files], fine=_FOUND)
    matches = json.loads(said.stdout or "[]")
    return [
        Evaluation(
            TOOL,
            stack.name,
            _rules(),
            [_finding(one, stack) for one in matches if one["Filename"] == str(path)],
        )
        for path, stack in templates.items()
    ]


def _finding(match: Mapping[str, Any], stack: Synthesized) -> Finding:
    place: Sequence[Any] = match["Location"]["Path"] or []
    in_resource = len(place) > 1 and place[0] == "Resources"
    path = stack.path_of(place[1]) if in_resource else stack.path
    return Finding(TOOL, match["Rule"]["Id"], path, match["Message"])


@cache
def _rules() -> int:
    """How many rules it has that are on: errors and warnings."""
    listed = run([*_COMMAND, "--list-rules"]).stdout.splitlines()
    return sum(line[:1] in _RULE_IDS and line[1:5].isdigit() for line in listed)
