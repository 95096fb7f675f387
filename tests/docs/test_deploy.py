"""docs/tasks/deploy.md, rehearsed: its commands deploy to the local cloud, its CI is a workflow."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdk_sagemaker_processing.local.deploying.toolchain import cdk_command, node_environment
from tests.docs import commands
from tests.docs.blocks import ROOT, Block, blocks_of
from tests.docs.files import lay_out

PAGE = "docs/tasks/deploy.md"
# What a shell has there that a machine with the local cloud alone has not.
STAND_INS = """
npx() {{ shift; {cdk} "$@"; }}
aws() {{ {python} -m tests.docs.aws "$@"; }}
trap 'sagemaker-processing local down >&2' EXIT
eval "$(sagemaker-processing local up)"
"""
PATIENCE = 600


def block(title: str) -> Block:
    """The page's file of a name."""
    (found,) = (one for one in blocks_of(PAGE) if one.title == title)
    return found


def environment(home: Path) -> dict[str, str]:
    """What the page's commands run under; files of the cloud lie in a folder of the test's."""
    tools = Path(sys.executable).parent
    return node_environment(os.environ) | {
        "CDK_REQUIRE_APPROVAL": "never",
        "CDK_SAGEMAKER_PROCESSING_STATE": str(home / "state"),
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def rehearse(script: str, folder: Path, home: Path) -> str:
    """Run commands against a local cloud of their own, and return what they print."""
    start = STAND_INS.format(cdk=shlex.join(cdk_command()), python=shlex.quote(sys.executable))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{start}\n{script}"],  # noqa: S607 - the system's own
        cwd=folder,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.local_cloud
def test_its_commands_deploy_and_run_and_destroy(tmp_path: Path) -> None:
    """One after the other, as the page says that they can be rehearsed."""
    folder = tmp_path / "app"
    lay_out(PAGE, folder)
    script = "".join(one.text for one in blocks_of(PAGE) if "rehearsed" in one.marks)

    printed = rehearse(
        script.replace("ACCOUNT", "000000000000").replace("REGION", "us-east-1"), folder, tmp_path
    )

    assert printed.count("000000000000/us-east-1 bootstrapped") == 2
    assert "✓ Succeeded" in printed
    assert "Flights: destroyed" in printed


def test_the_ci_is_a_workflow_of_github(tmp_path: Path) -> None:
    """By the schema of such files."""
    file = tmp_path / "deploy.yml"
    file.write_text(block(".github/workflows/deploy.yml").text)

    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.github-workflows", str(file)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout


def test_the_commands_of_the_ci_are_there() -> None:
    """Each step's `run` is a command with options that it has."""
    found = [line for job in ("test", "deploy") for line in runs(job)]

    assert len(found) == 5
    assert [one for line in found for one in commands.problems(line)] == []


def test_the_ci_may_take_the_role_for_its_repository_and_environment_alone(tmp_path: Path) -> None:
    """What GitHub vouches for is in the role's trust, and the workflow asks for it."""
    made = tmp_path / "app.py"
    made.write_text(block("deployer/app.py").text)
    variables = os.environ | {"CDK_OUTDIR": str(tmp_path / "cdk.out")}
    subprocess.run([sys.executable, str(made)], env=variables, check=True)
    (template,) = (tmp_path / "cdk.out").glob("*.template.json")
    roles = [
        one["Properties"]
        for one in json.loads(template.read_text())["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
    ]
    job = jobs()["deploy"]
    (taken,) = (
        step["with"]["role-to-assume"]
        for step in job["steps"]
        if "configure-aws-credentials" in step.get("uses", "")
    )

    (role,) = roles
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": (
                f"repo:my-team/flights:environment:{job['environment']}"
            ),
        }
    }
    assert taken.endswith(f":role/{role['RoleName']}")
    assert job["permissions"]["id-token"] == "write"


def jobs() -> dict[str, Any]:
    """The jobs of the page's CI."""
    read: dict[str, Any] = yaml.safe_load(block(".github/workflows/deploy.yml").text)["jobs"]
    return read


def runs(job: str) -> list[str]:
    """The commands of a job of the page's CI."""
    return [step["run"] for step in jobs()[job]["steps"] if "run" in step]
