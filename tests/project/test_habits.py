"""What keeps the project in order: its forms, its hooks, its guide for those who work on it."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdk_sagemaker_processing.checks import plugin
from tests.docs.blocks import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"
SCHEMAS = {
    ".github/workflows/ci.yml": "custom.github-workflows-require-timeout",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    **{
        f".github/ISSUE_TEMPLATE/{path.name}": "vendor.github-issue-forms"
        for path in FORMS.glob("*.yml")
        if path.name != "config.yml"
    },
}


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


@pytest.mark.parametrize("path", SCHEMAS)
def test_what_github_reads_has_its_schema(path: str) -> None:
    """A form or a workflow with a fault is left out by GitHub without a word."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[path], path]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_the_workflow_runs_what_a_landing_must_pass() -> None:
    """There is one list of checks, and it is not in the workflow."""
    workflow = read(".github/workflows/ci.yml")
    steps = workflow["jobs"]["landing"]["steps"]

    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert workflow["permissions"] == {"contents": "read"}


def test_hooks_are_the_project_s_own_tools() -> None:
    """A hook that is cloned would have versions of its own."""
    config = read(".pre-commit-config.yaml")
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]

    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["id"] for hook in hooks} >= {"ruff-check", "ruff-format", "mypy"}
    for hook in hooks:
        folder, _, tool = hook["entry"].split()[0].rpartition("/")
        assert folder == ".venv/bin"
        assert (Path(sys.executable).parent / tool).exists(), f"{tool} is not installed"


def test_hooks_are_written_as_pre_commit_reads_them() -> None:
    """It takes the file as it stands."""
    command = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_the_guide_leads_to_what_is_there() -> None:
    """Every link, every path in backticks and every target of make."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", GUIDE) if "://" not in link]
    paths = re.findall(r"`((?:constructs|docs|tests|tools|stacks)/[\w/.-]+)`", GUIDE)
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"`make ([\w-]+)`", GUIDE)

    assert links
    assert [path for path in (*links, *paths) if not (ROOT / path).exists()] == []
    assert targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []


def test_every_tool_that_refreshes_data_is_in_the_guide() -> None:
    """A data file that nobody knows how to refresh grows old."""
    tools = sorted(path.name for path in (ROOT / "tools").glob("refresh_*.py"))

    assert "refresh_images.py" in tools
    assert [name for name in tools if name not in GUIDE] == []


def test_the_version_is_written_once() -> None:
    """Whoever needs it asks what is installed."""
    written = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    listing = subprocess.run(
        ["git", "grep", "--fixed-strings", "--name-only", f'"{written}"', "--", "constructs"],  # noqa: S607 - the system's own
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert listing.stdout == ""
    assert metadata.version("cdk-sagemaker-processing") == written
    assert plugin.ProcessingChecks().version == written
