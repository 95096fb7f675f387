"""The states of a step with a cache, what they may do, and which steps can have none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.caching.variables import found, source
from tests.support import definition, machine_of, resolved

DIGEST = "@sha256:" + "0" * 64
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean" + DIGEST
JSONATA = sfn.QueryLanguage.JSONATA
BOTH = pytest.mark.parametrize("language", [None, JSONATA], ids=["JSONPath", "JSONata"])
WEEK = cdk.Duration.days(7)
RAW = processing.ProcessingInput("s3://raw/flights/", "/opt/ml/processing/input/raw")
OUT = processing.ProcessingOutput("out")
FOUND, SOURCE = found("Prod/Clean"), source("Prod/Clean")
PLACE = "s3://<ProcessingStorageOutputsD4C8CADC>/Prod/Clean/"

NOTHING_YET = {
    **dict.fromkeys(("After", "Read", "Stamp", "Made", "Record", "Doubt", "Fresh"), False),
    **dict.fromkeys(("At", "Count"), 0),
    "Name.$": "$$.Execution.Name",
}


def step_with(stack: cdk.Stack, name: str = "Clean", **options: Any) -> processing.ProcessingStep:
    """A step with a cache."""
    given = {"image_uri": IMAGE, "cache": WEEK, "inputs": [RAW], "outputs": [OUT], **options}
    return processing.ProcessingStep(stack, name, **given)


def states_of(
    chain: sfn.IChainable, language: sfn.QueryLanguage | None = None
) -> dict[str, dict[str, Any]]:
    """The states of a machine of a chain."""
    states: dict[str, dict[str, Any]] = definition(machine_of(chain, language))["States"]
    return states


def ways(state: Mapping[str, Any]) -> list[str]:
    """Where a state may lead, rules and catchers first."""
    told = [*state.get("Choices", ()), *state.get("Catch", ())]
    last = state.get("Next") or state.get("Default")
    return [*(one["Next"] for one in told), *([last] if last else [])]


@BOTH
def test_the_states_lead_to_the_job_or_past_it(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """Every error before the job leads to it, every one after it past the record."""
    step = step_with(stack, fallback_instance_types=["ml.m5.2xlarge"])

    states = states_of(step.next(sfn.Succeed(stack, "Tell")), language)

    other = "Clean on ml.m5.2xlarge"
    assert {name: ways(one) for name, one in states.items()} == {
        "Clean: key": ["Clean: known"],
        "Clean: known": ["Clean", "Clean: look", "Clean: read", "Clean: cached", "Clean"],
        "Clean: look": ["Clean", "Clean", "Clean: known"],
        "Clean: read": ["Clean", "Clean", "Clean: known"],
        "Clean: cached": ["Clean: done"],
        "Clean": [other, "Clean: ran"],
        other: ["Clean: ran"],
        "Clean: ran": ["Clean: unchanged"],
        "Clean: unchanged": ["Clean: done", "Clean: look again", "Clean: keep", "Clean: done"],
        "Clean: look again": ["Clean: done", "Clean: done", "Clean: unchanged"],
        "Clean: keep": ["Clean: done", "Clean: done", "Clean: done"],
        "Clean: done": ["Tell"],
        "Tell": [],
    }
    around = {name: one for name, one in states.items() if name.startswith("Clean: ")}
    del around["Clean: key"]
    # The CDK need not say it where the machine does.
    assert {one.get("QueryLanguage", "JSONata") for one in around.values()} == {"JSONata"}


def test_the_key_is_of_the_request_without_what_each_run_has_of_its_own(stack: cdk.Stack) -> None:
    """No job name, no role, no tag of the execution, no run in URIs; inputs are looked at."""
    step = step_with(
        stack, arguments=["--day", sfn.JsonPath.string_at("$.day")], tags={"team": "data"}
    )

    key = states_of(step)["Clean: key"]

    assert key == {
        "Type": "Pass",
        "Comment": "Cache of Clean: what it would do, and where to look",
        "Assign": {
            FOUND: {
                "Request": {
                    "ProcessingJobName": "-",
                    "ProcessingResources": {
                        "ClusterConfig": {
                            "InstanceCount": 1,
                            "InstanceType": "ml.m5.xlarge",
                            "VolumeSizeInGB": 30,
                        }
                    },
                    "AppSpecification": {
                        "ImageUri": IMAGE,
                        "ContainerArguments.$": "States.Array('--day', $.day)",
                    },
                    "RoleArn": "-",
                    "ProcessingInputs": [
                        {
                            "InputName": "input-1",
                            "S3Input": {
                                "S3Uri": "s3://raw/flights/",
                                "LocalPath": "/opt/ml/processing/input/raw",
                                "S3DataType": "S3Prefix",
                                "S3InputMode": "File",
                                "S3DataDistributionType": "FullyReplicated",
                                "S3CompressionType": "None",
                            },
                        }
                    ],
                    "ProcessingOutputConfig": {
                        "Outputs": [
                            {
                                "OutputName": "out",
                                "S3Output": {
                                    "S3Uri": f"{PLACE}/out/",
                                    "LocalPath": "/opt/ml/processing/output/out",
                                    "S3UploadMode": "EndOfJob",
                                },
                            }
                        ]
                    },
                    "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
                    "Tags": [{"Key": "team", "Value": "data"}],
                },
                "Fallbacks": [],
                "Inputs": ["s3://raw/flights/"],
                "Outputs": [{"Before": PLACE, "After": "/out/"}],
                **NOTHING_YET,
                "Until": 1,
            },
            f"{SOURCE}.$": "$$.Execution.Name",
        },
        "Next": "Clean: known",
    }


@BOTH
def test_who_reads_the_output_reads_the_source_runs(
    stack: cdk.Stack, language: sfn.QueryLanguage | None
) -> None:
    """Its own job writes to its own execution's place, as without a cache."""
    step = step_with(stack)
    reader = step_with(
        stack,
        "Read",
        cache=None,
        inputs=[processing.ProcessingInput(step.output("out"))],
        outputs=[],
    )

    states = states_of(step.next(reader), language)

    key, member = ("Arguments", "S3Uri") if language else ("Parameters", "S3Uri.$")
    read = states["Read"][key]["ProcessingInputs"][0]["S3Input"][member]
    outputs = states["Clean"][key]["ProcessingOutputConfig"]["Outputs"]
    run = "$states.context.Execution.Name" if language else "$$.Execution.Name"
    if language:
        assert read == f"{{% '{PLACE}' & ${SOURCE} & '/out/' %}}"
        assert outputs[0]["S3Output"]["S3Uri"] == f"{{% '{PLACE}' & {run} & '/out/' %}}"
    else:
        assert read == f"States.Format('{PLACE}{{}}/out/', ${SOURCE})"
        assert outputs[0]["S3Output"][member] == f"States.Format('{PLACE}{{}}/out/', {run})"


def test_the_machine_may_look_and_remember_and_no_more(stack: cdk.Stack) -> None:
    """It lists the inputs and outputs; records lie where no job may write."""
    storage = processing.ProcessingStorage(
        stack, "Storage", encryption_key=kms.Key(stack, "DataKey")
    )
    step = step_with(stack, storage=storage)
    plain = step_with(stack, "Plain", storage=storage, cache=None)

    def statements(of: processing.ProcessingStep) -> list[Any]:
        made: list[iam.PolicyStatement] = of._task_policies
        return [resolved(stack, one.to_statement_json()) for one in made]

    more = statements(step)[len(statements(plain)) :]
    assert more == [
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:<AWS::Partition>:s3:::raw",
            "Condition": {"StringLike": {"s3:prefix": ["flights/*"]}},
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:<AWS::Partition>:s3:::<StorageOutputsB8203D69>",
            "Condition": {"StringLike": {"s3:prefix": ["Prod/Clean/*"]}},
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:<AWS::Partition>:s3:::<StorageOutputsB8203D69>/.cache/Prod/Clean/*",
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "<DataKey17AFBB84>",
        },
    ]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"cache": 7}, "cache must be a cdk.Duration"),
        ({"cache": cdk.Duration.seconds(0)}, "cache must be at least a second"),
        ({"outputs": []}, "no output on S3"),
        (
            {"outputs": [processing.ProcessingOutput("out", destination="s3://b/fixed/")]},
            "must lie under the name of its execution",
        ),
        (
            {"outputs": [OUT, processing.ProcessingOutput("fg", feature_group_name="group")]},
            "goes to a feature group",
        ),
        (
            {"inputs": [processing.ProcessingInput("s3://raw/m", s3_data_type="ManifestFile")]},
            "is a list of objects",
        ),
        ({"arguments": ["--to=s3://other/place/"]}, "is told of 's3://other/place/'"),
        ({"environment": {"FROM": "s3a://other/"}}, "is told of 's3a://other/'"),
        ({"image_uri": IMAGE.replace(DIGEST, ":7")}, "name it by its digest"),
        (
            {"integration_pattern": sfn.IntegrationPattern.REQUEST_RESPONSE},
            "leave integration_pattern out",
        ),
        ({"result_path": "$.job"}, "result_path is of a job"),
        ({"assign": {"job": "x"}}, "assign is of a job"),
        ({"state_name": "n" * 70}, "at most 80 characters"),
    ],
)
def test_what_nobody_could_tell_is_refused(
    stack: cdk.Stack, options: dict[str, Any], told: str
) -> None:
    """Each with its way out."""
    with pytest.raises(processing.ValidationError, match=told.replace("$", r"\$")):
        step_with(stack, **options)


def test_a_query_is_refused(stack: cdk.Stack) -> None:
    """Its tables may have changed, and nothing in the bucket tells."""
    query = processing.AthenaDatasetDefinition(
        catalog="AwsDataCatalog",
        database="flights",
        query_string="SELECT 1",
        output_format="PARQUET",
        output_s3_uri="s3://raw/answers/",
    )
    with pytest.raises(processing.ValidationError, match="whether its tables changed: query in a"):
        step_with(stack, inputs=[processing.ProcessingInput(query)])


def test_a_place_whose_bucket_is_not_known_is_refused(stack: cdk.Stack) -> None:
    """Though the job's own role may read it: the state machine's role must list it."""
    role = iam.Role.from_role_arn(stack, "Own", "arn:aws:iam::111122223333:role/own")
    raw = processing.ProcessingInput(cdk.Fn.import_value("Raw"), "/opt/ml/processing/input/raw")
    with pytest.raises(processing.ValidationError) as error:
        step_with(stack, inputs=[raw], role=role)
    (problem,) = map(str, error.value.problems)
    assert problem.startswith("cache: the bucket of ")
    assert problem.endswith("write it as s3://<bucket>/ followed by the deploy-time value")


def test_an_image_of_the_app_is_known_by_its_hash(stack: cdk.Stack, tmp_path: Path) -> None:
    """The CDK's tag for it is of what it is made of."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "Dockerfile").write_text("FROM scratch\n")
    asset = ecr_assets.DockerImageAsset(stack, "Image", directory=str(tmp_path / "image"))

    states = states_of(step_with(stack, image_uri=None, image=asset))

    assert "Clean: key" in states


@pytest.mark.parametrize("late", ["tagged", "whole"])
def test_an_image_that_is_named_at_deploy_is_refused(stack: cdk.Stack, late: str) -> None:
    """Nobody knows at synth whether that is by a digest."""
    tag = cdk.CfnParameter(stack, "Tag").value_as_string
    uri = IMAGE.replace(DIGEST, f":{tag}") if late == "tagged" else tag
    with pytest.raises(processing.ValidationError, match="name it by its digest"):
        step_with(stack, image_uri=uri)


def test_an_output_named_in_an_argument_is_looked_at(stack: cdk.Stack) -> None:
    """The script reads it by itself, and the state machine sees what lies there."""
    first = step_with(stack)
    second = step_with(stack, "Read", arguments=[first.output("out")], inputs=[])

    key = states_of(first.next(second))["Read: key"]

    inputs = key["Assign"][found("Prod/Read")]["Inputs.$"]
    assert inputs == f"States.Array(States.Format('{PLACE}{{}}/out/', ${SOURCE}))"


def test_a_reader_outside_the_branch_is_refused(stack: cdk.Stack) -> None:
    """A variable of a branch is not seen after it."""
    step = step_with(stack)
    reader = step_with(
        stack,
        "Read",
        cache=None,
        inputs=[processing.ProcessingInput(step.output("out"))],
        outputs=[],
    )
    machine_of(sfn.Parallel(stack, "Both").branch(step).next(reader))

    with pytest.raises(RuntimeError, match="'Read' reads the output of the step 'Prod/Clean'"):
        cdk.App.of(stack).synth()  # type: ignore[union-attr] # a stack of an app


def test_a_reader_within_the_branch_is_not(stack: cdk.Stack) -> None:
    """Nor one in a branch after the step."""
    step, other = step_with(stack), step_with(stack, "Other")
    readers = [
        step_with(
            stack,
            name,
            cache=None,
            inputs=[processing.ProcessingInput(one.output("out"))],
            outputs=[],
        )
        for name, one in {"Read": step, "Read other": other}.items()
    ]
    machine_of(
        step.next(sfn.Parallel(stack, "Both").branch(readers[0]).branch(other.next(readers[1])))
    )

    cdk.App.of(stack).synth()  # type: ignore[union-attr] # a stack of an app


@pytest.mark.parametrize("waits", [False, True])
def test_from_steps_has_a_way_out_for_a_reader_of_two(stack: cdk.Stack, waits: bool) -> None:
    """The two would run beside each other: the message says to let one wait for the other."""
    cached = step_with(stack)
    beside = step_with(stack, "Beside", cache=None)
    reader = step_with(
        stack,
        "Read",
        cache=None,
        inputs=[
            processing.ProcessingInput(one.output("out"), input_name=one.node.id)
            for one in (cached, beside)
        ],
        outputs=[],
    )
    processing.ProcessingWorkflow.from_steps(
        stack,
        "Flow",
        steps=[cached, beside, reader],
        depends_on={beside: [cached]} if waits else {},
    )
    synth = cdk.App.of(stack).synth  # type: ignore[union-attr] # a stack of an app

    if waits:
        synth()
    else:
        said = "with from_steps, let what runs beside 'Prod/Clean' wait for it, by depends_on"
        with pytest.raises(RuntimeError, match=said):
            synth()


def test_iterations_that_would_mix_their_outputs_are_refused(stack: cdk.Stack) -> None:
    """Without a cache that is a warning."""
    mapped = sfn.Map(stack, "Each").item_processor(step_with(stack))
    machine_of(mapped)

    with pytest.raises(RuntimeError, match="nobody could tell whose it is"):
        cdk.App.of(stack).synth()  # type: ignore[union-attr] # a stack of an app


def test_without_a_cache_there_is_the_jobs_state_alone(stack: cdk.Stack) -> None:
    """No storage is made for records either."""
    outputs = [processing.ProcessingOutput("out", destination="s3://b/fixed/")]
    step = step_with(stack, cache=None, outputs=outputs)

    assert list(states_of(step)) == ["Clean"]
    assert stack.node.try_find_child("ProcessingStorage") is None


def test_files_of_this_machine_are_known_by_their_uris(stack: cdk.Stack, tmp_path: Path) -> None:
    """What the CDK publishes is named by the hash of what is in it: nothing is looked at."""
    (tmp_path / "main.py").write_text("print('x')\n")
    step = processing.SKLearnStep(
        stack, "Clean", code=tmp_path / "main.py", cache=WEEK, outputs=[OUT]
    )

    key = states_of(step)["Clean: key"]["Assign"][FOUND]

    assert key["Inputs"] == []
    assert ".d/code/main.py" in str(key["Request"]["ProcessingInputs"])
