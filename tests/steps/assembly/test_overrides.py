"""Members of the request that a user sets or removes after all else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import as_text, machine_of, resolved, state_of, statements_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
EXECUTION = "cdk-sagemaker-processing:execution"
IMAGE_URI = "AppSpecification.ImageUri"
NAME = "ProcessingJobName"
CLUSTER = "ProcessingResources.ClusterConfig"
FIRST_OUTPUT = "ProcessingOutputConfig.Outputs[0].S3Output"
FIRST_INPUT = "ProcessingInputs[0].S3Input"
JSONATA = sfn.QueryLanguage.JSONATA


def step_with(
    stack: cdk.Stack, overrides: Any, name: str = "Clean", **options: Any
) -> processing.ProcessingStep:
    """A step some of whose members are overridden."""
    return processing.ProcessingStep(
        stack, name, **{"image_uri": IMAGE, "request_overrides": overrides, **options}
    )


def request_of(step: processing.ProcessingStep) -> dict[str, Any]:
    """The step's request."""
    request: dict[str, Any] = resolved(cdk.Stack.of(step), step.render_request())
    return request


def statement(stack: cdk.Stack, sid: str, part: str = "CleanRole") -> dict[str, Any]:
    """A statement of the job's role."""
    (found,) = [one for one in statements_of(stack, part) if one.get("Sid") == sid]
    return found


def test_only_what_is_overridden_changes(stack: cdk.Stack) -> None:
    """All else stays as the arguments have it."""
    plain = request_of(step_with(stack, None, state_name="a", base_job_name="clean"))
    changed = request_of(
        step_with(
            stack,
            {f"{CLUSTER}.InstanceCount": 3, "Environment": {"DAY": "1"}, "StoppingCondition": None},
            "Other",
            base_job_name="clean",
        )
    )

    plain["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 3
    del plain["StoppingCondition"], plain["RoleArn"], changed["RoleArn"]
    assert changed == {**plain, "Environment": {"DAY": "1"}}


def test_overrides_apply_in_their_order(stack: cdk.Stack) -> None:
    """A later one finds what an earlier one made."""
    step = step_with(
        stack,
        {
            "Tags": [{"Key": "a", "Value": "1"}],
            "Tags[1]": {"Key": "b", "Value": "2"},
            "Tags.0.Value": "3",
        },
    )

    assert request_of(step)["Tags"] == [
        {"Key": "a", "Value": "3"},
        {"Key": "b", "Value": "2"},
    ]


def test_the_executions_tag_may_go(stack: cdk.Stack) -> None:
    """Like any other member."""
    assert "Tags" not in request_of(step_with(stack, {"Tags": None}))
    both = request_of(step_with(stack, {"Tags[1]": None}, "Other", tags={"team": "data"}))
    assert both["Tags"] == [{"Key": "team", "Value": "data"}]


@pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
def test_what_is_set_may_be_of_the_run(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """Text, numbers, lists and whole objects, in the language of the machine."""
    take = processing.StateInput
    step = step_with(
        stack,
        {
            f"{CLUSTER}.InstanceCount": take.number("count"),
            "AppSpecification.ContainerArguments": take.texts("arguments"),
            "Environment.DAY": f"day {processing.Execution.start_date()}",
            "Tags[0].Value": take.text("owner"),
        },
    )

    state = state_of(step, language)

    if language is None:
        request = state["Parameters"]
        assert request["ProcessingResources"]["ClusterConfig"]["InstanceCount.$"] == "$.count"
        assert request["AppSpecification"]["ContainerArguments.$"] == "$.arguments"
        assert request["Environment"]["DAY.$"] == (
            "States.Format('day {}', "
            "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0))"
        )
        assert request["Tags"] == [{"Key": EXECUTION, "Value.$": "$.owner"}]
    else:
        request = state["Arguments"]
        cluster = request["ProcessingResources"]["ClusterConfig"]
        assert cluster["InstanceCount"] == "{% $states.input.count %}"
        arguments = request["AppSpecification"]["ContainerArguments"]
        assert arguments == "{% $states.input.arguments %}"
        assert "$substringBefore($states.context" in request["Environment"]["DAY"]
        assert request["Tags"] == [{"Key": EXECUTION, "Value": "{% $states.input.owner %}"}]


def test_what_is_set_may_be_of_the_deploy(stack: cdk.Stack) -> None:
    """As a parameter of the stack; it is never refused."""
    size = cdk.CfnParameter(stack, "Size", type="Number")
    step = step_with(
        stack,
        {
            f"{CLUSTER}.VolumeSizeInGB": size.value_as_number,
            "AppSpecification.ContainerArguments": ["--stack", cdk.Aws.STACK_NAME],
        },
    )

    request = stack.resolve(step.render_request())

    assert request["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == {"Ref": "Size"}
    assert as_text(request["AppSpecification"]["ContainerArguments"][1]) == "<AWS::StackName>"


def test_an_image_that_is_set_may_be_pulled(stack: cdk.Stack) -> None:
    """And the one that it takes the place of may not."""
    step_with(stack, {IMAGE_URI: "444455556666.dkr.ecr.us-west-2.amazonaws.com/other:1"})

    assert statement(stack, "PullImage")["Resource"] == (
        "arn:<AWS::Partition>:ecr:us-west-2:444455556666:repository/other"
    )


def test_places_that_are_set_may_be_read_and_written(stack: cdk.Stack) -> None:
    """And those that they take the place of may not."""
    step_with(
        stack,
        {f"{FIRST_INPUT}.S3Uri": "s3://late/in/", f"{FIRST_OUTPUT}.S3Uri": "s3://late/out/"},
        inputs=[processing.ProcessingInput("s3://raw/in/")],
        outputs=[processing.ProcessingOutput("out", destination="s3://raw/out/")],
    )

    assert statement(stack, "ReadInputs")["Resource"] == "arn:<AWS::Partition>:s3:::late/in/*"
    assert statement(stack, "WriteOutputs")["Resource"] == "arn:<AWS::Partition>:s3:::late/out/*"


def test_an_output_lies_where_it_is_set_to(stack: cdk.Stack) -> None:
    """For those who read it too."""
    first = step_with(
        stack,
        {f"{FIRST_OUTPUT}.S3Uri": f"s3://late/{processing.Execution.start_date()}/"},
        "First",
        outputs=[processing.ProcessingOutput("out")],
    )
    second = step_with(
        stack, None, "Second", inputs=[processing.ProcessingInput(first.output("out"))]
    )

    (one,) = state_of(second)["Parameters"]["ProcessingInputs"]

    assert one["S3Input"]["S3Uri.$"].startswith("States.Format('s3://late/{}/', States.Array")
    reads = statement(stack, "ReadInputs", "SecondRole")["Resource"]
    assert reads == "arn:<AWS::Partition>:s3:::late/*"


def test_a_key_that_is_set_may_be_used(stack: cdk.Stack) -> None:
    """By its id, ARN or alias."""
    step_with(stack, {f"{CLUSTER}.VolumeKmsKeyId": "alias/lake"})

    assert statement(stack, "UseVolumeKey0")["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/lake"}
    }


def test_a_jobs_name_that_is_set_is_what_the_machine_may_run(stack: cdk.Stack) -> None:
    """Its beginning is known, and no two jobs have one name."""
    step = step_with(stack, {NAME: f"nightly-{sfn.JsonPath.uuid()}"})

    machine_of(step)

    run = statements_of(stack, "MachineClean")[0]
    assert run["Resource"].endswith(":processing-job/nightly-*")
    assert step.job_name_prefix == "nightly"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "nightly",
            "must begin with lower-case text known at synth.*go on with a value of the run",
        ),
        (sfn.JsonPath.uuid(), "must begin with lower-case text known at synth"),
        (
            f"{cdk.Aws.STACK_NAME}-{sfn.JsonPath.uuid()}",
            "must begin with lower-case text known at synth",
        ),
        (f"Nightly-{sfn.JsonPath.uuid()}", "lower"),
        (None, "ProcessingJobName: it cannot be removed"),
        (5, "ProcessingJobName"),
    ],
    ids=["fixed", "run time", "deploy", "upper case", "none", "number"],
)
def test_a_jobs_name_that_permissions_cannot_name_is_refused(
    stack: cdk.Stack, name: Any, words: str
) -> None:
    """SageMaker writes names in lower case in ARNs."""
    with pytest.raises(processing.ValidationError, match=words):
        step_with(stack, {NAME: name})


def test_the_role_is_no_override(stack: cdk.Stack) -> None:
    """role= grants as well."""
    with pytest.raises(
        processing.ValidationError,
        match=r"request_overrides: the job's role is set by role=, which also grants .*RoleArn\]",
    ):
        step_with(stack, {"RoleArn": "arn:aws:iam::111122223333:role/job"})


def test_what_is_set_is_checked_as_arguments_are(stack: cdk.Stack) -> None:
    """All problems at once, with those of the arguments."""
    with pytest.raises(processing.ValidationError) as refused:
        step_with(
            stack,
            {
                f"{CLUSTER}.InstanceCount": 0,
                f"{CLUSTER}.InstanceCnt": 1,
                "Tags[7]": {"Key": "a", "Value": "b"},
                "Environment": {"DAY": 5},
            },
            volume_size_in_gb=0,
        )

    message = str(refused.value)
    for words in (
        "instance_count must be 1 to 100, got 0",
        "volume_size_in_gb must be 1 to 16384 GB, got 0",
        "has no member 'InstanceCnt'; did you mean 'InstanceCount'?",
        "Tags is a list of 1: write Tags[0] to Tags[1]",
        "Environment.DAY must be text, got 5: write '5'",
    ):
        assert words in message
    assert all(line.startswith("Prod/Clean (ProcessingStep): ") for line in message.splitlines())


def test_the_instance_type_that_is_set_must_suit_the_image(stack: cdk.Stack, script: Path) -> None:
    """AWS's images are not made for all of them."""
    with pytest.raises(processing.ValidationError, match=r"ml\.m4\.nano"):
        processing.SKLearnStep(
            stack,
            "Clean",
            code=script,
            request_overrides={f"{CLUSTER}.InstanceType": "ml.m4.nano"},
        )


WRONG: dict[str, tuple[Callable[[cdk.Stack], Any], str]] = {
    "a list": (lambda _: ["x"], "request_overrides must be a mapping of members to values"),
    "a number as a path": (lambda _: {5: 1}, "request_overrides.*5"),
    "no path": (lambda _: {"": 1}, "'' is no path of a member: write it as"),
    "a path of the machine": (lambda _: {IMAGE_URI: Path("x")}, f"{IMAGE_URI}.*write 'x'"),
    "a set": (lambda _: {"AppSpecification.ContainerArguments": {"a"}}, "ContainerArguments"),
    "a set within": (lambda _: {"Environment": {"A": {"b"}}}, "Environment"),
    "a duration": (
        lambda _: {"StoppingCondition.MaxRuntimeInSeconds": cdk.Duration.seconds(5)},
        "MaxRuntimeInSeconds",
    ),
    "an object for a key": (
        lambda _: {"ProcessingOutputConfig.KmsKeyId": {"a": 1}},
        r"ProcessingOutputConfig.KmsKeyId must be text, got \{'a': 1\}",
    ),
    "a list for a key": (
        lambda _: {f"{CLUSTER}.VolumeKmsKeyId": ["a"]},
        "VolumeKmsKeyId must be text",
    ),
    "the CDK's key": (
        lambda stack: {f"{CLUSTER}.VolumeKmsKeyId": kms.Key(stack, "Key")},
        "VolumeKmsKeyId must be text",
    ),
    "a flag for a number": (lambda _: {f"{CLUSTER}.InstanceCount": True}, "InstanceCount"),
    "a number for a flag": (
        lambda _: {"NetworkConfig.EnableNetworkIsolation": 1},
        "EnableNetworkIsolation must be True or False, got 1",
    ),
    "a run-time structure": (
        lambda _: {"NetworkConfig": sfn.JsonPath.object_at("$.network")},
        "NetworkConfig cannot be known only at run time in whole",
    ),
    "no value in a list": (
        lambda _: {"AppSpecification.ContainerArguments": ["a", None]},
        r"ContainerArguments\[1\]",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_override_is_told_by_its_path(stack: cdk.Stack, case: str) -> None:
    """Whatever it is, never by an error of Python's own; and once."""
    make, words = WRONG[case]
    overrides = make(stack)
    output = processing.ProcessingOutput("out", destination="s3://lake/out/")

    with pytest.raises(processing.ValidationError, match=words) as refused:
        step_with(stack, overrides, outputs=[output])

    assert len(refused.value.problems) == 1
    assert "request_overrides" in str(refused.value)


def test_a_value_of_the_other_language_is_refused(stack: cdk.Stack) -> None:
    """As in any argument."""
    overrides: Mapping[str, Any] = {"NetworkConfig.EnableNetworkIsolation": "{% $flag %}"}
    step = step_with(stack, overrides)

    with pytest.raises(RuntimeError, match=r"'\$flag' is JSONata, but the state is JSONPath"):
        state_of(step)


def test_an_input_that_is_removed_is_no_longer_read(stack: cdk.Stack) -> None:
    """Nor are permissions for it left over."""
    step = step_with(
        stack, {"ProcessingInputs": None}, inputs=[processing.ProcessingInput("s3://raw/in/")]
    )

    assert "ProcessingInputs" not in request_of(step)
    assert not [one for one in statements_of(stack, "CleanRole") if one.get("Sid") == "ReadInputs"]


def test_overrides_grant_to_a_role_of_the_users(stack: cdk.Stack) -> None:
    """As arguments do."""
    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    step_with(stack, {f"{CLUSTER}.VolumeKmsKeyId": "1234"}, role=role)

    uses = [one for one in statements_of(stack, "Own") if "kms:" in str(one["Action"])]
    assert [one["Action"] for one in uses] == [["kms:CreateGrant", "kms:DescribeKey"]]
