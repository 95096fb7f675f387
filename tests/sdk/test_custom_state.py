"""``docs/moving/custom-state.md``: the state by hand and the step are one and the same."""

import contextlib
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.docs.blocks import Block, blocks_of
from tests.sdk import recordings
from tests.sdk.comparison import compare
from tests.sdk.differences import Difference
from tests.support import definition, new_stack

_PAGE = "docs/moving/custom-state.md"
_JOB_NAME = r"States\.Format\('preprocess-{}{{}}-{{}}', States\.UUID\(\), \$\$\.State\.RetryCount\)"
_ASSETS = r"cdk-hnb659fds-assets-111122223333-eu-west-1"
DIFFERENCES = (
    Difference(
        r"Parameters\.ProcessingJobName\.\$",
        _JOB_NAME.format(""),
        _JOB_NAME.format("[0-9a-f]{8}-"),
        "two steps' names never begin alike, so that permissions tell them apart",
    ),
    Difference(
        r"Parameters\.RoleArn", r"<JobRole\w+>", r"<PreprocessRole\w+>", "a role of the step's own"
    ),
    Difference(
        r"Parameters\.AppSpecification\.ContainerEntrypoint",
        r'\["python3", "/opt/ml/processing/input/code/[0-9a-f]{64}\.py"\]',
        r'\["python3", "/opt/ml/processing/input/code/preprocessing\.py"\]',
        "a file keeps its name",
    ),
    Difference(
        r"Parameters\.ProcessingInputs\[code\]\.S3Input\.S3Uri",
        rf"s3://{_ASSETS}/[0-9a-f]{{64}}\.py",
        rf"s3://{_ASSETS}/[0-9a-f]{{32}}\.d/code/preprocessing\.py",
        "a file keeps its name",
    ),
    Difference(
        r"Parameters\.ProcessingOutputConfig\.Outputs\[train\]\.S3Output\.S3Uri\.\$",
        r"States\.Format\('s3://<Results\w+>/(?P<rest>Preprocess/\{\}/train/', .+)",
        r"States\.Format\('s3://<ProcessingStorageOutputs\w+>/Prod/(?P<rest>.+)",
        "the outputs of all steps of a stack lie in one bucket",
    ),
    Difference(
        r"Parameters\.Tags\[execution\]\.Key",
        "execution",
        "cdk-sagemaker-processing:execution",
        "a tag that no other tool sets",
    ),
)


def made(title: str, folder: Path) -> cdk.Stack:
    """The stack of one side of the page."""
    stack = new_stack(folder)
    names: dict[str, Any] = {"stack": stack, "cdk": cdk, "processing": processing, "sfn": sfn}
    with contextlib.chdir(recordings.FILES):
        exec(side(title).text, names)  # noqa: S102 # the project's own page
    return stack


def side(title: str) -> Block:
    """One of the two blocks."""
    (block,) = (one for one in blocks_of(_PAGE) if one.title == title)
    return block


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> tuple[cdk.Stack, cdk.Stack]:
    """Both sides: by hand, and ours."""
    return (
        made("CustomState", tmp_path_factory.mktemp("theirs")),
        made("Here", tmp_path_factory.mktemp("ours")),
    )


def state(stack: cdk.Stack) -> dict[str, Any]:
    """The state as it is deployed."""
    (machine,) = (one for one in stack.node.find_all() if isinstance(one, sfn.StateMachine))
    (found,) = definition(machine)["States"].values()
    return dict(found)


def allowed(stack: cdk.Stack) -> list[tuple[list[str], str]]:
    """What the state machine's role may do, each with where."""
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (policy,) = (one for name, one in policies.items() if name.startswith("Nightly"))
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    return [
        ([one["Action"]] if isinstance(one["Action"], str) else one["Action"], _place(one))
        for one in statements
    ]


def _place(statement: dict[str, Any]) -> str:
    text = str(statement["Resource"])
    found = re.search(r"preprocess-|JobRole|PreprocessRole|StepFunctionsGetEvents\w+", text)
    assert found, text
    return found[0].replace("PreprocessRole", "JobRole")


def test_the_states_are_the_same_but_for_names(stacks: tuple[cdk.Stack, cdk.Stack]) -> None:
    """Every difference is declared, and each that is declared is there."""
    found = compare(*(state(stack) for stack in stacks))

    assert [one for one in found if not any(known.covers(one) for known in DIFFERENCES)] == []
    assert [one for one in DIFFERENCES if not any(map(one.covers, found))] == []


def test_the_state_machines_may_do_the_same(stacks: tuple[cdk.Stack, cdk.Stack]) -> None:
    """Both may start and watch their own jobs, pass their job's role, and no more."""
    by_hand, ours = (allowed(stack) for stack in stacks)

    assert by_hand == ours


def test_what_the_page_says_of_a_custom_state_is_so(tmp_path: Path) -> None:
    """Its machine gets no permission for it, a None of its JSON is lost, nothing is checked."""
    stack = new_stack(tmp_path)
    bare = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "ResultPath": None,
        "Parameters": {"ProcessingResources": {"ClusterConfig": {"InstanceCount": 0}}},
    }
    sfn.StateMachine(
        stack,
        "Nightly",
        definition_body=sfn.DefinitionBody.from_chainable(
            sfn.CustomState(stack, "Preprocess", state_json=bare)
        ),
    )

    assertions.Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)
    assert state(stack) == {**{key: bare[key] for key in bare if key != "ResultPath"}, "End": True}
