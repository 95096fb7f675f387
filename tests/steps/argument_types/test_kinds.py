"""What a step says to a value of the wrong kind, which Python would meet deep inside."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.argument_types import wrong_kinds
from cdk_sagemaker_processing.steps.options import Options
from tests.support import state_of

LIST = sfn.JsonPath.list_at("$.days")
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a number among arguments": ({"arguments": ["--n", 5]}, "arguments[1] must be a string, got 5"),
    "a path among arguments": ({"arguments": [Path("x")]}, "write 'x'"),
    "a run-time number": ({"arguments": [sfn.JsonPath.number_at("$.n")]}, "write f'{...}'"),
    "arguments as one string": ({"arguments": "--n 5"}, "arguments must be a list of strings"),
    "arguments as a mapping": ({"arguments": {"--n": "5"}}, "must be a list of strings"),
    "a list within a list": ({"arguments": ["--days", *LIST]}, "can only be the whole list"),
    "a number in the environment": ({"environment": {"N": 1}}, "environment['N'] must be a string"),
    "a flag in the environment": ({"environment": {"N": True}}, "write 'true' or 'True'"),
    "environment as a list": ({"environment": [("N", "1")]}, "environment must be a mapping"),
    "names for outputs": ({"outputs": ["train"]}, "write processing.ProcessingOutput('train')"),
    "URIs for inputs": ({"inputs": ["s3://a/b"]}, "write processing.ProcessingInput('s3://a/b')"),
    "an input outside a list": ({"inputs": processing.ProcessingInput("s3://a")}, "must be a list"),
    "nothing as a source": (
        {"inputs": [processing.ProcessingInput("")]},
        "inputs[0]: source must be a path or an S3 URI, got ''",
    ),
    "a path as a destination": (
        {"outputs": [processing.ProcessingOutput("a", destination=Path("/x"))]},  # type: ignore[arg-type] # the point
        "outputs[0]: destination must be a string",
    ),
    "a name known late": (
        {"outputs": [processing.ProcessingOutput(sfn.JsonPath.string_at("$.name"))]},
        "output_name must be known at synth",
    ),
    "seconds as a runtime": ({"max_runtime": 60}, "write cdk.Duration.seconds(60)"),
    "a string as a count": ({"instance_count": "2"}, "instance_count must be a whole number"),
    "a size as a volume": (
        {"volume_size_in_gb": cdk.Size.gibibytes(30)},
        "write size.to_gibibytes()",
    ),
    "a number as a type": ({"instance_type": 5}, "instance_type must be a string"),
    "an ARN as a role": ({"role": "arn:aws:iam::1:role/x"}, "iam.Role.from_role_arn(self, 'Role'"),
    "a URI as a storage": ({"storage": "s3://x"}, "storage must be a ProcessingStorage"),
    "a base name known late": (
        {"base_job_name": sfn.JsonPath.string_at("$.name")},
        "base_job_name must be a string known at synth",
    ),
    "nothing as code": ({"code": ""}, "code must be a path or an S3 URI, got ''"),
    "a number as code": ({"code": 5}, "code must be a path or an S3 URI, got 5"),
    "a number as a version": ({"framework_version": 1.2}, "got 1.2, a float: write a string"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_value_of_another_kind_is_named_with_its_argument(
    stack: cdk.Stack, script: Path, case: str
) -> None:
    """The message has the construct's path, the argument, what came and what to write."""
    arguments, words = WRONG[case]

    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(stack, "Clean", **{"code": script, **arguments})

    assert str(refused.value).startswith("Prod/Clean (SKLearnStep): ")
    assert words in str(refused.value)


@pytest.mark.parametrize("kind", ["bucket", "step"])
def test_a_construct_as_a_source_is_answered_with_its_uri(
    stack: cdk.Stack, script: Path, kind: str
) -> None:
    """A bucket or a step stands for many places; the message says how to name one."""
    source, words = {
        "bucket": (s3.Bucket(stack, "Raw"), "write bucket.s3_url_for_object('prefix/')"),
        "step": (
            processing.SKLearnStep(stack, "Split", code=script),
            "write step.output('name')",
        ),
    }[kind]

    with pytest.raises(processing.ValidationError) as refused:
        processing.SKLearnStep(
            stack,
            "Clean",
            code=script,
            inputs=[processing.ProcessingInput(source)],  # type: ignore[arg-type] # the point of the test
        )

    assert words in str(refused.value)


def test_a_string_is_no_entrypoint(stack: cdk.Stack) -> None:
    """Taken for a list, it would be one of letters."""
    with pytest.raises(processing.ValidationError, match="entrypoint must be a list of strings"):
        processing.ProcessingStep(stack, "Run", image_uri="image", entrypoint="python3 x.py")


@pytest.mark.parametrize("image", ["", None])
def test_an_image_must_have_a_name(stack: cdk.Stack, image: Any) -> None:
    """An empty one is within the service model's limits, but names nothing."""
    with pytest.raises(processing.ValidationError, match="image_uri must be a string"):
        processing.ProcessingStep(stack, "Run", image_uri=image)


def test_a_jar_needs_a_class(stack: cdk.Stack, script: Path) -> None:
    """An empty one would be left out of the command, and Spark not know what to run."""
    with pytest.raises(processing.ValidationError, match="submit_class must be a string"):
        processing.SparkJarStep(stack, "Run", submit_app=script, submit_class="")


def test_a_folder_is_no_spark_application(stack: cdk.Stack, script: Path) -> None:
    """The message says how a Spark step takes a package, which is not source_dir."""
    with pytest.raises(processing.ValidationError, match=r"import.* as submit_py_files"):
        processing.PySparkStep(stack, "Run", submit_app=script.parent)


def test_event_logs_go_to_no_path(stack: cdk.Stack, script: Path) -> None:
    """Only to S3."""
    place: Any = Path("/logs")
    with pytest.raises(processing.ValidationError, match="must be an S3 URI"):
        processing.PySparkStep(stack, "Run", submit_app=script, spark_event_logs_s3_uri=place)


@pytest.mark.parametrize("argument", ["submit_py_files", "submit_jars", "submit_files"])
def test_a_string_is_no_list_of_files(stack: cdk.Stack, script: Path, argument: str) -> None:
    """Nor is it one for Spark."""
    given: dict[str, Any] = {argument: "lib.py"}
    with pytest.raises(processing.ValidationError, match=rf"{argument} must be a list.*'lib.py'\]"):
        processing.PySparkStep(stack, "Run", submit_app=script, **given)


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ("conf.json", "json.loads"),
        (["spark-defaults"], r"configuration\[0\] must be a mapping"),
        ({"Classification": "spark-defaults", "Properties": {"a": Path("x")}}, "must be a string"),
        (
            {
                "Classification": "spark-defaults",
                "Properties": {"a": sfn.JsonPath.number_at("$.n")},
            },
            "not known at synth",
        ),
        (
            {"Classification": "spark-defaults", "Properties": {"a": "{% $states.input.n %}"}},
            "not known at synth",
        ),
    ],
    ids=["file", "names", "path", "run-time number", "JSONata"],
)
def test_a_configuration_of_another_kind_is_refused(
    stack: cdk.Stack, script: Path, configuration: Any, words: str
) -> None:
    """What cannot be written into the container's file is found at synth."""
    with pytest.raises(processing.ValidationError, match=words):
        processing.PySparkStep(stack, "Run", submit_app=script, configuration=configuration)


def test_all_arguments_may_be_none_or_empty(stack: cdk.Stack, script: Path) -> None:
    """An empty list is left out of the request: the service refuses one."""
    step = processing.SKLearnStep(
        stack, "Clean", code=script, inputs=None, outputs=[], arguments=[], environment={}
    )

    app = state_of(step)["Parameters"]["AppSpecification"]
    assert "ContainerArguments" not in app


# Why a value of any kind is right.
ANY_KIND = {"state_output": "JSONata takes JSON of any shape as a state's output"}
NO_ARGUMENT: Any = object()


@pytest.mark.parametrize("name", [one.name for one in fields(Options)])
def test_every_argument_is_looked_at(name: str) -> None:
    """What fits none is told by the argument's name, or the argument takes anything."""
    found = wrong_kinds(Options(**{name: NO_ARGUMENT}))

    if name in ANY_KIND:
        assert found == []
    else:
        assert [one.text for one in found if one.text.startswith((f"{name} ", f"{name}:"))] == [
            one.text for one in found
        ]
        assert found


def test_the_defaults_are_right() -> None:
    """A step needs none of the arguments."""
    assert wrong_kinds(Options()) == []


@pytest.mark.parametrize(
    "name",
    [
        "comment",
        "state_name",
        "query_language",
        "assign",
        "result_path",
        "result_selector",
    ],
)
def test_a_word_of_the_state_is_named_with_the_construct(stack: cdk.Stack, name: str) -> None:
    """Before the CDK, which names neither, looks at it."""
    given: dict[str, Any] = {name: 5}
    with pytest.raises(
        processing.ValidationError, match=rf"Prod/Run \(ProcessingStep\): {name} must be .*got 5"
    ):
        processing.ProcessingStep(stack, "Run", image_uri="image", **given)


def test_all_wrong_kinds_are_told_at_once(stack: cdk.Stack) -> None:
    """With what is wrong with the image."""
    given: dict[str, Any] = {"image_uri": 5, "arguments": 5, "comment": 5, "tags": 5}
    with pytest.raises(processing.ValidationError) as refused:
        processing.ProcessingStep(stack, "Run", **given)

    assert len(refused.value.problems) == 4


def test_an_argument_that_there_is_not_is_refused_with_the_nearest(stack: cdk.Stack) -> None:
    """As Python does, and with a hint."""
    given: dict[str, Any] = {"enviroment": {}}
    with pytest.raises(TypeError, match=r"ProcessingStep\(\) .*'enviroment'; did you mean 'envi"):
        processing.ProcessingStep(stack, "Run", image_uri="image", **given)
