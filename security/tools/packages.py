"""pip-audit over the lock files."""

import json
from collections.abc import Sequence
from pathlib import Path

from security.environment import ROOT, ToolError, run, tool
from security.findings import Acknowledgement, Evaluation, Finding

__all__ = ["ACKNOWLEDGED", "LOCK_FILES", "TOOL", "evaluate"]

TOOL = "pip-audit"
LOCK_FILES = (Path("requirements/dev.txt"), Path("requirements/uv.txt"))
# Of vulnerabilities that do not reach this project, until a version without them is out.
ACKNOWLEDGED: tuple[Acknowledgement, ...] = ()
_TIMEOUT_SECONDS = 60


def evaluate(lock_file: Path, *, service: Sequence[str] = ()) -> Evaluation:
    """Look the packages of a lock file up in a service of known vulnerabilities.

    Without such a service nothing is evaluated, which the note says.

    Args:
        lock_file: The lock file, relative to the project.
        service: Arguments that name another service than pip-audit's own choice.
    """
    command = [tool("pip-audit"), "--requirement", str(ROOT / lock_file), "--require-hashes"]
    options = ["--disable-pip", "--progress-spinner", "off", "--timeout", "5", "--format", "json"]
    try:
        said = run([*command, *options, *service], timeout_seconds=_TIMEOUT_SECONDS)
        packages = json.loads(said.stdout)["dependencies"]
    except (ToolError, ValueError):
        return Evaluation(TOOL, str(lock_file), 0, note=_unknown("no answer"))
    known = [one for one in packages if "skip_reason" not in one]
    findings = [
        Finding(TOOL, one["id"], str(lock_file), f"{package['name']} {package['version']}")
        for package in known
        for one in package["vulns"]
    ]
    missing = len(packages) - len(known)
    note = _unknown(f"{missing} of {len(packages)} packages unknown to it") if missing else ""
    return Evaluation(TOOL, str(lock_file), len(known), findings, note)


def _unknown(why: str) -> str:
    return f"not audited: the vulnerability service is not in reach here ({why})"
