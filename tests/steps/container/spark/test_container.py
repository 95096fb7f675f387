"""What PySpark and SparkJar steps put into SageMaker's Spark container."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import resolved, state_of, statements_of

INPUT = "/opt/ml/processing/input"
EVENT_LOGS = ["--local-spark-event-logs-dir", "/opt/ml/processing/spark-events/"]
DEFAULTS = {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A Python package that a job imports."""
    folder = tmp_path / "flights"
    folder.mkdir()
    (folder / "__init__.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """A jar, as far as the constructs are concerned."""
    path = tmp_path / "lib" / "b.jar"
    path.parent.mkdir()
    path.write_bytes(b"jar")
    return path


def parameters_of(step: processing.ProcessingStep) -> dict[str, Any]:
    """The request in the step's state."""
    parameters: dict[str, Any] = state_of(step)["Parameters"]
    return parameters


def staged(stack: cdk.Stack, name: str) -> bytes:
    """What is staged under a name."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    (path,) = Path(stage.outdir).glob(f"asset.*/{name}/file")
    return path.read_bytes()


def test_dependencies_from_s3_and_from_here_are_mixed(
    stack: cdk.Stack, script: Path, package: Path, jar: Path
) -> None:
    """S3 URIs come first, local files by their explicit paths: the only mix the container takes."""
    step = processing.PySparkStep(
        stack,
        "Features",
        submit_app=script,
        submit_py_files=[package, "s3://dep/p.zip"],
        submit_jars=["s3://dep/a.jar", jar],
        submit_files=[script],
        configuration=[DEFAULTS],
    )

    parameters = parameters_of(step)

    assert parameters["AppSpecification"]["ContainerEntrypoint"] == [
        "smspark-submit",
        *("--py-files", f"s3://dep/p.zip,{INPUT}/py-files/flights.zip"),
        *("--jars", f"s3://dep/a.jar,{INPUT}/jars/b.jar"),
        *("--files", f"{INPUT}/files/clean.py"),
        *EVENT_LOGS,
        f"{INPUT}/code/clean.py",
    ]
    inputs = {one["InputName"]: one["S3Input"] for one in parameters["ProcessingInputs"]}
    assert list(inputs) == ["py-files", "jars", "files", "conf", "code"]
    assert [one["LocalPath"] for one in inputs.values()] == [f"{INPUT}/{name}" for name in inputs]
    assert inputs["jars"]["S3Uri"].endswith(".d/jars/b.jar")
    archive = zipfile.ZipFile(io.BytesIO(staged(stack, "py-files/flights.zip")))
    assert "flights/__init__.py" in archive.namelist()


def test_the_job_may_read_what_spark_reads_by_itself(stack: cdk.Stack, script: Path) -> None:
    """A jar on S3 is no input of the job, but its role must be able to read it."""
    processing.PySparkStep(
        stack, "Features", submit_app=script, submit_jars=["s3://dep/libs/a.jar"]
    )

    (reads,) = [one for one in statements_of(stack, "FeaturesRole") if one["Sid"] == "ReadInputs"]

    assert "arn:<AWS::Partition>:s3:::dep/libs/a.jar*" in reads["Resource"]


def test_a_dependency_that_spark_would_leave_out_is_refused(stack: cdk.Stack, script: Path) -> None:
    """The container drops https:// from a list in silence."""
    with pytest.raises(processing.ValidationError, match="leaves out https://"):
        processing.PySparkStep(
            stack, "Features", submit_app=script, submit_jars=["https://repo.example.com/a.jar"]
        )


def test_event_logs_go_to_the_storage_all_along(stack: cdk.Stack, script: Path) -> None:
    """Flat in one prefix and with the trailing slash that the container counts on."""
    storage = processing.ProcessingStorage(stack, "Storage")
    step = processing.PySparkStep(stack, "Features", submit_app=script, storage=storage)

    outputs = resolved(stack, step.render_request())["ProcessingOutputConfig"]["Outputs"]

    assert outputs == [
        {
            "OutputName": "spark-event-logs",
            "S3Output": {
                "S3Uri": "s3://<StorageEventLogsC9857EF3>/spark-events/",
                "LocalPath": "/opt/ml/processing/spark-events/",
                "S3UploadMode": "Continuous",
            },
        }
    ]


def test_event_logs_go_where_they_are_told(stack: cdk.Stack, script: Path) -> None:
    """Then no storage is made for them; s3a is refused, as in the SageMaker SDK."""
    step = processing.PySparkStep(
        stack, "Features", submit_app=script, spark_event_logs_s3_uri="s3://logs/mine/"
    )

    (output,) = step.render_request()["ProcessingOutputConfig"]["Outputs"]
    assert output["S3Output"]["S3Uri"] == "s3://logs/mine/"
    assert stack.node.try_find_child("ProcessingStorage") is None
    with pytest.raises(processing.ValidationError, match="must begin with s3://"):
        processing.PySparkStep(
            stack, "Wrong", submit_app=script, spark_event_logs_s3_uri="s3a://logs/"
        )


def test_the_configuration_is_written_as_it_is_given(stack: cdk.Stack, script: Path) -> None:
    """One classification or a list of them, under the one name that the container reads."""
    processing.PySparkStep(stack, "Features", submit_app=script, configuration=DEFAULTS)

    assert json.loads(staged(stack, "conf/configuration.json")) == DEFAULTS


def test_a_list_too_long_for_an_option_moves_to_the_configuration(
    stack: cdk.Stack, script: Path
) -> None:
    """An item of the entrypoint holds 256 characters; Spark reads the same list as a property."""
    jars = [f"s3://dependencies/libraries/number-{at}.jar" for at in range(20)]
    step = processing.PySparkStep(
        stack,
        "Features",
        submit_app=script,
        submit_jars=jars,
        configuration=[DEFAULTS],
    )

    entrypoint = parameters_of(step)["AppSpecification"]["ContainerEntrypoint"]

    assert entrypoint == ["smspark-submit", *EVENT_LOGS, f"{INPUT}/code/clean.py"]
    assert json.loads(staged(stack, "conf/configuration.json")) == [
        {
            "Classification": "spark-defaults",
            "Properties": {"spark.executor.memory": "2g", "spark.jars": ",".join(jars)},
        }
    ]


def test_a_jar_runs_by_its_class(stack: cdk.Stack, jar: Path) -> None:
    """The class comes right after the command."""
    step = processing.SparkJarStep(
        stack, "Delays", submit_app=jar, submit_class="flights.Delays", arguments=["out"]
    )

    app = parameters_of(step)["AppSpecification"]

    assert app == {
        "ImageUri": (
            "571004829621.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu"
        ),
        "ContainerEntrypoint": [
            "smspark-submit",
            *("--class", "flights.Delays"),
            *EVENT_LOGS,
            f"{INPUT}/code/b.jar",
        ],
        "ContainerArguments": ["out"],
    }


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"Classification": "spark", "Properties": {}}, "must be one of core-site.*got 'spark'"),
        (
            {"Classification": "spark-defaults"},
            "Properties must be a mapping, which may be empty, got None",
        ),
        ({**DEFAULTS, "properties": {}}, "unknown key 'properties'"),
        (
            {
                "Classification": "spark-defaults",
                "Properties": {"spark.eventLog.rolling.enabled": "true"},
            },
            "rolling.enabled'\\] must not be true",
        ),
        (
            {
                "Classification": "spark-defaults",
                "Properties": {"spark.x": sfn.JsonPath.string_at("$.x")},
            },
            "not known at synth",
        ),
        (
            {"Classification": "spark-defaults", "Properties": {7: "x"}},
            "a property's name must be a string, got 7",
        ),
    ],
)
def test_a_configuration_that_the_container_would_not_take_is_refused(
    stack: cdk.Stack, script: Path, configuration: dict[str, Any], words: str
) -> None:
    """Otherwise the job would end with an error after minutes of starting."""
    with pytest.raises(processing.ValidationError, match=words):
        processing.PySparkStep(stack, "Wrong", submit_app=script, configuration=configuration)


def test_dependencies_that_are_not_there_are_refused_together(
    stack: cdk.Stack, tmp_path: Path
) -> None:
    """The application, a jar and an empty folder: three problems, one error."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(
            stack,
            "Wrong",
            submit_app="nowhere.py",
            submit_jars=["nowhere.jar"],
            submit_files=[tmp_path / "empty"],
        )

    assert [str(problem).split(":")[0] for problem in refused.value.problems] == [
        "submit_app",
        "submit_jars",
        "submit_files",
    ]


def test_two_files_of_one_name_are_refused(stack: cdk.Stack, script: Path, jar: Path) -> None:
    """In the container one would lie over the other."""
    (script.parent / "b.jar").write_bytes(b"another")

    with pytest.raises(processing.ValidationError, match="two files of one name"):
        processing.PySparkStep(
            stack, "Wrong", submit_app=script, submit_jars=[jar, script.parent / "b.jar"]
        )


def test_too_many_inputs_tell_how_many_are_the_steps_own(
    stack: cdk.Stack, script: Path, package: Path, jar: Path
) -> None:
    """Ten is all there is, and a Spark job with everything needs five of them."""
    inputs = [
        processing.ProcessingInput(f"s3://raw/{at}/", input_name=f"raw-{at}") for at in range(6)
    ]
    everything: dict[str, Any] = {
        "submit_app": script,
        "submit_py_files": [package],
        "submit_jars": [jar],
        "submit_files": [script],
        "configuration": DEFAULTS,
    }

    processing.PySparkStep(stack, "Right", inputs=inputs[:5], **everything)
    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(stack, "Wrong", inputs=inputs, **everything)

    (problem,) = refused.value.problems
    assert problem.member == "ProcessingInputs"
    assert problem.text.startswith("inputs must be 0 to 10 items, got 11")
    assert problem.text.endswith("; 5 are the step's own: py-files, jars, files, conf, code")


def test_an_item_of_the_entrypoint_that_is_too_long_tells_how_to_mend_it(
    stack: cdk.Stack, script: Path
) -> None:
    """256 characters: a class is renamed, a file too, an argument goes into a file."""
    long = script.parent / f"{'n' * 225}.jar"
    long.touch()

    with pytest.raises(processing.ValidationError) as refused:
        processing.SparkJarStep(
            stack, "Wrong", submit_app=long, submit_class="c" * 257, arguments=["a" * 257]
        )

    file, name, argument = map(str, refused.value.problems)
    assert "has 259 characters, more than the 256 of an item of the entrypoint: rename" in file
    assert name.startswith("submit_class must have at most 256 characters")
    assert "give a class of a shorter name that calls its main" in name
    assert argument.startswith("arguments[0] must be 0 to 256 characters, got 257")
    assert "put what is longer into a file, and give that as an input" in argument


def test_the_mode_of_executors_is_one_that_the_container_knows(
    stack: cdk.Stack, script: Path
) -> None:
    """It raises on another; what only the run knows may be right."""
    right = ["1", "2", sfn.JsonPath.string_at("$.mode"), "{% $mode %}"]
    for at, mode in enumerate(right):
        environment = {"AWS_SPARK_CONFIG_MODE": mode}
        processing.PySparkStep(stack, f"Right{at}", submit_app=script, environment=environment)

    with pytest.raises(processing.ValidationError, match="or '2', for executors of 5 cores, got"):
        processing.PySparkStep(
            stack, "Wrong", submit_app=script, environment={"AWS_SPARK_CONFIG_MODE": "3"}
        )


def test_what_is_wrong_with_a_spark_job_is_said_once(stack: cdk.Stack) -> None:
    """By the argument, and not again by the member of the request that it would become."""
    with pytest.raises(processing.ValidationError) as refused:
        processing.PySparkStep(
            stack, "Wrong", submit_app="s3a://code/app.txt", spark_event_logs_s3_uri="s3a://logs/"
        )

    assert [str(problem) for problem in refused.value.problems] == [
        "submit_app: 's3a://code/app.txt' must begin with s3://: SageMaker brings it, not Spark",
        "submit_app: 'app.txt' must end in .py: Spark takes a file of another name for a jar",
        "spark_event_logs_s3_uri must begin with s3://, got 's3a://logs/'",
    ]


def test_an_application_whose_name_spark_would_cut_is_refused(stack: cdk.Stack) -> None:
    """What follows a '#' is another name for the file to Spark."""
    with pytest.raises(processing.ValidationError, match=r"Spark cuts 'app#2\.py' off at the '#'"):
        processing.PySparkStep(stack, "Wrong", submit_app="s3://code/app#2.py")


def test_an_application_that_only_the_run_names_is_taken(stack: cdk.Stack) -> None:
    """Nobody can say at synth what is wrong with it."""
    app = f"s3://code/{sfn.JsonPath.string_at('$.app')}"
    step = processing.PySparkStep(stack, "Late", submit_app=app)
    entrypoint = parameters_of(step)["AppSpecification"]["ContainerEntrypoint.$"]
    assert f"States.Format('{INPUT}/code/{{}}', $.app)" in entrypoint


def test_what_spark_reads_from_s3_by_a_property_is_allowed(stack: cdk.Stack, script: Path) -> None:
    """A file of the image needs no permission."""
    jars = {"spark.jars": "local:///opt/own.jar, s3a://dependencies/a.jar"}
    processing.PySparkStep(
        stack,
        "Features",
        submit_app=script,
        configuration=[{"Classification": "spark-defaults", "Properties": jars}],
    )
    (read,) = [one for one in statements_of(stack, "FeaturesRole") if one["Sid"] == "ReadInputs"]
    assert read["Resource"][-1] == "arn:<AWS::Partition>:s3:::dependencies/a.jar*"
    assert "own.jar" not in str(read)
