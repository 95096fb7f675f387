"""The check of literal secrets that nobody has to ask for."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.checks.secret_warnings import is_warned, warn_of_secrets
from cdk_sagemaker_processing.checks.sites import Sites
from cdk_sagemaker_processing.request import model
from tests.checks.samples import CERTAIN, PASSWORD, new_app, synth

ID = "SageMakerProcessing::LiteralSecret"


def step_with(stack: cdk.Stack, value: str) -> cdk.CfnResource:
    """A construct that stands for a step with a variable."""
    step = cdk.CfnResource(stack, "Step", type="Custom::Step")
    cluster = model.ClusterConfig(InstanceCount=1, InstanceType="ml.m5.xlarge", VolumeSizeInGB=30)
    request = model.CreateProcessingJobRequest(
        ProcessingJobName="split",
        ProcessingResources=model.ProcessingResources(ClusterConfig=cluster),
        AppSpecification=model.AppSpecification(ImageUri="image"),
        RoleArn="arn:aws:iam::111122223333:role/job",
        Environment={"DB_PASSWORD": value},
    )
    warn_of_secrets(step, request)
    return step


def test_what_is_likely_is_a_warning(tmp_path: Path) -> None:
    """The synthesis goes on."""
    app = new_app(tmp_path)
    stack = cdk.Stack(app, "Prod")
    step = step_with(stack, PASSWORD)

    (warning,) = assertions.Annotations.from_stack(stack).find_warning(
        "*", assertions.Match.any_value()
    )

    assert is_warned(Sites().of(step))
    assert warning.id == "/Prod/Step"
    assert "Environment.DB_PASSWORD seems to hold a password" in str(warning.entry.data)
    assert PASSWORD not in str(warning.entry.data)


def test_what_is_certain_fails_the_synthesis(tmp_path: Path) -> None:
    """With the step's path, where it stands and how to mend it."""
    app = new_app(tmp_path)
    step_with(cdk.Stack(app, "Prod"), CERTAIN["an AWS access key"])

    error = synth(app).error

    assert "[Prod/Step] Environment.DB_PASSWORD holds an AWS access key (AKIA…)" in error
    assert "secret.grant_read(step.role)" in error
    assert CERTAIN["an AWS access key"] not in error


@pytest.mark.parametrize("around", ["step", "stack", "app"])
@pytest.mark.parametrize("value", [PASSWORD, CERTAIN["a GitHub token"]])
def test_either_is_acknowledged_at_the_step_or_around_it(
    tmp_path: Path, around: str, value: str
) -> None:
    """By the same id as in the plugin, after the step is made."""
    app = new_app(tmp_path)
    stack = cdk.Stack(app, "Prod")
    step = step_with(stack, value)

    cdk.Validations.of({"step": step, "stack": stack, "app": app}[around]).acknowledge(
        cdk.Acknowledgment(id=ID, reason="of a test")
    )

    assert not is_warned(Sites().of(step))
    assert synth(app).error == ""


def test_a_name_says_nothing_without_a_secret(tmp_path: Path) -> None:
    """Nothing is told, and nothing asked of the CDK."""
    step = step_with(cdk.Stack(new_app(tmp_path), "Prod"), "arn:aws:secretsmanager:eu-west-1:1:a")

    assert not is_warned(Sites().of(step))


def test_every_step_is_checked(stack: cdk.Stack, script: Path) -> None:
    """Without the plugin."""
    processing.SKLearnStep(
        stack,
        "Split",
        framework_version="1.2-1",
        code=str(script),
        environment={"DB_PASSWORD": PASSWORD},
    )

    (warning,) = assertions.Annotations.from_stack(stack).find_warning(
        "*", assertions.Match.string_like_regexp("LiteralSecret")
    )

    assert warning.id == "/Prod/Split"
