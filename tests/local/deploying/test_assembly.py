import json
from pathlib import Path
from typing import Any

import pytest

from cdk_sagemaker_processing.local.deploying.assembly import (
    Workflow,
    choose_workflow,
    read_resources,
    read_stacks,
    read_workflows,
)
from cdk_sagemaker_processing.local.errors import LocalCloudError


def machine(path: str | None) -> dict[str, Any]:
    resource: dict[str, Any] = {"Type": "AWS::StepFunctions::StateMachine"}
    return resource | ({"Metadata": {"aws:cdk:path": f"{path}/Resource"}} if path else {})


def write_stack(
    folder: Path,
    name: str,
    resources: dict[str, Any],
    *,
    environment: str = "aws://unknown-account/unknown-region",
    stage: str = "",
) -> dict[str, Any]:
    """Write a template and return its artifact for the manifest."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": {"templateFile": f"{name}.template.json", "stackName": f"{stage}{name}"},
        "displayName": f"{stage.replace('-', '/')}{name}",
    }


def write_manifest(folder: Path, **artifacts: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


@pytest.fixture
def workflows(tmp_path: Path) -> tuple[Workflow, ...]:
    """Three state machines, in a stack and in a stage's stack."""
    stage = tmp_path / "assembly-Prod"
    inner = write_stack(
        stage,
        "Flights",
        {"NightlyM": machine("Prod/Flights/Nightly/Machine"), "Plain": machine(None)},
        environment="aws://111122223333/eu-west-1",
        stage="Prod-",
    )
    write_manifest(stage, PF=inner)
    outer = write_stack(
        tmp_path,
        "Small",
        {"Bucket": {"Type": "AWS::S3::Bucket"}, "Machine": machine("Small/Machine")},
    )
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    write_manifest(tmp_path, Small=outer, Tree={"type": "cdk:tree"}, Prod=nested)
    return read_workflows(read_stacks(tmp_path))


def test_stacks_of_stages_are_found(workflows: tuple[Workflow, ...]) -> None:
    """Each stack has its path, its name and the account and region that it asks for, if any."""
    small, nightly, _ = (workflow.stack for workflow in workflows)
    assert (small.path, small.name) == ("Small", "Small")
    assert (small.account, small.region) == (None, None)
    assert (nightly.path, nightly.name) == ("Prod/Flights", "Prod-Flights")
    assert (nightly.account, nightly.region) == ("111122223333", "eu-west-1")


def test_workflows_go_by_their_construct_paths(workflows: tuple[Workflow, ...]) -> None:
    """A machine of a template without metadata goes by its stack and logical id."""
    assert [workflow.path for workflow in workflows] == [
        "Small/Machine",
        "Prod/Flights/Nightly/Machine",
        "Prod-Flights/Plain",
    ]


@pytest.mark.parametrize(
    "wanted",
    ["Prod/Flights/Nightly/Machine", "Prod/Flights/Nightly", "/Prod/Flights/Nightly/", "NightlyM"],
)
def test_a_workflow_is_chosen_by_path_or_by_logical_id(
    workflows: tuple[Workflow, ...],
    wanted: str,
) -> None:
    """The path of the construct around the machine is enough."""
    assert choose_workflow(workflows, wanted).logical_id == "NightlyM"


def test_the_only_workflow_needs_no_name(workflows: tuple[Workflow, ...]) -> None:
    """One workflow: that one."""
    assert choose_workflow(workflows[:1], None) is workflows[0]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            None,
            "the app has 3 workflows: choose one by --workflow: Small/Machine, Prod/Flights/Night",
        ),
        ("Prod/Fl", "the app has no workflow 'Prod/Fl': choose one by --workflow: Small/Machine"),
    ],
)
def test_a_choice_that_is_not_clear_names_the_choices(
    workflows: tuple[Workflow, ...],
    wanted: str | None,
    message: str,
) -> None:
    """The error lists the construct paths."""
    with pytest.raises(LocalCloudError, match=message):
        choose_workflow(workflows, wanted)


def test_a_path_with_two_workflows_under_it_is_refused(workflows: tuple[Workflow, ...]) -> None:
    """Only those under the path are offered."""
    two = (workflows[1], Workflow(workflows[1].stack, "Prod/Flights/Weekly", "W"))
    with pytest.raises(
        LocalCloudError, match="more than one workflow: choose one by --workflow: Prod"
    ):
        choose_workflow((workflows[0], *two), "Prod/Flights")


def test_an_app_without_a_workflow_is_refused() -> None:
    """The error says what to add."""
    with pytest.raises(LocalCloudError, match="no state machine: add a ProcessingWorkflow"):
        choose_workflow((), None)


def test_a_workflow_may_be_called_by_the_end_of_its_path(workflows: tuple[Workflow, ...]) -> None:
    """As the commands on deployed workflows call it; a start of a path goes before."""
    assert choose_workflow(workflows, "Nightly").path == "Prod/Flights/Nightly/Machine"
    assert choose_workflow(workflows, "Flights/Nightly").path == "Prod/Flights/Nightly/Machine"


def test_what_constructs_warn_of_is_told_with_their_paths(tmp_path: Path) -> None:
    """The CDK CLI, which is asked to be quiet, says nothing of it."""
    artifact = write_stack(tmp_path, "Small", {})
    entries = [{"type": "aws:cdk:info", "data": "x"}, {"type": "aws:cdk:warning", "data": "late"}]
    write_manifest(tmp_path, Small=artifact | {"metadata": {"/Small/Nightly": entries}})

    (stack,) = read_stacks(tmp_path)

    assert stack.warnings == ("Small/Nightly: late",)


def test_paths_are_known_where_the_template_lacks_them(tmp_path: Path) -> None:
    """An app that was run without the CDK CLI has them beside the template only."""
    entries = [{"type": "aws:cdk:info", "data": "x"}, {"type": "aws:cdk:logicalId", "data": "M"}]
    artifact = write_stack(
        tmp_path, "Small", {"M": machine(None), "B": {"Type": "AWS::S3::Bucket"}}
    )
    (tmp_path / "more.json").write_text(json.dumps({"/Small/Nightly/Resource": entries}))
    artifact |= {
        "metadata": {"/Small/Raw/Resource": [{"type": "aws:cdk:logicalId", "data": "B"}]},
        "additionalMetadataFile": "more.json",
    }
    write_manifest(tmp_path, Small=artifact)

    found = read_resources(read_stacks(tmp_path))

    assert [(one.path, one.kind, one.logical_id) for one in found] == [
        ("Small/Nightly", "AWS::StepFunctions::StateMachine", "M"),
        ("Small/Raw", "AWS::S3::Bucket", "B"),
    ]
