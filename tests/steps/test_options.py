"""The arguments that every kind of step takes, as they stand in the request and the state."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, new_stack, resolved, state_of, statements_of, template_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:7"
EXECUTION = "cdk-sagemaker-processing:execution"
JSONATA = sfn.QueryLanguage.JSONATA
LANGUAGES = pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
Take = processing.StateInput


def step_with(stack: cdk.Stack, name: str = "Clean", **options: Any) -> processing.ProcessingStep:
    """A step with these options."""
    return processing.ProcessingStep(stack, name, **{"image_uri": IMAGE, **options})


def request_of(
    step: processing.ProcessingStep, language: sfn.QueryLanguage | None = None
) -> dict[str, Any]:
    """The request of the step's state."""
    state = state_of(step, language)
    request: dict[str, Any] = state.get("Parameters") or state["Arguments"]
    return request


def own_tag(language: sfn.QueryLanguage | None = None) -> dict[str, Any]:
    """The tag that each job has."""
    if language is None:
        return {"Key": EXECUTION, "Value.$": "$$.Execution.Id"}
    return {"Key": EXECUTION, "Value": "{% $states.context.Execution.Id %}"}


@pytest.mark.parametrize(
    "tags",
    [
        {"team": "data", "day": Take.text("day")},
        [{"Key": "team", "Value": "data"}, {"Key": "day", "Value": Take.text("day")}],
    ],
    ids=["mapping", "list"],
)
@LANGUAGES
def test_tags_stand_before_the_executions(
    stack: cdk.Stack, tags: Any, language: sfn.QueryLanguage | None
) -> None:
    """As a mapping or as the SageMaker SDK's list, with values of the run in them."""
    day = {"Value.$": "$.day"} if language is None else {"Value": "{% $states.input.day %}"}

    assert request_of(step_with(stack, tags=tags), language)["Tags"] == [
        {"Key": "team", "Value": "data"},
        {"Key": "day", **day},
        own_tag(language),
    ]


def test_a_job_has_49_tags_of_the_users_at_most(stack: cdk.Stack) -> None:
    """The 50th of the service's is the execution's."""
    tags = {str(at): "" for at in range(50)}
    with pytest.raises(processing.ValidationError, match=r"tags must be at most 49, .*got 50"):
        step_with(stack, tags=tags)
    tags.popitem()

    assert len(request_of(step_with(stack, "Other", tags=tags))["Tags"]) == 50


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([{"Key": "a", "Value": "1"}] * 2, r"tags\[1\]: two tags of one key, 'a'"),
        ({"aws:team": "x"}, r"tags\[0\]: must not begin with 'aws:'"),
        ({"a" * 129: "x"}, r"tags\[0\].*1 to 128 characters.*Tags\[0\].Key"),
        ({"a": "x" * 257}, r"tags\[0\].*256 characters.*Tags\[0\].Value"),
    ],
    ids=["twice", "reserved", "long key", "long value"],
)
def test_a_tag_that_the_service_refuses_is_named(stack: cdk.Stack, tags: Any, words: str) -> None:
    """By its place."""
    with pytest.raises(processing.ValidationError, match=words):
        step_with(stack, tags=tags)


@LANGUAGES
def test_a_job_is_recorded_under_an_experiment(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """By the SageMaker SDK's mapping, with values of the run in it."""
    step = step_with(
        stack,
        experiment_config={
            "ExperimentName": "flights",
            "TrialName": Take.text("day"),
            "TrialComponentDisplayName": "clean",
            "RunName": "one",
        },
    )
    trial = (
        {"TrialName.$": "$.day"} if language is None else {"TrialName": "{% $states.input.day %}"}
    )

    assert request_of(step, language)["ExperimentConfig"] == {
        "ExperimentName": "flights",
        "TrialComponentDisplayName": "clean",
        "RunName": "one",
        **trial,
    }


@pytest.mark.parametrize("empty", [None, {}], ids=str)
def test_no_experiment_is_none(stack: cdk.Stack, empty: Any) -> None:
    """Left out of the request."""
    assert "ExperimentConfig" not in request_of(step_with(stack, experiment_config=empty))


def test_an_environment_may_be_one_object_of_the_run(stack: cdk.Stack) -> None:
    """In either query language."""
    jsonpath = step_with(stack, "A", environment=sfn.JsonPath.object_at("$.environment"))
    jsonata = step_with(stack, "B", environment="{% $states.input.environment %}")

    assert request_of(jsonpath)["Environment.$"] == "$.environment"
    assert request_of(jsonata, JSONATA)["Environment"] == "{% $states.input.environment %}"


@LANGUAGES
def test_instances_may_be_of_the_run(stack: cdk.Stack, language: sfn.QueryLanguage | None) -> None:
    """Their type, number and size."""
    step = step_with(
        stack,
        instance_type=f"ml.m5.{Take.text('size')}",
        instance_count=Take.number("count"),
        volume_size_in_gb=Take.number("gigabytes"),
    )

    found = request_of(step, language)["ProcessingResources"]["ClusterConfig"]

    if language is None:
        assert found == {
            "InstanceType.$": "States.Format('ml.m5.{}', $.size)",
            "InstanceCount.$": "$.count",
            "VolumeSizeInGB.$": "$.gigabytes",
        }
    else:
        assert found["InstanceCount"] == "{% $states.input.count %}"
        assert found["VolumeSizeInGB"] == "{% $states.input.gigabytes %}"
        assert found["InstanceType"].endswith("ml.m5.' & $states.input.size %}")


def test_instances_may_be_of_the_deploy(stack: cdk.Stack) -> None:
    """By parameters of the stack."""
    kind = cdk.CfnParameter(stack, "Type")
    step = step_with(
        stack, instance_type=kind.value_as_string, fallback_instance_types=["ml.m4.xlarge"]
    )

    cluster = request_of(step)["ProcessingResources"]["ClusterConfig"]

    assert cluster["InstanceType"] == "<Type>"


@LANGUAGES
def test_the_container_may_move_data_by_itself(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """An input needs no folder then; without a word SageMaker moves it."""
    step = step_with(
        stack,
        inputs=[
            processing.ProcessingInput("s3://raw/a/", app_managed=True),
            processing.ProcessingInput("s3://raw/b/", "/opt/ml/processing/b", app_managed=True),
            processing.ProcessingInput("s3://raw/c/", app_managed=False),
        ],
        outputs=[
            processing.ProcessingOutput("out", destination="s3://lake/x/", app_managed=True),
            processing.ProcessingOutput("log", destination="s3://lake/y/"),
        ],
    )

    request = request_of(step, language)

    inputs = request["ProcessingInputs"]
    assert [one.get("AppManaged") for one in inputs] == [True, True, None]
    assert [one["S3Input"].get("LocalPath") for one in inputs] == [
        None,
        "/opt/ml/processing/b",
        "/opt/ml/processing/input/input-3",
    ]
    outputs = request["ProcessingOutputConfig"]["Outputs"]
    assert [one.get("AppManaged") for one in outputs] == [True, None]


def test_what_the_container_moves_by_itself_it_may_read_and_write(stack: cdk.Stack) -> None:
    """An input as any other; what lies where it writes it may manage, too."""
    step_with(
        stack,
        inputs=[processing.ProcessingInput("s3://raw/a/", app_managed=True)],
        outputs=[processing.ProcessingOutput("o", destination="s3://lake/x/", app_managed=True)],
    )

    by_sid = {one.get("Sid"): one["Resource"] for one in statements_of(stack, "CleanRole")}
    assert by_sid["ReadInputs"] == "arn:<AWS::Partition>:s3:::raw/a/*"
    assert by_sid["ManageOwnOutputs"] == "arn:<AWS::Partition>:s3:::lake/x/*"


def test_an_output_may_be_a_feature_group(stack: cdk.Stack) -> None:
    """The container puts the records; no folder, no URI, no bucket of the stack."""
    step = step_with(
        stack,
        outputs=[processing.ProcessingOutput("features", feature_group_name="Flights")],
    )

    assert request_of(step)["ProcessingOutputConfig"] == {
        "Outputs": [
            {
                "OutputName": "features",
                "FeatureStoreOutput": {"FeatureGroupName": "Flights"},
                "AppManaged": True,
            }
        ]
    }
    kinds = {one["Type"] for one in template_of(stack)["Resources"].values()}
    assert "AWS::S3::Bucket" not in kinds
    with pytest.raises(processing.ValidationError, match="'features' goes to a feature group and"):
        step.output("features")


def test_a_feature_group_of_the_stack_may_be_written(stack: cdk.Stack) -> None:
    """Its name is the deploy's, and stays as CloudFormation writes it."""
    group = sagemaker.CfnFeatureGroup(
        stack,
        "Group",
        feature_group_name="flights",
        record_identifier_feature_name="id",
        event_time_feature_name="at",
        feature_definitions=[
            sagemaker.CfnFeatureGroup.FeatureDefinitionProperty(
                feature_name=name, feature_type="String"
            )
            for name in ("id", "at")
        ],
    )

    step_with(
        stack, outputs=[processing.ProcessingOutput("features", feature_group_name=group.ref)]
    )

    (puts,) = [one for one in statements_of(stack, "CleanRole") if one.get("Sid") == "PutRecords"]
    assert puts["Resource"] == (
        "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:feature-group/<Group>"
    )


@pytest.mark.parametrize(
    "place", [{"destination": "s3://lake/x/"}, {"source": "/opt/ml/processing/x"}], ids=str
)
def test_a_feature_group_has_no_place(stack: cdk.Stack, place: dict[str, str]) -> None:
    """The message says how to write to S3 as well."""
    given: dict[str, Any] = {"feature_group_name": "flights", **place}
    with pytest.raises(
        processing.ValidationError, match="'features' goes to the feature group 'flights', so it"
    ):
        step_with(stack, outputs=[processing.ProcessingOutput("features", **given)])


@LANGUAGES
def test_a_step_may_only_start_its_job(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """Its machine then neither follows the job nor stops it, nor hears of its end."""
    step = step_with(stack, integration_pattern=sfn.IntegrationPattern.REQUEST_RESPONSE)

    state = state_of(step, language)

    assert state["Resource"] == "arn:<AWS::Partition>:states:::sagemaker:createProcessingJob"
    assert [one["Action"] for one in statements_of(stack, "MachineClean")] == [
        ["sagemaker:AddTags", "sagemaker:CreateProcessingJob"],
        "iam:PassRole",
    ]
    dimensions = step.metric_failed().dimensions
    assert dimensions is not None
    assert resolved(stack, dimensions["ServiceIntegrationResourceArn"]) == state["Resource"]


def test_a_jobs_name_begins_as_the_user_says(stack: cdk.Stack) -> None:
    """Two steps may say the same: a UUID follows."""
    steps = [step_with(stack, name, base_job_name="nightly") for name in ("A", "B")]

    assert [one.job_name_prefix for one in steps] == ["nightly"] * 2
    machine_of(steps[0])
    run = statements_of(stack, "MachineA")[0]
    assert run["Resource"].endswith(":processing-job/nightly-*")


@pytest.mark.parametrize("name", ["", "x" * 23, "Nightly", "a_b", "-a", "a-", "a b"])
def test_a_jobs_name_that_would_not_fit_is_refused(stack: cdk.Stack, name: str) -> None:
    """With what follows it there is room for 22 characters."""
    with pytest.raises(
        processing.ValidationError, match=r"base_job_name must be 1 to 22 lower-case letters"
    ):
        step_with(stack, base_job_name=name)


def test_a_stack_of_any_environment_has_the_same_state(tmp_path: Path) -> None:
    """The account and region are the deploy's."""
    known = new_stack(tmp_path / "a")
    open_ = new_stack(tmp_path / "b", environment=None)
    options: dict[str, Any] = {
        "inputs": [processing.ProcessingInput("s3://raw/a/")],
        "outputs": [processing.ProcessingOutput("out")],
        "fallback_instance_types": ["ml.m4.xlarge"],
        "result_name": "clean",
        "volume_kms_key": "alias/lake",
    }

    states = [state_of(step_with(stack, **options)) for stack in (known, open_)]

    assert states[0] == states[1]
    assert statements_of(known, "CleanRole") == statements_of(open_, "CleanRole")


def test_everything_a_step_needs_is_granted_to_a_role_of_the_users(stack: cdk.Stack) -> None:
    """As to a role of its own, which is not made then."""
    raw = s3.Bucket(stack, "Raw")
    options: dict[str, Any] = {
        "inputs": [
            processing.ProcessingInput(raw.s3_url_for_object("x/")),
            processing.ProcessingInput(
                processing.AthenaDatasetDefinition(
                    catalog="AwsDataCatalog",
                    database="flights",
                    query_string="SELECT 1",
                    output_format="PARQUET",
                )
            ),
        ],
        "outputs": [
            processing.ProcessingOutput("out", destination="s3://lake/out/"),
            processing.ProcessingOutput("features", feature_group_name="flights"),
        ],
        "subnets": ["subnet-1"],
        "security_group_ids": ["sg-1"],
        "volume_kms_key": "1234",
        "output_kms_key": "alias/lake",
    }
    role = iam.Role.from_role_arn(stack, "Own", "arn:aws:iam::111122223333:role/own")

    step_with(stack, "A", base_job_name="a", **options)
    step_with(stack, "B", base_job_name="b", role=role, **options)

    def actions(part: str) -> list[Any]:
        return [one["Action"] for one in statements_of(stack, part)]

    assert actions("OwnPolicy") == actions("ARole")
    assert not statements_of(stack, "BRole")


def test_a_comment_and_a_name_are_the_states(stack: cdk.Stack) -> None:
    """The construct's id is its name by default."""
    step = step_with(stack, comment="cleans", state_name="Clean the day")

    state = state_of(step)

    assert state["Comment"] == "cleans"
    assert step.state_id == "Clean the day"


@pytest.mark.parametrize(
    ("argument", "value", "member"),
    [
        ("inputs", [processing.ProcessingInput("s3://raw/", app_managed=True)] * 101, "Inputs"),
        ("arguments", ["x"] * 101, "ContainerArguments"),
        ("environment", {f"A{at}": "" for at in range(101)}, "Environment"),
        ("max_runtime", cdk.Duration.days(29), "MaxRuntimeInSeconds"),
        ("volume_size_in_gb", 16385, "VolumeSizeInGB"),
        ("instance_count", 101, "InstanceCount"),
    ],
    ids=["inputs", "arguments", "environment", "runtime", "volume", "count"],
)
def test_more_than_the_service_takes_is_refused(
    stack: cdk.Stack, argument: str, value: Any, member: str
) -> None:
    """By the argument and the API's member."""
    with pytest.raises(processing.ValidationError, match=rf"{argument}\b.*{member}"):
        step_with(stack, **{argument: value})


@pytest.mark.parametrize(
    "timeout", [cdk.Duration.seconds(0), cdk.Duration.days(2000)], ids=["none", "2000 days"]
)
def test_a_timeout_is_1_to_99999999_seconds(stack: cdk.Stack, timeout: cdk.Duration) -> None:
    """As States Language has it."""
    with pytest.raises(processing.ValidationError, match="task_timeout"):
        state_of(step_with(stack, task_timeout=timeout))


@pytest.mark.parametrize("argument", ["max_runtime", "task_timeout"])
@pytest.mark.parametrize(
    "duration",
    [cdk.Duration.minutes(Take.number("minutes")), cdk.Duration.millis(1500)],
    ids=["minutes of the run", "half a second"],
)
def test_a_duration_is_whole_seconds(
    stack: cdk.Stack, argument: str, duration: cdk.Duration
) -> None:
    """The CDK cannot make seconds of minutes that only the run knows."""
    given: dict[str, Any] = {argument: duration}
    with pytest.raises(processing.ValidationError, match=f"{argument}.*seconds"):
        step_with(stack, **given)
