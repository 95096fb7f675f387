"""Each tool really evaluates: a bad stack fails by its finding, an acknowledged one passes."""

import io
import json
import subprocess
from functools import partial
from pathlib import Path
from types import ModuleType

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from rich.console import Console

import cdk_sagemaker_processing as processing
from security.environment import ToolError
from security.evaluation import evaluate
from security.findings import Judgement
from security.subjects import app_of
from security.synthesis import synthesize
from security.table import show
from security.tools import parliament, states_language

pytestmark = pytest.mark.local_cloud

NOWHERE = {"StartAt": "Lost", "States": {"Lost": {"Type": "Pass", "Next": "Nowhere"}}}
# What each tool must find in the bad stack, and where.
FAULTS = {
    "AwsSolutions::AwsSolutions-S1": "Stack/Bucket",
    "CloudFormation-Validate::W3030": "Stack/Log",
    "Annotation::tests:warning": "Stack",
    "SageMakerProcessing::NetworkIsolation": "Stack/Open",
    "cfn-lint::E3030": "Stack/Log",
    "checkov::CKV_AWS_18": "Stack/Bucket",
    "asl-validator::MISSING_TRANSITION_TARGET": "Stack/Machine",
    "parliament::RESOURCE_MISMATCH[s3:GetObject]": "Stack/Policy",
}


def bad(stack: cdk.Stack) -> None:
    """Put something into a stack for each tool to find."""
    s3.CfnBucket(stack, "Bucket")
    logs.CfnLogGroup(stack, "Log", retention_in_days=17)
    cdk.Validations.of(stack).add_warning("tests:warning", "It is bad.")
    machine = sfn.CfnStateMachine(
        stack,
        "Machine",
        role_arn="arn:aws:iam::111122223333:role/machine",
        definition_string=json.dumps(NOWHERE),
    )
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket"}
    iam.CfnManagedPolicy(
        stack, "Policy", policy_document={"Version": "2012-10-17", "Statement": [statement]}
    ).add_dependency(machine)
    step = processing.ProcessingStep(
        stack, "Open", image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
    )
    sfn.StateMachine(stack, "Jobs", definition_body=sfn.DefinitionBody.from_chainable(step))


def acknowledged(rules: set[str], stack: cdk.Stack) -> None:
    """The same stack, in which rules are acknowledged."""
    bad(stack)
    cdk.Validations.of(stack).acknowledge(
        *(cdk.Acknowledgment(id=rule, reason="It must be bad.") for rule in rules)
    )


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """What all tools make of the bad stack."""
    folder = tmp_path_factory.mktemp("bad")
    return evaluate([app_of(bad, "bad")], folder, report=lambda _: None, lock_files=[])


@pytest.fixture(scope="module")
def answered(judgement: Judgement, tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """What they make of it when all that they found is acknowledged, and one thing more."""
    rules = {one.id for _, one in judgement.unanswered} | {"checkov::CKV_AWS_999"}
    folder = tmp_path_factory.mktemp("acknowledged")
    subject = app_of(partial(acknowledged, rules), "bad")
    return evaluate([subject], folder, report=lambda _: None, lock_files=[])


@pytest.mark.parametrize(("rule", "path"), FAULTS.items())
def test_each_tool_finds_what_is_bad(judgement: Judgement, rule: str, path: str) -> None:
    """The finding is told with the construct it is about."""
    assert (rule, path) in {(one.id, one.path) for _, one in judgement.unanswered}
    assert not judgement.holds


def test_each_tool_tells_how_many_rules_it_evaluated(judgement: Judgement) -> None:
    """None says that it found nothing where it looked at nothing."""
    rules = {one.tool: one.rules for one in judgement.evaluations}

    assert min(rules.values()) > 0
    assert rules["AwsSolutions"] > 100
    assert rules["cfn-lint"] > 200


def test_what_is_acknowledged_passes(judgement: Judgement, answered: Judgement) -> None:
    """Every finding has its answer, and all are still found."""
    assert answered.unanswered == []
    assert {one.id for _, one, _ in answered.answered} >= found_ids(judgement)


def test_an_acknowledgement_that_nothing_needs_is_told(answered: Judgement) -> None:
    """Only that one is."""
    assert [one.id for one in answered.unused] == ["checkov::CKV_AWS_999"]
    assert not answered.holds


def found_ids(judgement: Judgement) -> set[str]:
    """The rules that were broken, but for warnings, which the CDK drops when acknowledged."""
    ids = {one.id for _, one in judgement.unanswered}
    return {one for one in ids if not one.startswith("Annotation::")}


def printed(judgement: Judgement) -> str:
    """The judgement as a terminal shows it, in one line."""
    said = io.StringIO()
    show(judgement, Console(file=said, width=400))
    return " ".join(said.getvalue().split())


def test_the_table_tells_what_is_wrong(judgement: Judgement) -> None:
    """Each rule stands with its construct, and the sum at the end."""
    said = printed(judgement)

    assert all(f"{rule} " in said for rule in FAULTS)
    assert "bad: Stack/Machine" in said
    assert f"{len(judgement.unanswered)} unacknowledged findings, 0 acknowledged" in said


def test_the_table_tells_why_findings_are_meant(answered: Judgement) -> None:
    """Each acknowledgement stands with its reason and how many findings it answers."""
    said = printed(answered)

    assert "1 asl-validator::MISSING_TRANSITION_TARGET It must be bad." in said
    assert "Unused acknowledgement checkov::CKV_AWS_999 on Stack" in said
    assert f"0 unacknowledged findings, {len(answered.answered)} acknowledged" in said


@pytest.mark.parametrize("tool", [parliament, states_language])
def test_a_tool_that_breaks_is_not_taken_for_one_that_found_nothing(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may break with the exit code that it has for findings."""
    (stack,) = synthesize(app_of(bad), tmp_path / "app")
    (tmp_path / "files").mkdir()
    broken = subprocess.CompletedProcess(["tool"], 1, stdout="", stderr="Traceback")
    monkeypatch.setattr(tool, "run", lambda _: broken)

    with pytest.raises(ToolError, match=r"tool ended with exit code 1\nTraceback"):
        tool.evaluate([stack], tmp_path / "files")
