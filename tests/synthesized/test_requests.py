import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.local.deploying.assembly import Workflow, read_stacks, read_workflows
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.synthesized.requests import choose_step, read_steps
from tests.everything import use_everything

HAND_WRITTEN = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Own",
                "States": {
                    "Own": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
                        "Parameters": {
                            "ProcessingJobName.$": "States.Format('own-{}', $.id)",
                            "RoleArn": "${Role}",
                            "Environment": {"DAY.$": "$.day", "PLACE": "s3://${Bucket}/a"},
                        },
                        "End": True,
                    }
                },
            },
            "End": True,
        }
    },
}
OWN = {
    "ProcessingJobName": "own-{$.id}",
    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
    "Environment": {
        "DAY": "{$.day}",
        "PLACE": {"Fn::Join": ["", ["s3://", {"Ref": "Bucket"}, "/a"]]},
    },
}


def workflows(app: cdk.App) -> tuple[Workflow, ...]:
    return read_workflows(read_stacks(Path(app.synth().directory)))


def flat(value: Any) -> Any:
    """A value whose joined texts are read as CloudFormation reads them, however they are cut."""
    if isinstance(value, dict) and list(value) == ["Fn::Join"]:
        _, pieces = value["Fn::Join"]
        return "".join(one if isinstance(one, str) else json.dumps(one) for one in pieces)
    if isinstance(value, dict):
        return {name: flat(member) for name, member in value.items()}
    return [flat(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("is_in_one_place", [True, False])
def test_the_requests_of_steps_are_those_that_the_steps_render(
    tmp_path: Path, is_in_one_place: bool
) -> None:
    """Every argument there is, in a stack of an account and region and in one of any."""
    script = tmp_path / "script.py"
    script.write_text("")
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    env = cdk.Environment(account="111122223333", region="eu-west-1") if is_in_one_place else None
    stack = cdk.Stack(app, "Everything", env=env)
    use_everything(stack, script, sfn.QueryLanguage.JSON_PATH)
    rendered = {
        one.node.id: flat(one.render_request())
        for one in stack.node.find_all()
        if isinstance(one, processing.ProcessingStep)
    }

    read = {step.name: flat(step.request) for step in read_steps(workflows(app))}

    assert {name: read[name] for name in rendered} == rendered
    assert len(rendered) == 4
    for fallback in read.keys() - rendered.keys():
        step, _, instance_type = fallback.partition(" on ")
        resources = read[fallback].pop("ProcessingResources")
        assert resources["ClusterConfig"]["InstanceType"] == instance_type
        assert read[fallback].items() < rendered[step].items()


def test_in_jsonata_expressions_stand_as_the_definition_has_them(tmp_path: Path) -> None:
    """A step cannot know how its machine asks, so what it renders is in JSONPath."""
    script = tmp_path / "script.py"
    script.write_text("")
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(app, "Say")
    step = processing.SKLearnStep(
        stack,
        "Say",
        code=str(script),
        arguments=["--day", processing.StateInput.text("day")],
        query_language=sfn.QueryLanguage.JSONATA,
    )
    processing.ProcessingWorkflow(stack, "All", definition=step)

    request = choose_step(read_steps(workflows(app)), "Say").request

    application = request["AppSpecification"]
    assert application["ContainerArguments"] == ["--day", "{$states.input.day}"]
    assert request["ProcessingJobName"].endswith("-{$uuid()}-{$states.context.State.RetryCount}")
    assert request["Tags"][-1] == {
        "Key": "cdk-sagemaker-processing:execution",
        "Value": "{$states.context.Execution.Id}",
    }


def machine(folder: Path, **properties: Any) -> tuple[Workflow, ...]:
    """A state machine of a template's."""
    app = cdk.App(outdir=str(folder / "cdk.out"))
    stack = cdk.Stack(app, "Own")
    cdk.CfnResource(
        stack,
        "Machine",
        type="AWS::StepFunctions::StateMachine",
        properties={
            "DefinitionSubstitutions": {
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Bucket": {"Ref": "Bucket"},
            },
            **properties,
        },
    )
    return workflows(app)


def test_hand_written_states_are_read_too(tmp_path: Path) -> None:
    """In a Map, their placeholders filled by the machine's substitutions."""
    (step,) = read_steps(machine(tmp_path, DefinitionString=json.dumps(HAND_WRITTEN)))
    assert (step.name, step.request) == ("Own", OWN)


def test_definitions_in_files_are_read_from_the_assembly(tmp_path: Path) -> None:
    """The CDK uploads them with the app."""
    file = tmp_path / "own.json"
    file.write_text(json.dumps(HAND_WRITTEN))
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    stack = cdk.Stack(app, "Own")
    sfn.StateMachine(
        stack,
        "Machine",
        definition_body=sfn.DefinitionBody.from_file(str(file)),
        definition_substitutions={
            "Role": cdk.Fn.get_att("Role", "Arn").to_string(),
            "Bucket": cdk.Fn.ref("Bucket"),
        },
    )
    (step,) = read_steps(workflows(app))
    assert (step.name, step.request) == ("Own", OWN)


def test_definitions_that_are_objects_are_read(tmp_path: Path) -> None:
    """CloudFormation takes them so too, with intrinsic functions anywhere."""
    state = {
        "Type": "Task",
        "Resource": {"Fn::Sub": "arn:${AWS::Partition}:states:::sagemaker:createProcessingJob"},
        "Parameters": {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Tags": []},
        "End": True,
    }
    plain = {**state, "Resource": "arn:aws:states:::sagemaker:createProcessingJob"}
    definition = {"StartAt": "Own", "States": {"Own": plain, "Hidden": state}}
    (step,) = read_steps(machine(tmp_path, Definition=definition))
    assert step.request == {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "Tags": []}


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        (
            {"DefinitionString": {"Fn::ImportValue": "x"}},
            'it must be text or a Fn::Join of text, it is {"Fn::ImportValue": "x"}',
        ),
        (
            {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
            'it lies in S3, at {"Bucket": "b", "Key": "k"}, and is no asset of the app',
        ),
        ({"DefinitionString": "{"}, "Expecting property name"),
    ],
)
def test_a_definition_that_is_not_there_is_told(
    tmp_path: Path, properties: dict[str, Any], told: str
) -> None:
    """With the machine's path."""
    with pytest.raises(LocalCloudError) as error:
        read_steps(machine(tmp_path, **properties))
    assert str(error.value).startswith(f"the definition of Own/Machine cannot be read: {told}")


def test_an_unknown_step_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """And a name that several machines have, with their paths."""
    (own,) = read_steps(machine(tmp_path, DefinitionString=json.dumps(HAND_WRITTEN)))
    with pytest.raises(LocalCloudError, match=r"no step 'Clean' makes .+; those that do: Own$"):
        choose_step([own], "Clean")
    with pytest.raises(LocalCloudError, match="by --workflow: Own/Machine, Own/Machine"):
        choose_step([own, own], "Own")
    with pytest.raises(LocalCloudError, match="the app has no state that makes a processing job"):
        choose_step([], "Own")
