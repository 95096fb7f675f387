"""The checks as an app's validation plugin, by synthesizing apps."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import cloudformation_include as include

import cdk_sagemaker_processing as processing
from tests.checks.samples import (
    CERTAIN,
    PASSWORD,
    custom,
    definition,
    machine,
    new_app,
    request,
    state,
    synth,
)

NAMESPACE = "SageMakerProcessing"
BROKEN: dict[str, dict[str, Any]] = {
    "VolumeKey": {"ProcessingResources__ClusterConfig__VolumeKmsKeyId": None},
    "TrafficEncryption": {"NetworkConfig__EnableInterContainerTrafficEncryption": None},
    "NetworkIsolation": {"NetworkConfig__EnableNetworkIsolation": False},
    "MaxRuntime": {"StoppingCondition": None},
    "ImageVersion": {"AppSpecification__ImageUri": "registry/clean:latest"},
    "LiteralSecret": {"Environment": {"ID": CERTAIN["an AWS access key"]}},
}
OPEN = request(NetworkConfig__EnableNetworkIsolation=False)


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """An app with all the checks."""
    made = new_app(tmp_path)
    cdk.Validations.of(made).add_plugins(processing.ProcessingChecks())
    return made


def acknowledge(construct: Any, rule: str) -> None:
    """Acknowledge a rule as users do."""
    cdk.Validations.of(construct).acknowledge(
        cdk.Acknowledgment(id=f"{NAMESPACE}::{rule}", reason="of a test")
    )


def test_a_sound_app_synthesizes(app: cdk.App) -> None:
    """Nothing is found, nothing said."""
    stack = cdk.Stack(app, "Prod")
    machine(stack, "Machine", custom(stack, "Split", request()))

    report = synth(app)

    assert report.error == ""
    assert report.found == []


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_fails_the_synthesis(app: cdk.App, rule: str) -> None:
    """With the state's construct, the machine's, what came and how to mend it."""
    stack = cdk.Stack(app, "Prod")
    machine(stack, "Machine", custom(stack, "Split", request(**BROKEN[rule])))

    report = synth(app)

    assert report.found == [(rule, "Prod/Split", "error")]
    assert "state 'Split' of Prod/Machine: " in report.text
    assert all(line in report.error for line in report.text.splitlines())
    assert f"Acknowledge with '{NAMESPACE}::{rule}'" in report.error


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_is_acknowledged_at_the_state(app: cdk.App, rule: str) -> None:
    """And its reason stands in the report."""
    stack = cdk.Stack(app, "Prod")
    split = custom(stack, "Split", request(**BROKEN[rule]))
    machine(stack, "Machine", split)
    acknowledge(split, rule)

    report = synth(app)

    assert report.error == ""
    assert report.found == []
    assert report.acknowledged == [(rule, "Prod/Split", "of a test")]


def test_of_several_states_one_is_acknowledged(app: cdk.App) -> None:
    """The other still fails the synthesis."""
    stack = cdk.Stack(app, "Prod")
    split, clean = custom(stack, "Split", OPEN), custom(stack, "Clean", OPEN)
    machine(stack, "Machine", split.next(clean))
    acknowledge(split, "NetworkIsolation")

    report = synth(app)

    assert report.found == [("NetworkIsolation", "Prod/Clean", "error")]
    assert report.acknowledged == [("NetworkIsolation", "Prod/Split", "of a test")]


@pytest.mark.parametrize("rule", ["NetworkIsolation", "NetworkIsolation[Split]"])
def test_a_machine_acknowledges_for_its_states(app: cdk.App, rule: str) -> None:
    """For all of them, or for one by its name."""
    stack = cdk.Stack(app, "Prod")
    chain = custom(stack, "Split", OPEN).next(custom(stack, "Clean", OPEN))
    acknowledge(machine(stack, "Machine", chain), rule)

    report = synth(app)

    left = [("NetworkIsolation", "Prod/Clean", "error")] if "[" in rule else []
    assert report.found == left
    assert len(report.acknowledged) == 2 - len(left)


@pytest.mark.parametrize("jsonata", [False, True])
def test_a_definition_made_as_text_is_looked_at(app: cdk.App, jsonata: bool) -> None:
    """Its states have no constructs: they are told, and acknowledged, at the machine."""
    stack = cdk.Stack(app, "Prod")
    asked = {key: value for key, value in OPEN.items() if not (jsonata and key.endswith(".$"))}
    states = {name: state(asked, jsonata=jsonata) for name in ("Split it", "Clean")}
    text = sfn.DefinitionBody.from_string(json.dumps(definition(**states)))
    made = sfn.StateMachine(stack, "Machine", definition_body=text)
    acknowledge(made, "NetworkIsolation[Split-it]")

    report = synth(app)

    assert report.found == [("NetworkIsolation", "Prod/Machine/Resource", "error")]
    assert "state 'Clean' of Prod/Machine" in report.text
    assert f"alone by '{NAMESPACE}::NetworkIsolation[Clean]' on the state machine" in report.text
    assert len(report.acknowledged) == 1


def test_a_definition_in_a_file_is_looked_at(app: cdk.App, tmp_path: Path) -> None:
    """It travels as an asset, which lies beside the templates, also in a stage."""
    stack = cdk.Stack(cdk.Stage(app, "Live"), "Prod")
    path = tmp_path / "machine.asl.json"
    path.write_text(json.dumps(definition(Split=state(OPEN))))
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_file(str(path)))

    assert synth(app).found == [("NetworkIsolation", "Live/Prod/Machine/Resource", "error")]


def test_a_definition_that_cannot_be_looked_at_is_a_warning(app: cdk.App) -> None:
    """It is told, and the synthesis goes on."""
    stack = cdk.Stack(app, "Prod")
    text = cdk.CfnParameter(stack, "Definition").value_as_string
    sfn.CfnStateMachine(stack, "Machine", role_arn="arn:a", definition_string=text)

    report = synth(app)

    assert report.error == ""
    assert report.found == [("UnreadableDefinition", "Prod/Machine", "warning")]
    assert "the definition is filled in at deploy: it was not checked" in report.text


def test_branches_and_iterations_of_nested_stacks_are_looked_at(app: cdk.App) -> None:
    """And tokens within the definition do not hide it."""
    outer = cdk.Stack(app, "Prod")
    nested = cdk.NestedStack(cdk.NestedStack(outer, "Middle"), "Inner")
    count = cdk.CfnParameter(nested, "Count", type="Number").value_as_number
    size = "ProcessingResources__ClusterConfig__InstanceCount"
    split = custom(nested, "Split", OPEN | {"RoleArn": cdk.Aws.STACK_ID})
    clean = custom(nested, "Clean", request(StoppingCondition=None, **{size: count}))
    each = sfn.Map(nested, "Each").item_processor(split)
    machine(nested, "Machine", sfn.Parallel(nested, "All").branch(each).branch(clean))

    report = synth(app)

    assert sorted(report.found) == [
        ("MaxRuntime", "Prod/Middle/Inner/Clean", "error"),
        ("NetworkIsolation", "Prod/Middle/Inner/Split", "error"),
    ]


def test_states_of_one_name_are_told_apart_by_their_machines(app: cdk.App) -> None:
    """Each is acknowledged for itself."""
    stack = cdk.Stack(app, "Prod")
    pipelines = [cdk.NestedStack(stack, name) for name in ("A", "B")]
    for one in pipelines:
        machine(one, "Machine", custom(one, "Split", OPEN))
    acknowledge(pipelines[0].node.find_child("Split"), "NetworkIsolation")

    assert synth(app).found == [("NetworkIsolation", "Prod/B/Split", "error")]


def test_a_name_that_several_states_may_have_is_told_at_the_machine(
    app: cdk.App, script: Path
) -> None:
    """Rather than at the wrong one."""
    stack = cdk.Stack(app, "Prod")
    for name in ("A", "B"):
        step = hardened(
            stack,
            script,
            name,
            state_name="Split",
            enable_network_isolation=False,
            fallback_instance_types=[],
        )
        machine(stack, f"Machine{name}", step)

    assert synth(app).found == [
        ("NetworkIsolation", "Prod/MachineA/Resource", "error"),
        ("NetworkIsolation", "Prod/MachineB/Resource", "error"),
    ]


def test_an_image_of_a_repository_of_the_app_needs_a_tag(app: cdk.App) -> None:
    """Though CloudFormation makes its URI."""
    stack = cdk.Stack(app, "Prod")
    images = ecr.Repository(stack, "Images")
    moving = request(AppSpecification__ImageUri=images.repository_uri)
    fixed = request(AppSpecification__ImageUri=images.repository_uri_for_tag("1.4.2"))
    machine(stack, "Machine", custom(stack, "Moving", moving).next(custom(stack, "Fixed", fixed)))

    assert synth(app).found == [("ImageVersion", "Prod/Moving", "error")]


def test_a_template_of_cloudformation_is_looked_at(app: cdk.App, tmp_path: Path) -> None:
    """One that was written without the CDK."""
    path = tmp_path / "old.json"
    written = json.dumps(definition(Split=state(OPEN)))
    properties = {"RoleArn": "arn:a", "DefinitionString": {"Fn::Sub": written}}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    path.write_text(json.dumps({"Resources": {"Old": resource}}))
    include.CfnInclude(cdk.Stack(app, "Prod"), "Template", template_file=str(path))

    assert synth(app).found == [("NetworkIsolation", "Prod/Template/Old", "error")]


class OwnMachine(cdk.CfnResource):
    """A construct of somebody's own in the place of the CDK's."""


def test_a_machine_that_is_somebody_s_own_construct_is_looked_at(app: cdk.App) -> None:
    """A state that the stack has is told by itself, any other at the machine."""
    stack = cdk.Stack(app, "Prod")
    custom(stack, "Split", OPEN)
    written = json.dumps(definition(Split=state(OPEN), Other=state(OPEN)))
    properties = {"RoleArn": "arn:a", "DefinitionString": written}
    OwnMachine(stack, "Machine", type="AWS::StepFunctions::StateMachine", properties=properties)

    assert synth(app).found == [
        ("NetworkIsolation", "Prod/Split", "error"),
        ("NetworkIsolation", "Prod/Machine", "error"),
    ]


def test_a_policy_that_passes_roles_to_all_is_told_with_its_construct(app: cdk.App) -> None:
    """And acknowledged there."""
    stack = cdk.Stack(app, "Prod")
    for name in ("Mine", "Theirs"):
        role = iam.Role(stack, name, assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        role.add_to_policy(iam.PolicyStatement(actions=["iam:PassRole"], resources=[role.role_arn]))
        if name == "Theirs":
            acknowledge(role, "PassedToService")

    report = synth(app)

    assert report.found == [("PassedToService", "Prod/Mine/DefaultPolicy/Resource", "error")]
    assert len(report.acknowledged) == 1


def test_what_seems_to_be_a_secret_is_a_warning(app: cdk.App) -> None:
    """In a state that somebody wrote by hand."""
    stack = cdk.Stack(app, "Prod")
    machine(stack, "Machine", custom(stack, "Split", request(Environment={"PASSWORD": PASSWORD})))

    report = synth(app)

    assert report.error == ""
    assert report.found == [("LiteralSecret", "Prod/Split", "warning")]
    assert PASSWORD not in report.text


def test_a_hardened_workflow_of_this_package_is_sound(app: cdk.App, script: Path) -> None:
    """With the images of AWS, its own roles and fallbacks."""
    stack = cdk.Stack(app, "Prod")
    step = hardened(stack, script)
    processing.ProcessingWorkflow(stack, "Workflow", definition=step)

    report = synth(app)

    assert report.error == ""
    assert report.found == []


def test_a_step_and_its_fallbacks_are_told_once(app: cdk.App, script: Path) -> None:
    """Where all of them lack the same."""
    stack = cdk.Stack(app, "Prod")
    step = hardened(stack, script, enable_network_isolation=False)
    processing.ProcessingWorkflow(stack, "Workflow", definition=step)

    assert synth(app).found == [("NetworkIsolation", "Prod/Split", "error")]


def test_a_secret_that_cloudformation_would_write_out_is_a_warning(app: cdk.App) -> None:
    """Its ARN is none, though both are tokens."""
    stack = cdk.Stack(app, "Prod")
    secret = secretsmanager.Secret(stack, "Secret")
    value = secret.secret_value_from_json("password").unsafe_unwrap()
    environment = {"PASSWORD": value, "PASSWORD_ARN": secret.secret_arn}
    machine(stack, "Machine", custom(stack, "Split", request(Environment=environment)))

    report = synth(app)

    assert report.found == [("LiteralSecret", "Prod/Split", "warning")]
    assert "Environment.PASSWORD seems to hold a secret that CloudFormation writes" in report.text


def test_what_a_step_has_warned_of_is_not_told_again(app: cdk.App, script: Path) -> None:
    """Its own warning is there without the plugin; acknowledged, the reason is in the report."""
    stack = cdk.Stack(app, "Prod")
    split = hardened(stack, script, environment={"DB_PASSWORD": PASSWORD})
    clean = hardened(stack, script, "Clean", environment={"DB_PASSWORD": PASSWORD})
    machine(stack, "Machine", split.next(clean))
    acknowledge(clean, "LiteralSecret")

    report = synth(app)

    assert report.error == ""
    assert report.found == []
    assert report.acknowledged == [("LiteralSecret", "Prod/Clean", "of a test")]


def hardened(
    stack: cdk.Stack, script: Path, name: str = "Split", **options: Any
) -> processing.SKLearnStep:
    """A step with all that the rules ask for, but for the options."""
    asked: dict[str, Any] = {
        "framework_version": "1.2-1",
        "code": str(script),
        "volume_kms_key": "alias/jobs",
        "instance_count": 2,
        "encrypt_inter_container_traffic": True,
        "enable_network_isolation": True,
        "max_runtime": cdk.Duration.hours(1),
        "fallback_instance_types": ["ml.m5.2xlarge"],
    }
    return processing.SKLearnStep(stack, name, **(asked | options))


def test_rules_are_chosen(tmp_path: Path) -> None:
    """By their ids, with the plugin's name or without; that of secrets always stays."""
    app = new_app(tmp_path)
    chosen = processing.ProcessingChecks(rules=["MaxRuntime", f"{NAMESPACE}::VolumeKey"])
    cdk.Validations.of(app).add_plugins(chosen)
    stack = cdk.Stack(app, "Prod")
    everything = {name: value for one in BROKEN.values() for name, value in one.items()}
    machine(stack, "Machine", custom(stack, "Split", request(**everything)))

    assert chosen.rule_ids == ["VolumeKey", "MaxRuntime", "LiteralSecret"]
    assert [rule for rule, _, _ in synth(app).found] == ["VolumeKey", "MaxRuntime", "LiteralSecret"]


def test_a_rule_that_is_not_there_is_refused() -> None:
    """With the nearest, or all."""
    with pytest.raises(ValueError, match=r"no rule 'VolumeKeys'; did you mean 'VolumeKey'\?"):
        processing.ProcessingChecks(rules=["VolumeKeys"])
    with pytest.raises(ValueError, match="there are VolumeKey, TrafficEncryption, "):
        processing.ProcessingChecks(rules=["x"])
