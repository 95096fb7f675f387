"""A state machine with what every one should have."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import (
    ENVIRONMENT,
    definition,
    resolved,
    statements_of,
    template_of,
    warnings_of,
)


def properties_of(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    """The properties of a stack's resources of a kind."""
    return [
        resolved(stack, one["Properties"])
        for one in template_of(stack)["Resources"].values()
        if one["Type"] == kind
    ]


def log_of(stack: cdk.Stack) -> dict[str, Any]:
    """The stack's only log group."""
    groups: list[dict[str, Any]] = [
        one
        for one in template_of(stack)["Resources"].values()
        if one["Type"] == "AWS::Logs::LogGroup"
    ]
    (group,) = groups
    return group


def test_its_executions_are_logged_and_traced(stack: cdk.Stack, script: Path) -> None:
    """Every event is logged, yet not what states are given and give, where secrets may be."""
    processing.ProcessingWorkflow(
        stack, "Nightly", definition=processing.SKLearnStep(stack, "Clean", code=script)
    )

    (machine,) = properties_of(stack, "AWS::StepFunctions::StateMachine")
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_what_is_logged_may_be_chosen(stack: cdk.Stack) -> None:
    """The events and whether their data goes along."""
    processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=sfn.Pass(stack, "Pass"),
        log_level=sfn.LogLevel.ERROR,
        include_execution_data=True,
    )

    (machine,) = properties_of(stack, "AWS::StepFunctions::StateMachine")
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is True


def test_its_log_stays_and_is_never_in_the_way(stack: cdk.Stack) -> None:
    """Its name is another one with each role, and of the prefix that no account policy limits."""
    processing.ProcessingWorkflow(stack, "Nightly", definition=sfn.Pass(stack, "Pass"))

    assert log_of(stack) == {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {
            "LogGroupName": {
                "Fn::Join": [
                    "",
                    [
                        "/aws/vendedlogs/states/",
                        {"Ref": "AWS::StackName"},
                        "/Nightly-",
                        {"Fn::GetAtt": ["NightlyStateMachineRole311EA709", "RoleId"]},
                    ],
                ]
            },
            "RetentionInDays": 180,
        },
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "Retain",
    }


def test_where_roles_are_made_elsewhere_a_log_is_named_after_the_stacks_id(
    tmp_path: Path,
) -> None:
    """A role that exists already tells no id of its own at synth."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    iam.Role.customize_roles(
        app, use_precreated_roles={"Prod/Nightly/StateMachine/Role": "runs-nightly"}
    )
    stack = cdk.Stack(app, "Prod", env=ENVIRONMENT)

    processing.ProcessingWorkflow(stack, "Nightly", definition=sfn.Pass(stack, "Pass"))

    name = log_of(stack)["Properties"]["LogGroupName"]
    assert name["Fn::Join"][1][-1] == {
        "Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]
    }


@pytest.mark.parametrize(("allowed", "policy"), [(False, "Retain"), (True, "Delete")])
def test_its_log_goes_where_the_app_allows_it(stack: cdk.Stack, allowed: bool, policy: str) -> None:
    """As the buckets of a storage do."""
    stack.node.set_context("cdk-sagemaker-processing:allowDestroy", allowed)

    processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=sfn.Pass(stack, "Pass"),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )

    assert log_of(stack)["DeletionPolicy"] == policy
    assert len(warnings_of(stack)) == (0 if allowed else 1)


def test_a_key_encrypts_executions_and_their_log(stack: cdk.Stack) -> None:
    """The key's own policy lets both services use it, the machine's role lets the machine."""
    processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=sfn.Pass(stack, "Pass"),
        encryption_key=kms.Key(stack, "Key"),
    )

    (machine,) = properties_of(stack, "AWS::StepFunctions::StateMachine")
    assert machine["EncryptionConfiguration"] == {
        "KmsDataKeyReusePeriodSeconds": 300,
        "KmsKeyId": "<Key961B73FD>",
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
    }
    assert log_of(stack)["Properties"]["KmsKeyId"] == {"Fn::GetAtt": ["Key961B73FD", "Arn"]}
    (key,) = properties_of(stack, "AWS::KMS::Key")
    assert key["KeyPolicy"]["Statement"][1:] == [
        {
            "Action": "kms:Decrypt*",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Resource": "*",
        },
        {
            "Action": [
                "kms:Decrypt",
                "kms:Describe*",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        "arn:<AWS::Partition>:logs:eu-west-1:111122223333:log-group:"
                        "/aws/vendedlogs/states/*"
                    )
                }
            },
            "Effect": "Allow",
            "Principal": {"Service": "logs.eu-west-1.<AWS::URLSuffix>"},
            "Resource": "*",
        },
    ]
    assert statements_of(stack, "Encryption") == [
        {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Condition": {
                "StringEquals": {
                    "kms:EncryptionContext:aws:states:stateMachineArn": (
                        "<NightlyStateMachineF28BA435>"
                    )
                }
            },
            "Effect": "Allow",
            "Resource": "<Key961B73FD>",
        }
    ]
    assert warnings_of(stack) == []


def test_a_key_of_another_stack_encrypts_them_too(tmp_path: Path) -> None:
    """Its policy names nothing of the workflow's stack, which waits for it."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    keys, jobs = (cdk.Stack(app, name, env=ENVIRONMENT) for name in ("Keys", "Jobs"))

    processing.ProcessingWorkflow(
        jobs,
        "Nightly",
        definition=sfn.Pass(jobs, "Pass"),
        encryption_key=kms.Key(keys, "Key"),
    )
    app.synth()

    assert jobs.dependencies == [keys]
    assert keys.dependencies == []


def test_of_an_imported_key_a_warning_tells_what_it_must_allow(stack: cdk.Stack) -> None:
    """Nobody can change its policy from here, and a deploy without it fails."""
    arn = "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"
    processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=sfn.Pass(stack, "Pass"),
        encryption_key=kms.Key.from_key_arn(stack, "Key", arn),
    )

    (warning,) = warnings_of(stack)
    for part in (
        "the policy of encryption_key cannot be changed by this app",
        "logs.<region>.amazonaws.com kms:Decrypt, kms:Describe*, kms:Encrypt,",
        "for log groups /aws/vendedlogs/states/*",
        "delivery.logs.amazonaws.com kms:Decrypt*",
        "[ack: cdk-sagemaker-processing:keyPolicyNotChanged]",
    ):
        assert part in warning


def test_its_machine_is_an_output_of_the_stack(stack: cdk.Stack, script: Path) -> None:
    """So a command line finds it by its path."""
    processing.ProcessingWorkflow(
        stack, "Nightly", definition=processing.SKLearnStep(stack, "Clean", code=script)
    )

    (output,) = template_of(stack)["Outputs"].values()

    assert output["Description"] == "Step Functions state machine of workflow Prod/Nightly"
    assert output["Value"] == {"Ref": "NightlyStateMachineF28BA435"}


def test_it_takes_any_chain(stack: cdk.Stack, script: Path) -> None:
    """A step may stand in a Parallel, behind a Choice, or in a chain with other states."""
    step = processing.SKLearnStep(stack, "Clean", code=script)
    both = sfn.Parallel(stack, "Both").branch(step).branch(sfn.Pass(stack, "Other"))
    workflow = processing.ProcessingWorkflow(
        stack, "Nightly", definition=both.next(sfn.Succeed(stack, "Done"))
    )

    states = definition(workflow.state_machine)["States"]

    assert list(states) == ["Both", "Done"]
    assert list(states["Both"]["Branches"][0]["States"]) == ["Clean"]


def test_a_jsonata_workflow_renders_its_steps_in_jsonata(stack: cdk.Stack, script: Path) -> None:
    """One word for the whole machine."""
    workflow = processing.ProcessingWorkflow(
        stack,
        "Nightly",
        definition=processing.SKLearnStep(stack, "Clean", code=script),
        query_language=sfn.QueryLanguage.JSONATA,
    )

    read = definition(workflow.state_machine)

    assert read["QueryLanguage"] == "JSONata"
    assert "Arguments" in read["States"]["Clean"]
