"""What is looked at."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from constructs import Construct

import cdk_sagemaker_processing as processing
from security.environment import ROOT, ToolError, run, tool
from security.subjects import SUBJECTS, app_of
from security.synthesis import synthesize

NAMES = {subject.name for subject in SUBJECTS}


def test_every_construct_is_looked_at_as_it_comes_and_hardened() -> None:
    """A new construct of the package needs its two rows."""
    members = {name: getattr(processing, name) for name in processing.__all__}
    constructs = {
        name
        for name, member in members.items()
        if isinstance(member, type) and issubclass(member, Construct)
    }

    assert len(constructs) >= 7
    assert {f"{name}{how}" for name in constructs for how in ("", ", hardened")} <= NAMES


def test_the_stacks_of_the_app_are_looked_at(tmp_path: Path) -> None:
    """Each subfolder of stacks/ is a stack of app.py."""
    (subject,) = (one for one in SUBJECTS if one.name == "app.py")
    paths = {stack.path.lower() for stack in synthesize(subject, tmp_path)}

    folders = (path.parent.name for path in ROOT.glob("stacks/*/stack.py"))
    assert paths == {name.replace("_", "") for name in folders}


def test_acknowledgements_are_read_with_their_places(tmp_path: Path) -> None:
    """Each is of the construct that it was given on."""

    def fill(stack: cdk.Stack) -> None:
        inner = cdk.CfnOutput(stack, "Inner", value="x")
        cdk.Validations.of(inner).acknowledge(cdk.Acknowledgment(id="checkov::A", reason="meant"))

    (stack,) = synthesize(app_of(fill), tmp_path)

    (only,) = stack.acknowledgements
    assert (only.path, only.id, only.reason) == ("Stack/Inner", "checkov::A", "meant")


def test_a_missing_tool_says_how_to_have_it() -> None:
    """Not that a file was not found."""
    with pytest.raises(ToolError, match=r"absent is not installed in \.venv-security: `make"):
        tool("absent")


def test_a_tool_that_breaks_is_not_taken_for_one_that_found_nothing() -> None:
    """Its exit code and what it said are told."""
    with pytest.raises(ToolError, match=r"sh ended with exit code 3\nbroken"):
        run(["/bin/sh", "-c", "echo broken; exit 3"])


def test_a_tool_that_hangs_is_given_up() -> None:
    """After the time it is given."""
    with pytest.raises(ToolError, match=r"sleep took longer than 0.2 s"):
        run(["/bin/sleep", "30"], timeout_seconds=0.2)
