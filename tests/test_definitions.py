"""What the app renders to, judged by tools that know the formats."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cfnlint
import pytest
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing.local.deploying import toolchain
from tests.everything import use_everything
from tests.support import as_text, new_stack, template_of

ROOT = Path(__file__).parent.parent
CONTEXTS = {
    "given": {"account": "111122223333", "region": "eu-west-1"},
    "agnostic": {},
}


@pytest.fixture(scope="module", params=CONTEXTS)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The app's template, for an account and region given and for any."""
    folder = tmp_path_factory.mktemp("cdk.out")
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | CONTEXTS[request.param]
    # As the CDK CLI runs an app.
    variables = {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **variables}, check=True
    )
    read: dict[str, Any] = json.loads((folder / "Flights.template.json").read_text())
    return read


# W3005: the CDK's StateMachine names its role in DependsOn beside the GetAtt.
# W3010: the CDK's Vpc names availability zones, which it looks up in the account.
CDKS_OWN = {"W3005", "W3010"}


def with_examples(text: str) -> str:
    """A definition in which each resource's ARN is one that a validator takes."""
    return text.replace("<AWS::Partition>", "aws").replace("<AWS::Region>", "eu-west-1")


def test_the_template_is_valid_cloudformation(template: dict[str, Any]) -> None:
    """Cfn-lint finds neither an error nor a warning."""
    found = cfnlint.lint(json.dumps(template), regions=["eu-west-1"])

    assert [str(one) for one in found if one.rule.id not in CDKS_OWN] == []


@pytest.mark.local_cloud
def test_the_definition_is_valid_states_language(template: dict[str, Any], tmp_path: Path) -> None:
    """The validator of the Amazon States Language takes it, tokens resolved."""
    assert wrong_states_language(template, tmp_path) == ""


@pytest.fixture(scope="module", params=["JSON_PATH", "JSONATA"])
def everything(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The template of a stack that uses every argument, in either query language."""
    folder = tmp_path_factory.mktemp("everything")
    script = folder / "clean.py"
    script.write_text("print('a job')\n")
    stack = new_stack(folder)
    use_everything(stack, script, sfn.QueryLanguage[request.param])
    return template_of(stack)


def test_every_argument_makes_valid_cloudformation(everything: dict[str, Any]) -> None:
    """Cfn-lint finds neither an error nor a warning."""
    found = cfnlint.lint(json.dumps(everything), regions=["eu-west-1"])

    assert [str(one) for one in found if one.rule.id not in CDKS_OWN] == []


@pytest.mark.local_cloud
def test_every_argument_makes_valid_states_language(
    everything: dict[str, Any], tmp_path: Path
) -> None:
    """The validator of the Amazon States Language takes it, tokens resolved."""
    assert wrong_states_language(everything, tmp_path) == ""


def wrong_states_language(template: dict[str, Any], folder: Path) -> str:
    """What the validator finds in the template's only state machine."""
    (machine,) = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::StepFunctions::StateMachine"
    ]
    path = folder / "definition.json"
    path.write_text(with_examples(as_text(machine["DefinitionString"])))
    checked = subprocess.run(
        [*toolchain.asl_validator_command(), "--json-path", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr
